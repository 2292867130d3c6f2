import { bytes as bytesKind, choice, fields, filePath, optional, signature, text, whole } from "../arguments/index.js";
import { inNode } from "../in-node.js";
import type { Dataset } from "./dataset.js";
import { broken } from "./idx.js";
import { BINNING, type Binning } from "./series/event-dataset.js";
import type { Events } from "./series/events.js";
import type { StreamedDataset } from "./streamed/streamed-dataset.js";

/** Polarities, rows and columns of the sensor of N-MNIST. */
export const NMNIST_SENSOR = [2, 34, 34] as const;

export interface NmnistOptions extends Binning {
  /**
   * Folder of a split (`Train` or `Test`), with a folder per digit (`0` to `9`) of files `*.bin`. `readNmnist` also takes an archive of
   * such folders (tar, gzipped or not).
   */
  readonly folder: string;
  /** The split, where `folder` has the folders of both. */
  readonly split?: "Train" | "Test";
  /** Name in messages. Default: "n-mnist". */
  readonly name?: string;
  /** Number of samples: those with the first file names. Default: all. */
  readonly count?: number;
}

const OPTIONS = fields<NmnistOptions>(
  {
    folder: filePath,
    split: optional(choice(["Train", "Test"])),
    name: optional(text()),
    count: optional(whole(1)),
    ...BINNING,
  },
  { root: "options" },
);
const checkParse = signature("parseNmnist", { file: bytesKind, name: text() });
const checkRead = signature("readNmnist", { options: OPTIONS });
const checkStream = signature("streamNmnist", { options: OPTIONS });

/** Bytes of an event. */
const EVENT = 5;
/** Row of an event that marks an overflow of the sensor's clock, and the microseconds that it adds to all later times. */
const OVERFLOW_ROW = 240;
const OVERFLOW = 2 ** 13;

/**
 * Reads a recording of N-MNIST: five bytes per event, x; y; then 1 bit of polarity and 23 bits of time in microseconds,
 * big-endian. Source: G. Orchard, A. Jayawant, G. Cohen and N. Thakor, Frontiers in Neuroscience 9:437 (2015), and their
 * reading script.
 * @param name the file's name, for messages
 * @throws SpikevineError naming the file: not whole events, or an event outside the sensor
 */
export function parseNmnist(file: Uint8Array, name: string): Events {
  checkParse([file, name]);
  if (file.length % EVENT !== 0) {
    throw broken(name, `has ${file.length} bytes, not whole events of ${EVENT}`, "download it again");
  }
  const most = file.length / EVENT;
  const [x, y, p, t] = [new Uint16Array(most), new Uint16Array(most), new Uint8Array(most), new Uint32Array(most)];
  const [, height, width] = NMNIST_SENSOR;
  let count = 0;
  let added = 0;
  for (let at = 0; at < file.length; at += EVENT) {
    const [column, row, high, middle, low] = file.subarray(at, at + EVENT) as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    if (row === OVERFLOW_ROW) {
      added += OVERFLOW;
      continue;
    }
    const time = ((high & 0x7f) << 16) + (middle << 8) + low + added;
    if (column >= width || row >= height || time > 0xffffffff) {
      throw broken(
        name,
        `is not a recording of N-MNIST: its event ${at / EVENT} is at x ${column}, y ${row}, ${time} us`,
        `give files of a sensor of ${width} x ${height}`,
      );
    }
    x[count] = column;
    y[count] = row;
    p[count] = high >> 7;
    t[count] = time;
    count++;
  }
  return { x: x.slice(0, count), y: y.slice(0, count), p: p.slice(0, count), t: t.slice(0, count) };
}

/**
 * Reads recordings of N-MNIST into memory as a data set of events, in the order of their file names (of MNIST's images).
 * @throws SpikevineError naming the folder or file that is missing or broken
 */
export async function readNmnist(options: NmnistOptions): Promise<Dataset> {
  checkRead([options]);
  const { readNmnistFolder } = await inNode("readNmnist", () => import("./files/nmnist-folder.js"));
  return readNmnistFolder(options);
}

/**
 * The same data set, whose files are read when a batch needs them. `steps` is required, since the lengths of the recordings are not
 * known before.
 * @throws SpikevineError naming the folder that is missing or has no recordings
 */
export async function streamNmnist(options: NmnistOptions & { readonly steps: number }): Promise<StreamedDataset> {
  checkStream([options]);
  const { streamNmnistFolder } = await inNode("streamNmnist", () => import("./files/nmnist-folder.js"));
  return streamNmnistFolder(options);
}

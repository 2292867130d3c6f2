import { bytes, fields, optional, record, signature, text } from "../arguments/index.js";
import { inNode } from "../in-node.js";
import type { ArchiveEntry } from "./catalogue.js";
import type { ImageDataset } from "./dataset.js";
import { DOWNLOAD_OPTIONS } from "./download-options.js";
import { broken } from "./idx.js";
import { type MnistOptions, PLACES } from "./mnist.js";

/** Channels, height and width of an image. */
const SHAPE = [3, 32, 32] as const;
const PIXELS = 3 * 32 * 32;
/** A record is a label and an image. */
const RECORD = 1 + PIXELS;
const NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"] as const;

export interface Cifar10Options extends Omit<MnistOptions, "name" | "catalogue" | "dataDir"> {
  /**
   * A folder with the archive, or with the files `data_batch_*.bin` and `test_batch*.bin` (gzipped or not, all or some of them), or with
   * a folder `cifar-10` or `cifar-10-batches-bin` that has them. No other place is searched.
   */
  readonly dataDir?: string | undefined;
  /** Mirrors, size and checksum in place of the published ones. */
  readonly catalogue?: ArchiveEntry | undefined;
}

const checkParse = signature("parseCifar10", { file: bytes, name: text() });
const check = signature("loadCifar10", {
  options: optional(
    fields<Cifar10Options>(
      {
        ...DOWNLOAD_OPTIONS,
        ...PLACES,
        catalogue: optional(record("a catalogue, { mirrors, archive }")),
      },
      { root: "options" },
    ),
  ),
});

/**
 * Reads a file of CIFAR-10's binary version: records of one byte of label and 3,072 bytes of image, its red, green and blue channel one
 * after the other, row by row. The values are copied.
 * Source: A. Krizhevsky, "Learning multiple layers of features from tiny images" (2009), and the data set's page.
 * @param name the file's name, for messages
 * @returns bytes `[count, 3072]` of the shape `[3, 32, 32]`
 * @throws SpikevineError naming the file: not whole records, or a label above 9
 */
export function parseCifar10(file: Uint8Array, name: string): ImageDataset {
  checkParse([file, name]);
  return joinRecords([{ file, name }], "cifar-10");
}

/** Records of several files as one data set. */
export function joinRecords(
  parts: readonly { readonly file: Uint8Array; readonly name: string }[],
  name: string,
): ImageDataset {
  for (const part of parts) checkRecords(part.file, part.name);
  const count = parts.reduce((sum, { file }) => sum + file.length / RECORD, 0);
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  let sample = 0;
  for (const { file } of parts) {
    for (let at = 0; at < file.length; at += RECORD) {
      labels[sample] = file[at]!;
      images.set(file.subarray(at + 1, at + RECORD), sample * PIXELS);
      sample++;
    }
  }
  return { name, images, labels, count, pixels: PIXELS, classes: NAMES.length, classNames: NAMES, shape: SHAPE };
}

function checkRecords(file: Uint8Array, name: string): void {
  if (file.length === 0) throw broken(name, "is empty", "download it again");
  if (file.length % RECORD !== 0) {
    throw broken(name, `has ${file.length} bytes, not whole records of ${RECORD}`, "give CIFAR-10's binary version");
  }
  for (let at = 0; at < file.length; at += RECORD) {
    if (file[at]! < NAMES.length) continue;
    throw broken(
      name,
      `has the label ${file[at]} at sample ${at / RECORD}`,
      `labels go from 0 to ${NAMES.length - 1}; give CIFAR-10's binary version`,
    );
  }
}

/**
 * Loads CIFAR-10 (bytes `[count, 3072]` of the shape `[3, 32, 32]`): from `dataDir` if given; otherwise from `SPIKEVINE_DATA`, the cache
 * or the network, the first of these that has it.
 *
 * Files in a user's own folder only have to have whole records. The archive in the cache must have the published SHA-256.
 * @throws SpikevineError when a file is missing or broken, or if the download failed
 */
export async function loadCifar10(options: Cifar10Options = {}): Promise<{ train: ImageDataset; test: ImageDataset }> {
  check([options]);
  const { loadCifar10Files } = await inNode("loadCifar10", () => import("./files/cifar10-loader.js"));
  return loadCifar10Files(options);
}

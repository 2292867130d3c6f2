import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { SpikevineError } from "../../errors.js";
import { cannot } from "../../io/file-problem.js";
import { readFileBytes } from "../../io/read-file.js";
import type { Dataset } from "../dataset.js";
import { NMNIST_SENSOR, type NmnistOptions, parseNmnist } from "../nmnist.js";
import { eventDataset, microseconds } from "../series/event-dataset.js";
import type { Events } from "../series/events.js";
import { type StreamedDataset, streamedDataset } from "../streamed/streamed-dataset.js";

const CLASSES = 10;
const FIX = "give the folder Train or Test of N-MNIST, with a folder for each digit";
/** A recording has a few thousand events; a file this large has none of N-MNIST's. */
const LARGEST = 2 ** 26;

interface RecordingFile {
  readonly path: string;
  readonly label: number;
}

/** `readNmnist` without its check of the options. */
export async function readNmnistFolder(options: NmnistOptions): Promise<Dataset> {
  const files = await listFiles(options);
  return toDataset(options, files, await readFiles(files));
}

/** `streamNmnist` without its check of the options. */
export async function streamNmnistFolder(
  options: NmnistOptions & { readonly steps: number },
): Promise<StreamedDataset> {
  if (options.steps === undefined) {
    throw new SpikevineError(
      'streamNmnist: steps is missing; give the steps of a presentation, e.g. 300 for bin: "1 ms".',
    );
  }
  const files = await listFiles(options);
  const { name = NAME, steps, as = "spikes" } = options;
  return streamedDataset({
    name,
    count: files.length,
    pixels: NMNIST_SENSOR.reduce((a, b) => a * b, 1),
    classes: CLASSES,
    shape: NMNIST_SENSOR,
    form: { kind: as === "counts" ? "values" : "spikes", steps, bin: microseconds(options.bin) },
    async read(indices) {
      const wanted = Array.from(indices, (index) => files[index]!);
      return toDataset(options, wanted, await readFiles(wanted));
    },
  });
}

const NAME = "n-mnist";

function toDataset(options: NmnistOptions, files: readonly RecordingFile[], events: readonly Events[]): Dataset {
  const { folder: _, count: __, ...binning } = options;
  return eventDataset({
    name: NAME,
    ...binning,
    events,
    shape: NMNIST_SENSOR,
    labels: files.map(({ label }) => label),
    classes: CLASSES,
  });
}

/** Recordings of all digits, sorted by their file names. */
async function listFiles({ folder, count }: NmnistOptions): Promise<RecordingFile[]> {
  const found: (RecordingFile & { readonly file: string })[] = [];
  for (let label = 0; label < CLASSES; label++) {
    const digit = join(folder, String(label));
    try {
      for (const file of await readdir(digit)) {
        if (file.endsWith(".bin")) found.push({ file, path: join(digit, file), label });
      }
    } catch (error) {
      throw cannot("read", digit, error, FIX);
    }
  }
  if (found.length === 0) throw new SpikevineError(`data: "${folder}" has no recordings (*.bin); ${FIX}.`);
  if (count !== undefined && count > found.length) {
    throw new SpikevineError(
      `data: count is ${count}, but "${folder}" has ${found.length} recordings; give at most that.`,
    );
  }
  found.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.label - b.label));
  return found.slice(0, count);
}

async function readFiles(files: readonly RecordingFile[]): Promise<Events[]> {
  const events: Events[] = [];
  for (const { path } of files) {
    events.push(parseNmnist(await readFileBytes(path, { fix: "check the file", largest: LARGEST }), path));
  }
  return events;
}

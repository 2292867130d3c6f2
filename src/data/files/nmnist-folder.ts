import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { SpikevineError } from "../../errors.js";
import { cannot } from "../../io/file-problem.js";
import { readFileBytes } from "../../io/read-file.js";
import type { Dataset } from "../dataset.js";
import { broken } from "../idx.js";
import { NMNIST_SENSOR, type NmnistOptions, parseNmnist } from "../nmnist.js";
import { eventDataset, microseconds } from "../series/event-dataset.js";
import type { Events } from "../series/events.js";
import { type StreamedDataset, streamedDataset } from "../streamed/streamed-dataset.js";
import { tarFiles } from "./tar.js";
import { readUnpacked } from "./unpacked.js";

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
  const found = await stat(options.folder).catch((error: unknown) => {
    throw cannot("read", options.folder, error, FIX);
  });
  if (!found.isDirectory()) return readArchive(options);
  const files = await listFiles(options);
  return toDataset(options, files, await readFiles(files));
}

/** Most bytes of all recordings of an archive. */
const LARGEST_ARCHIVE = 2 ** 32;

async function readArchive(options: NmnistOptions): Promise<Dataset> {
  const { folder: archive, split, count } = options;
  const found = new Map<string, RecordingFile & { readonly events: Events; readonly file: string }>();
  const splits = new Set<string>();
  const wanted = (path: string): boolean => {
    const [, above, , file] = RECORDING.exec(path) ?? [];
    if (file === undefined || (split !== undefined && above !== split)) return false;
    splits.add(above ?? "");
    return true;
  };
  let size = 0;
  await readUnpacked(archive, FIX, async (chunks) => {
    for await (const { path, bytes } of tarFiles(chunks, archive, wanted, LARGEST)) {
      const [, , digit, file] = RECORDING.exec(path) as unknown as [string, string, string, string];
      if (splits.size > 1) {
        const what = `has recordings of ${[...splits].map((name) => `"${name}"`).join(" and ")}`;
        throw broken(archive, what, 'give split: "Train" or "Test"');
      }
      if (found.has(`${digit}/${file}`)) throw broken(archive, `has two files "${digit}/${file}"`, "download it again");
      size += bytes.length;
      if (size > LARGEST_ARCHIVE)
        throw broken(archive, `has more than ${LARGEST_ARCHIVE} bytes of events`, "unpack it");
      found.set(`${digit}/${file}`, {
        path,
        file,
        label: Number(digit),
        events: parseNmnist(bytes, `${archive}: ${path}`),
      });
    }
  });
  const recordings = chosen([...found.values()], archive, count);
  return toDataset(
    options,
    recordings,
    recordings.map(({ events }) => events),
  );
}

/** Path of a recording in an archive: the folder above, the digit and the name of the file. */
const RECORDING = /(?:^|(?:^|\/)([^/]*)\/)([0-9])\/([^/]+\.bin)$/;

/** `streamNmnist` without its check of the options. */
export async function streamNmnistFolder(
  options: NmnistOptions & { readonly steps: number },
): Promise<StreamedDataset> {
  if (options.steps === undefined) {
    throw new SpikevineError(
      'streamNmnist: steps is missing; give the steps of a presentation, e.g. 300 for bin: "1 ms".',
    );
  }
  if ((await stat(options.folder).catch(() => undefined))?.isFile()) {
    throw broken(options.folder, "is an archive, whose recordings cannot be read one by one", "unpack it");
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
  const { folder: _, count: __, split: ___, ...binning } = options;
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
async function listFiles({ folder: given, split, count }: NmnistOptions): Promise<RecordingFile[]> {
  const folder = split === undefined ? given : join(given, split);
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
  return chosen(found, folder, count);
}

/** The first recordings by the names of their files, which are numbered over all digits. */
function chosen<R extends RecordingFile & { readonly file: string }>(
  found: R[],
  folder: string,
  count: number | undefined,
): R[] {
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

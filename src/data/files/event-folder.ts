import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { SpikevineError } from "../../errors.js";
import { writeAtomically } from "../../io/atomic-file.js";
import { digestText } from "../../io/checksum.js";
import { parseSafetensors, serializeSafetensors, type Tensor } from "../../io/formats/safetensors.js";
import { makeFolder } from "../../io/make-folder.js";
import { readFileBytes } from "../../io/read-file.js";
import { parseAedat } from "../events/aedat.js";
import type { EventFileOptions } from "../events/event-files.js";
import { parseNpyEvents } from "../events/npy-events.js";
import { alignTime } from "../events/time.js";
import { broken } from "../idx.js";
import { eventDataset, microseconds } from "../series/event-dataset.js";
import type { Events } from "../series/events.js";
import { type StreamedDataset, streamedDataset } from "../streamed/streamed-dataset.js";
import { filesOfClass, readClassFolders } from "./class-folders.js";

/** Largest file of a recording, in bytes. */
const LARGEST = 2 ** 31;
const RECORDING = /\.(?:npy|aedat)$/i;
const FIX = "give a folder with one folder of recordings (.npy or .aedat) for each class";

/** Whether the first class of a folder has recordings of events. */
export async function hasRecordings(folder: string): Promise<boolean> {
  const [first] = await readClassFolders(folder, FIX);
  return first !== undefined && (await filesOfClass(folder, first, RECORDING, FIX)).length > 0;
}

interface Recording {
  readonly path: string;
  readonly label: number;
  /** Number in the data set. */
  readonly index: number;
}

/** Recordings of a folder, to be read at once or a few at a time. */
export async function eventFolder(where: string, options: EventFileOptions) {
  const { folder, sensor, steps, as = "spikes", bin, count } = options;
  if (options.cache !== undefined && options.cacheKey === undefined) {
    throw new SpikevineError(
      `${where}: cache is given without cacheKey; give the name of the transform, e.g. "denoised".`,
    );
  }
  if (options.cache === undefined && options.cacheKey !== undefined) {
    throw new SpikevineError(`${where}: cacheKey is given without cache; give the folder of the cache too.`);
  }
  const classNames = await readClassFolders(folder, FIX);
  const all: Recording[] = [];
  for (const [label, name] of classNames.entries()) {
    for (const path of await filesOfClass(folder, name, RECORDING, FIX)) all.push({ path, label, index: all.length });
  }
  if (all.length === 0) throw broken(folder, "has no recordings", FIX);
  if (count !== undefined && count > all.length) {
    throw new SpikevineError(
      `${where}: count is ${count}, but "${folder}" has ${all.length} recordings; give at most that.`,
    );
  }
  const files = all.slice(0, count);
  const name = basename(folder);
  const toDataset = async (wanted: readonly Recording[]) => {
    const events: Events[] = [];
    for (const recording of wanted) events.push(await readRecording(recording, options));
    const labels = wanted.map(({ label }) => label);
    const binning = { bin, as, ...(steps === undefined ? {} : { steps }) };
    const data = eventDataset({ name, events, shape: sensor, labels, classes: classNames.length, ...binning });
    return { ...data, classNames };
  };
  return {
    read: () => toDataset(files),
    stream(): StreamedDataset {
      if (steps === undefined) {
        throw new SpikevineError(
          `${where}: steps is missing; give the steps of a presentation, e.g. 100 for bin: "1 ms".`,
        );
      }
      return streamedDataset({
        name,
        count: files.length,
        pixels: sensor[0] * sensor[1] * sensor[2],
        classes: classNames.length,
        shape: sensor,
        form: { kind: as === "counts" ? "values" : "spikes", steps, bin: microseconds(bin) },
        read: (indices) => toDataset(Array.from(indices, (index) => files[index]!)),
      });
    },
  };
}

async function readRecording({ path, index }: Recording, options: EventFileOptions): Promise<Events> {
  const { cache, cacheKey, columns, unit } = options;
  const kept = cache === undefined ? undefined : join(cache, await cacheName(path, index, cacheKey!, options));
  if (kept !== undefined && (await stat(kept).catch(() => undefined))?.isFile()) return readKept(kept);
  const file = await readFileBytes(path, { fix: "check the file", largest: LARGEST });
  const read = /\.npy$/i.test(path)
    ? parseNpyEvents(file, path, { ...(columns ? { columns } : {}), ...(unit ? { unit } : {}) })
    : parseAedat(file, path);
  const events = (options.transform ?? alignTime)(read, index);
  if (kept !== undefined) {
    await makeFolder(cache!);
    await writeAtomically(kept, serializeSafetensors(new Map(Object.entries(events).map(asTensor))));
  }
  return events;
}

/** Name of a kept recording: it changes with the file, the transform's name and the way in which the file is read. */
async function cacheName(
  path: string,
  index: number,
  cacheKey: string,
  { columns, unit }: EventFileOptions,
): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${digestText(JSON.stringify([path, size, mtimeMs, index, cacheKey, columns, unit]))}.safetensors`;
}

const asTensor = ([name, data]: [string, Tensor["data"]]): [string, Tensor] => [name, { shape: [data.length], data }];

async function readKept(path: string): Promise<Events> {
  const { tensors } = parseSafetensors(await readFileBytes(path, { fix: "delete it", largest: 2 * LARGEST }), path);
  const [x, y, p, t] = ["x", "y", "p", "t"].map((name) => tensors.get(name)?.data);
  const isTime = t instanceof Float64Array || t instanceof Uint32Array;
  if (!(x instanceof Uint16Array) || !isTime) throw broken(path, "is no kept recording", "delete the file");
  return {
    x,
    ...(y instanceof Uint16Array ? { y } : {}),
    ...(p instanceof Uint8Array ? { p } : {}),
    t,
  };
}

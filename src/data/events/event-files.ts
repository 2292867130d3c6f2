import { callback, fields, filePath, optional, signature, text, whole } from "../../arguments/index.js";
import { inNode } from "../../in-node.js";
import type { Dataset } from "../dataset.js";
import { BINNING, type Binning } from "../series/event-dataset.js";
import type { Events } from "../series/events.js";
import type { StreamedDataset } from "../streamed/streamed-dataset.js";
import { SENSOR_KIND, type Sensor } from "./changes.js";
import { NPY_EVENTS, type NpyEventOptions } from "./npy-events.js";

export interface EventFileOptions extends Binning, NpyEventOptions {
  /** Folder with one folder per class of recordings: events of NumPy (`.npy`) or AEDAT 2.0 and 3.1 (`.aedat`). */
  readonly folder: string;
  /** Polarities, rows and columns of the recordings, after the transform. */
  readonly sensor: Sensor;
  /**
   * Applied to every recording when it is read, e.g. `(events) => denoise(events, { within: "10 ms" })`; `index` is its number in the data set.
   * Default: `alignTime`.
   */
  transform?(events: Events, index: number): Events;
  /** Folder in which recordings are kept after the transform, so that they are transformed once; `cacheKey` is required with it. */
  readonly cache?: string;
  /** Name of the transform in the cache; a change of the transform needs another name. */
  readonly cacheKey?: string;
  /** Recordings to read: the first of all, by class and name. Default: all. */
  readonly count?: number;
}

const OPTIONS = fields<EventFileOptions>(
  {
    folder: filePath,
    sensor: SENSOR_KIND,
    transform: optional(callback("a function from events to events")),
    cache: optional(filePath),
    cacheKey: optional(text()),
    count: optional(whole(1)),
    ...NPY_EVENTS,
    ...BINNING,
  },
  { root: "options" },
);
const checkRead = signature("readEventFiles", { options: OPTIONS });
const checkStream = signature("streamEventFiles", { options: OPTIONS });

/**
 * Reads the recordings of a folder into memory as a data set of events. The classes are its folders, in the order of their character codes;
 * links that lead out of the folder are refused.
 * @throws SpikevineError naming the folder or file that is missing or broken, or an event outside the sensor
 */
export async function readEventFiles(options: EventFileOptions): Promise<Dataset> {
  checkRead([options]);
  const { eventFolder } = await inNode("readEventFiles", () => import("../files/event-folder.js"));
  return (await eventFolder("readEventFiles", options)).read();
}

/**
 * The same data set, whose files are read when a batch needs them. `steps` is required, since the lengths of the recordings are not
 * known before.
 * @throws SpikevineError naming the folder that is missing or has no recordings
 */
export async function streamEventFiles(
  options: EventFileOptions & { readonly steps: number },
): Promise<StreamedDataset> {
  checkStream([options]);
  const { eventFolder } = await inNode("streamEventFiles", () => import("../files/event-folder.js"));
  return (await eventFolder("streamEventFiles", options)).stream();
}

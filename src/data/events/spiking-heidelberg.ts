import { bytes as bytesKind, fields, optional, signature, text, whole } from "../../arguments/index.js";
import type { Hdf5Array } from "../../io/hdf5/read.js";
import type { Dataset } from "../dataset.js";
import { broken } from "../idx.js";
import { BINNING, type Binning, eventDataset } from "../series/event-dataset.js";
import type { Events } from "../series/events.js";

export interface SpikingHeidelbergOptions extends Binning {
  /** Samples to read: the first of the file. Default: all. */
  readonly count?: number;
}

const check = signature("parseSpikingHeidelberg", {
  file: bytesKind,
  name: text(),
  options: fields<SpikingHeidelbergOptions>({ ...BINNING, count: optional(whole(1)) }, { root: "options" }),
});

/** Channels of the cochlea. */
const CHANNELS = 700;
const FIX = "give shd_train.h5, shd_test.h5, or a file of SSC";

/**
 * Reads the Spiking Heidelberg Digits or the Spiking Speech Commands: spikes of 700 channels of a cochlea, with times in seconds, which
 * are rounded to microseconds. Needs the package h5wasm.
 * @param name the file's name, for messages
 * @throws SpikevineError naming the file and what is missing or does not fit
 * Source: B. Cramer, Y. Stradmann, J. Schemmel and F. Zenke, IEEE TNNLS 33 (2022) 2744-2757 (arXiv 1910.07407).
 */
export async function parseSpikingHeidelberg(
  file: Uint8Array,
  name: string,
  options: SpikingHeidelbergOptions,
): Promise<Dataset> {
  check([file, name, options]);
  // HDF5 is a large library, loaded only for these files.
  const { withHdf5 } = await import("../../io/hdf5/read.js");
  const { times, units, labels, keys } = await withHdf5(file, name, async (hdf5) => {
    const read = async (...path: string[]): Promise<Hdf5Array["values"]> => {
      if ((await hdf5.kind(path)) !== "array") throw broken(name, `has no array "${path.join("/")}"`, FIX);
      return (await hdf5.read(path)).values;
    };
    const hasKeys = (await hdf5.kind(["extra", "keys"])) === "array";
    return {
      times: await read("spikes", "times"),
      units: await read("spikes", "units"),
      labels: await read("labels"),
      keys: hasKeys ? await read("extra", "keys") : undefined,
    };
  });
  const count = options.count ?? times.length;
  if (times.length !== units.length || labels.length !== times.length || count > times.length) {
    throw broken(
      name,
      `has ${times.length} samples of times, ${units.length} of units and ${labels.length} labels for a count of ${count}`,
      FIX,
    );
  }
  const events = Array.from({ length: count }, (_, i) => eventsOf(name, i, times[i], units[i]));
  const answers = Array.from({ length: count }, (_, i) => Number(labels[i]));
  const classNames = isTexts(keys) && keys.length <= 256 ? keys : undefined;
  const { count: _, ...binning } = options;
  const data = eventDataset({
    name: name.replace(/^.*[\\/]/, ""),
    ...binning,
    events,
    shape: [1, 1, CHANNELS],
    labels: answers,
    ...(classNames === undefined ? {} : { classes: classNames.length }),
  });
  return classNames === undefined ? data : { ...data, classNames };
}

const isTexts = (values: Hdf5Array["values"] | undefined): values is string[] =>
  Array.isArray(values) && values.length > 0 && values.every((value) => typeof value === "string");

/** One row of each array, whose numbers are not checked yet. */
function eventsOf(file: string, sample: number, times: unknown, units: unknown): Events {
  if (!isNumbers(times) || !isNumbers(units) || times.length !== units.length) {
    throw broken(file, `has a sample ${sample} whose times and units are no rows of equal length`, FIX);
  }
  const t = Float64Array.from(times, (seconds) => Math.round(Number(seconds) * 1e6));
  const x = Uint16Array.from(units, Number);
  const bad = t.findIndex(
    (time, i) => !(time >= 0 && Number.isFinite(time)) || Number(units[i]) !== x[i] || x[i]! >= CHANNELS,
  );
  if (bad < 0) return { x, t };
  throw broken(file, `has a spike of channel ${units[bad]} at ${times[bad]} s in sample ${sample}`, FIX);
}

const isNumbers = (row: unknown): row is Float32Array => ArrayBuffer.isView(row) && !(row instanceof DataView);

import { dataIdentity } from "../checkpoint/index.js";
import { bitsOf } from "../device/index.js";
import { SpikevineError } from "../errors.js";
import { sha256 } from "../io/sha256.js";
import { type Point, type Setting, type Settings, sweepPoint } from "../sweep/index.js";
import { version } from "../version.js";
import { type Field, fields } from "./fields.js";
import type { ExperimentData } from "./load-data.js";
import { parseExperiment, storedStyle } from "./parse.js";
import type { Experiment } from "./schema.js";

/** Fields for output, logging and threads, which do not change the results of a training. */
const WITHOUT_EFFECT = ["out", "logLevel", "threads", "checkpoint.every", "checkpoint.keep"];

/** Fields that are settings of a sweep point: all that the results of a training depend on, without the seed. */
export const pointFields: readonly Field[] = fields.filter(
  ({ path }) => path !== "seed" && !WITHOUT_EFFECT.includes(path),
);

/** Setting that holds the version of Spikevine, so that results of another version are not used as this one's. */
const VERSION = "spikevine";

/** Setting that holds the checksum of the data, since the files in a data folder may change. */
const DATA = "data.sha256";

/** Setting that holds the device whose bits the results are, since `auto` takes different devices on different machines. */
const BITS = "device.bits";

/** Settings besides the experiment that the results of a point depend on. */
export const ORIGIN: readonly string[] = [VERSION, DATA, BITS];

/** Checksum of all data that an experiment trains and tests on. */
export const dataChecksum = ({ train, validation, test }: ExperimentData): string =>
  sha256(...[train, validation, test].map((set) => JSON.stringify(set === undefined ? null : dataIdentity(set))));

/**
 * Checks that the data are those that a point was created for.
 * @throws SpikevineError if they are not
 */
export function checkData({ id, settings }: Point, data: ExperimentData): void {
  const sum = dataChecksum(data);
  if (settings[DATA] === sum) return;
  throw new SpikevineError(
    `point ${id}: the checksum of the data is ${sum} and was ${String(settings[DATA])} when the sweep began; restore the files, or start the sweep again.`,
  );
}

/**
 * Checks that a device gives the bits of the device that a point was created for.
 * @throws SpikevineError if it does not
 */
export function checkDevice({ id, settings }: Point, device: string): void {
  const bits = settings[BITS];
  if (bits === bitsOf(device)) return;
  throw new SpikevineError(
    `point ${id}: the device is ${device} here and was ${String(bits)} when the sweep began, which gives other bits; run the point where ${String(bits)} is available, or start the sweep again with --device ${device}.`,
  );
}

/**
 * Converts an experiment to a point of a sweep, with its fields by path.
 * @param data checksum of its data
 * @param device name of the device that trains it
 */
export function experimentPoint(experiment: Experiment, data: string, device: string): Point {
  const settings: Record<string, Setting> = { [VERSION]: version(), [DATA]: data, [BITS]: bitsOf(device) };
  for (const { path, keys } of pointFields) {
    settings[path] = keys.reduce<unknown>((value, key) => (value as Settings)[key], experiment) as Setting;
  }
  return sweepPoint(settings, experiment.seed);
}

/**
 * Experiment of a point.
 * @throws SpikevineError if a setting is not a field of an experiment
 */
export function pointExperiment({ id, settings, seed }: Point): Experiment {
  const experiment: Record<string, unknown> = { seed };
  for (const [path, value] of Object.entries(settings)) {
    if (ORIGIN.includes(path)) continue;
    const [last, ...above] = path.split(".").reverse();
    let target = experiment;
    for (const key of above.reverse()) {
      target[key] ??= {};
      target = target[key] as Record<string, unknown>;
    }
    target[last!] = value;
  }
  return parseExperiment(experiment, `point ${id}`, storedStyle);
}

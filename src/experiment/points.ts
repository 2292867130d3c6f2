import { dataIdentity } from "../checkpoint/index.js";
import { SpikevineError } from "../errors.js";
import { sha256 } from "../io/sha256.js";
import { type Point, type Setting, type Settings, sweepPoint } from "../sweep/index.js";
import { version } from "../version.js";
import { type Field, fields } from "./fields.js";
import type { ExperimentData } from "./load-data.js";
import { parseExperiment, storedStyle } from "./parse.js";
import type { Experiment } from "./schema.js";

/** Fields that say where a training is kept, how it is shown and what shares its work: none of them changes its figures. */
const WITHOUT_EFFECT = ["out", "logLevel", "threads", "checkpoint.every", "checkpoint.keep"];

/** Fields that a point of a sweep has as its settings: all that the figures of a training depend on but the seed. */
export const pointFields: readonly Field[] = fields.filter(
  ({ path }) => path !== "seed" && !WITHOUT_EFFECT.includes(path),
);

/** Setting that is the version of Spikevine: what another version has computed is not taken for this one's. */
const VERSION = "spikevine";

/** Setting that is the checksum of the data: a folder of data may have other files in it by now. */
const DATA = "data.sha256";

/** Settings that say where the figures of a point come from, besides its experiment. */
export const ORIGIN: readonly string[] = [VERSION, DATA];

/** Checksum of all that an experiment trains and tests on. */
export const dataChecksum = ({ train, validation, test }: ExperimentData): string =>
  sha256(...[train, validation, test].map((set) => JSON.stringify(set === undefined ? null : dataIdentity(set))));

/**
 * Whether data are those that a point was made for.
 * @throws SpikevineError where they are not
 */
export function checkData({ id, settings }: Point, data: ExperimentData): void {
  const sum = dataChecksum(data);
  if (settings[DATA] === sum) return;
  throw new SpikevineError(
    `point ${id}: the checksum of the data is ${sum} and was ${String(settings[DATA])} when the sweep began; put the files back, or begin the sweep again.`,
  );
}

/**
 * An experiment as a point of a sweep, with its fields by their path.
 * @param data checksum of its data
 */
export function experimentPoint(experiment: Experiment, data: string): Point {
  const settings: Record<string, Setting> = { [VERSION]: version(), [DATA]: data };
  for (const { path, keys } of pointFields) {
    settings[path] = keys.reduce<unknown>((value, key) => (value as Settings)[key], experiment) as Setting;
  }
  return sweepPoint(settings, experiment.seed);
}

/**
 * The experiment that a point is of.
 * @throws SpikevineError where a setting is none of an experiment
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

import { type Point, type Setting, type Settings, sweepPoint } from "../sweep/index.js";
import { version } from "../version.js";
import { type Field, fields } from "./fields.js";
import { parseExperiment } from "./parse.js";
import type { Experiment } from "./schema.js";

/** Fields that say where a training is kept, how it is shown and what shares its work: none of them changes its figures. */
const WITHOUT_EFFECT = ["out", "logLevel", "threads", "checkpoint.every", "checkpoint.keep"];

/** Fields that a point of a sweep has as its settings: all that the figures of a training depend on but the seed. */
export const pointFields: readonly Field[] = fields.filter(
  ({ path }) => path !== "seed" && !WITHOUT_EFFECT.includes(path),
);

/** Setting that is the version of Spikevine: what another version has computed is not taken for this one's. */
const VERSION = "spikevine";

/** An experiment as a point of a sweep, with its fields by their path. */
export function experimentPoint(experiment: Experiment): Point {
  const settings: Record<string, Setting> = { [VERSION]: version() };
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
    if (path === VERSION) continue;
    const [last, ...above] = path.split(".").reverse();
    let target = experiment;
    for (const key of above.reverse()) {
      target[key] ??= {};
      target = target[key] as Record<string, unknown>;
    }
    target[last!] = value;
  }
  return parseExperiment(experiment, `point ${id}`);
}

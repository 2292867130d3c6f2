import { fields, isTyped, kind, optional, type RequiredKind, whole } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { filled } from "../filled.js";
import { readLabels } from "./labels.js";

/** Values that the outputs of a network should have: for each sample, or for each step of a sample. */
export interface Targets {
  /** `[count, width]`, or `[count, steps, width]`. */
  readonly values: Float32Array;
  /** Values per sample, or per step: the outputs of the network. */
  readonly width: number;
  /** Steps of a presentation; left out if there is one row per sample. */
  readonly steps?: number;
}

/** Form of the targets of streamed samples. */
export type TargetForm = Omit<Targets, "values">;

export const TARGET_FORM: RequiredKind = fields<TargetForm>({ width: whole(1), steps: optional(whole(1)) });

/** Targets as they are given. */
export interface TargetOptions {
  /** `[count, width]`, or with `steps` `[count, steps, width]`. */
  readonly values: ArrayLike<number>;
  readonly width: number;
  readonly steps?: number;
}

/** Targets as an option of a data set. */
export const TARGETS: RequiredKind = fields<TargetOptions>({
  values: kind("the target values, as a typed array or a list", (value) => Array.isArray(value) || isTyped(value)),
  width: whole(1),
  steps: optional(whole(1)),
});

/** The labels or targets of a data set, at least one of the two. */
interface Answers {
  readonly labels: Uint8Array;
  readonly classes: number;
  readonly count: number;
  readonly targets?: Targets;
}

/**
 * Labels and targets as a data set stores them. A data set without labels has no classes.
 * @throws SpikevineError if both are missing, are invalid, or differ in their number
 */
export function readAnswers(options: {
  readonly labels?: ArrayLike<number> | undefined;
  readonly classes?: number | undefined;
  readonly targets?: TargetOptions | undefined;
}): Answers {
  const { labels: given, classes, targets } = options;
  if (given === undefined && targets === undefined) {
    throw new SpikevineError(
      "data: labels is missing; give the classes of the samples, or targets: { values, width }.",
    );
  }
  const labeled = given === undefined ? { labels: new Uint8Array(0), classes: 0 } : readLabels(given, classes);
  if (targets === undefined) return { ...labeled, count: labeled.labels.length };
  const { values, width, steps } = targets;
  const perSample = width * (steps ?? 1);
  const count = values.length / perSample;
  if (!Number.isInteger(count) || count === 0 || (given !== undefined && count !== labeled.labels.length)) {
    const wanted = given === undefined ? "count" : labeled.labels.length;
    throw new SpikevineError(
      `data: targets.values has ${values.length} numbers; give ${wanted} * ${steps === undefined ? "" : `${steps} steps * `}${width} of them.`,
    );
  }
  const stored = filled(new Float32Array(values.length), values, (value) => value);
  const bad = stored.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new SpikevineError(`data: targets.values[${bad}] is ${values[bad]}; give finite numbers.`);
  return { ...labeled, count, targets: { values: stored, width, ...(steps === undefined ? {} : { steps }) } };
}

/** Numbers of targets per sample. */
export const targetsPerSample = ({ width, steps = 1 }: Targets): number => width * steps;

/** The targets of the samples from `start` up to, but not including, `end`; memory is shared. */
export function sliceTargets(targets: Targets, start: number, end: number): Targets {
  const size = targetsPerSample(targets);
  return { ...targets, values: targets.values.subarray(start * size, end * size) };
}

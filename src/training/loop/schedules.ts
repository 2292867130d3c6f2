import { callback, fields, number, optional, signature } from "../../arguments/index.js";

/** Factor of the learning rate at a point of training; `epoch` counts from 0 and is fractional within an epoch. */
export type Schedule = (at: { readonly epoch: number; readonly epochs: number }) => number;

interface StepDecayOptions {
  /** Epochs between two reductions. */
  readonly every: number;
  readonly factor: number;
}

interface CosineOptions {
  /** Default: 0. */
  readonly floor?: number;
}

interface WarmupOptions {
  readonly epochs: number;
  /** Default: constant. */
  readonly then?: Schedule;
}

/** A schedule as an option. */
export const SCHEDULE = callback("a schedule, e.g. cosineDecay()");

const checkStepDecay = signature("schedule", {
  options: fields<StepDecayOptions>(
    {
      every: number({ above: 0 }, "a number of epochs above 0"),
      factor: number({ above: 0, most: 1 }, "a number in (0, 1]"),
    },
    { root: "options" },
  ),
});
const checkCosine = signature("schedule", {
  options: fields<CosineOptions>(
    { floor: optional(number({ least: 0, most: 1 }, "a number in [0, 1]")) },
    { root: "options" },
  ),
});
const checkWarmup = signature("schedule", {
  // biome-ignore lint/suspicious/noThenProperty: the schedule that follows
  options: fields<WarmupOptions>({ epochs: number({ above: 0 }), then: optional(SCHEDULE) }, { root: "options" }),
});

/** The constant learning rate. */
export const constantSchedule = (): Schedule => () => 1;

/**
 * Multiplies the learning rate by `factor` after every `every` epochs.
 * @throws SpikevineError if `every` is not above 0 or `factor` not in (0, 1].
 */
export function stepDecay(options: StepDecayOptions): Schedule {
  checkStepDecay([options]);
  const { every, factor } = options;
  return ({ epoch }) => factor ** Math.floor(epoch / every);
}

/**
 * Falls from 1 to `floor` along half a cosine. Source: Loshchilov and Hutter 2017, eq. 5, without restarts.
 * @throws SpikevineError if `floor` is outside [0, 1].
 */
export function cosineDecay(options: CosineOptions = {}): Schedule {
  checkCosine([options]);
  const { floor = 0 } = options;
  return ({ epoch, epochs }) => floor + ((1 - floor) * (1 + Math.cos((Math.PI * epoch) / epochs))) / 2;
}

/**
 * Rises linearly from 0 over the first `epochs`, then follows `then`.
 * @throws SpikevineError if `epochs` is not above 0.
 */
export function linearWarmup(options: WarmupOptions): Schedule {
  checkWarmup([options]);
  const then = options.then ?? constantSchedule();
  return (at) => Math.min(1, at.epoch / options.epochs) * then(at);
}

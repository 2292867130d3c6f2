import { SpikevineError } from "../errors.js";

/** Multiplies the learning rate at a point of training; `epoch` counts from 0 and is fractional within an epoch. */
export type Schedule = (at: { readonly epoch: number; readonly epochs: number }) => number;

/** The learning rate as given, throughout. */
export const constant = (): Schedule => () => 1;

/**
 * Multiplied by `factor` after every `every` epochs.
 * @throws SpikevineError if `every` is not above 0 or `factor` not in (0, 1].
 */
export function stepDecay({ every, factor }: { every: number; factor: number }): Schedule {
  if (!(every > 0)) throw new SpikevineError(`schedule: every is ${every}; give a number of epochs above 0.`);
  if (!(factor > 0 && factor <= 1)) throw new SpikevineError(`schedule: factor is ${factor}; give a number in (0, 1].`);
  return ({ epoch }) => factor ** Math.floor(epoch / every);
}

/**
 * Falls from 1 to `floor` along half a cosine. Source: Loshchilov and Hutter 2017, eq. 5, without restarts.
 * @throws SpikevineError if `floor` is outside [0, 1].
 */
export function cosine({ floor = 0 }: { floor?: number } = {}): Schedule {
  if (!(floor >= 0 && floor <= 1)) throw new SpikevineError(`schedule: floor is ${floor}; give a number in [0, 1].`);
  return ({ epoch, epochs }) => floor + ((1 - floor) * (1 + Math.cos((Math.PI * epoch) / epochs))) / 2;
}

/**
 * Rises linearly from 0 over the first `epochs`, then follows `then`.
 * @throws SpikevineError if `epochs` is not above 0.
 */
export function warmup(options: { epochs: number; then?: Schedule }): Schedule {
  if (!(options.epochs > 0)) throw new SpikevineError(`schedule: epochs is ${options.epochs}; give a number above 0.`);
  const then = options.then ?? constant();
  return (at) => Math.min(1, (at.epoch + 1e-3) / options.epochs) * then(at);
}

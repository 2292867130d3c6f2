import { whole } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";

/** Draws are keyed by 32 bits of the seed; a larger or negative seed would repeat the draws of another seed. */
export const LARGEST_SEED = 0xffffffff;

/** A seed as an argument. */
export const SEED = whole(0, LARGEST_SEED);

/** @throws SpikevineError unless the seed is a whole number that has draws of its own. */
export function checkSeed(seed: number, where: string): number {
  if (Number.isInteger(seed) && seed >= 0 && seed <= LARGEST_SEED) return seed;
  throw new SpikevineError(`${where} is ${String(seed)}; give a whole number from 0 to ${LARGEST_SEED}.`);
}

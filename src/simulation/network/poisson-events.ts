import { SpikevineError } from "../../errors.js";
import type { Clock } from "../clock.js";

/** Largest mean number of Poisson events per step; for more, the step should be shorter. */
const MOST_EVENTS = 20;

/** Probabilities below this are drawn with more than 24 bits, which would round them by more than one part in 8,000. */
export const RARE = 2 ** -12;

/**
 * The Poisson distribution from one uniform draw u: either the numbers in [0, 1) from which on u means at least 1, 2, 3
 * ... events, rounded to the 24 bits of a draw; or, for rare events, the corresponding probabilities, which are
 * compared with 1 - u.
 */
export type PoissonEvents = { readonly thresholds: readonly number[] } | { readonly rare: readonly number[] };

/**
 * @param rate Events per ms.
 * @throws SpikevineError for a rate that is negative or has too many events per step.
 */
export function meanEvents(rate: number, shown: string, clock: Clock, where: string): number {
  const mean = rate * clock.dt;
  if (mean >= 0 && mean <= MOST_EVENTS) return mean;
  throw new SpikevineError(
    `${where}: a rate of ${shown} is ${mean} events per step; give a rate from 0 to ${(1000 * MOST_EVENTS) / clock.dt} Hz.`,
  );
}

/** @param mean Mean number of events per step. */
export function poissonEvents(mean: number): PoissonEvents {
  if (mean < RARE) {
    // 1 - exp(-m), 1 - exp(-m) (1 + m), ...: the first terms of their series are exact to the last bit or two here.
    const rare = [mean - mean ** 2 / 2 + mean ** 3 / 6, mean ** 2 / 2 - mean ** 3 / 3, mean ** 3 / 6];
    return { rare: rare.filter((probability) => probability > 2 ** -56).map(Math.fround) };
  }
  const thresholds: number[] = [];
  let probability = Math.exp(-mean);
  let sum = probability;
  for (let k = 1; sum < 1 - 2 ** -25; k++) {
    thresholds.push(Math.round(sum * 2 ** 24) / 2 ** 24);
    probability *= mean / k;
    sum += probability;
    if (probability < 2 ** -30 && k > mean) break;
  }
  return { thresholds: thresholds.filter((threshold) => threshold < 1) };
}

/** The probability of at least k events. */
export function poissonTail(mean: number, k: number): number {
  let term = Math.exp(-mean);
  for (let n = 1; n <= k; n++) term *= mean / n;
  let sum = 0;
  for (let n = k + 1; term > sum * 2 ** -54; n++) {
    sum += term;
    term *= mean / n;
  }
  return sum;
}

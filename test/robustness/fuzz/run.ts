import fc from "fast-check";
import { expect } from "vitest";
import { SpikevineError } from "#spikevine/src/errors";

/** Cases of each target: 500 in the tests, more by `npm run fuzz`. */
export const CASES = Number(process.env.SPIKEVINE_FUZZ_CASES ?? 500);
const seed = process.env.SPIKEVINE_FUZZ_SEED;

/** Largest time of one case, in milliseconds, on a busy machine. */
const SLOW = 5000;

/** A reader of external data. */
export interface Target<T> {
  readonly name: string;
  readonly input: fc.Arbitrary<T>;
  /** Number of cases, if a case takes long. */
  readonly cases?: number;
  /** Largest time of one case, in milliseconds, if the reader has a time limit of its own. */
  readonly slowest?: number;
  /** Reads, and checks the result; throws the reader's error. */
  read(input: T): unknown;
}

/**
 * Reads many inputs: each gives the right value or a SpikevineError, soon, and does not change the objects that all
 * code shares.
 */
export async function fuzz<T>({ input, read, cases = CASES, slowest = SLOW }: Target<T>): Promise<void> {
  const shared = Object.getOwnPropertyNames(Object.prototype).sort().join();
  await fc.assert(
    fc.asyncProperty(input, async (value) => {
      const began = performance.now();
      try {
        await read(value);
      } catch (error) {
        if (!(error instanceof SpikevineError)) throw error;
        expect(error.message.length, "a message that a person can read").toBeLessThan(20_000);
      }
      expect(performance.now() - began).toBeLessThan(slowest);
      expect(Object.getOwnPropertyNames(Object.prototype).sort().join()).toBe(shared);
      expect(globalThis).not.toHaveProperty("hacked");
    }),
    { numRuns: cases, seed: seed === undefined ? 6 : Number(seed) },
  );
}

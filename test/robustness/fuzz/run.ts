import fc from "fast-check";
import { expect } from "vitest";
import { SpikevineError } from "#spikevine/src/errors";

/** Cases of each target: 500 in the tests, more by `npm run fuzz`. */
export const CASES = Number(process.env.SPIKEVINE_FUZZ_CASES ?? 500);
const seed = process.env.SPIKEVINE_FUZZ_SEED;

/** Milliseconds of one case that are too many, on a machine that does other things besides. */
const SLOW = 5000;

/** Something that reads what others wrote. */
export interface Target<T> {
  readonly name: string;
  readonly input: fc.Arbitrary<T>;
  /** How many, where a case takes long. */
  readonly cases?: number;
  /** Reads, and checks what was read; throws whatever the reader throws. */
  read(input: T): unknown;
}

/**
 * Reads many inputs: each gives the right value or a SpikevineError, soon, and leaves nothing behind in the objects that all
 * code shares.
 */
export async function fuzz<T>({ input, read, cases = CASES }: Target<T>): Promise<void> {
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
      expect(performance.now() - began).toBeLessThan(SLOW);
      expect(Object.getOwnPropertyNames(Object.prototype).sort().join()).toBe(shared);
      expect(globalThis).not.toHaveProperty("hacked");
    }),
    { numRuns: cases, seed: seed === undefined ? 6 : Number(seed) },
  );
}

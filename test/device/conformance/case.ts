import type { Plan, RunInputs } from "#spikevine/src/device/contract";
import { drawUniform, rowKey } from "#spikevine/src/random/counter";

/** One plan to run on every device, and the names of the arrays to compare afterwards. */
export interface ConformanceCase {
  readonly name: string;
  readonly plan: Plan;
  /** Initial values of tensors; the others start at 0. */
  readonly tensors: Readonly<Record<string, Float32Array>>;
  readonly runs: readonly { readonly procedure: string; readonly inputs: RunInputs }[];
  /** Tensors to read after the last run. */
  readonly compareTensors: readonly string[];
  /** Whether to read every readable signal of the procedure after each run. */
  readonly compareSignals: boolean;
}

/** Numbers in [low, high), the same for the same seed and name on every machine. */
export function numbers(length: number, seed: number, name: string, low = -1, high = 1): Float32Array {
  const key = rowKey(seed, ...[...name].map((character) => character.charCodeAt(0)));
  return Float32Array.from({ length }, (_, n) => low + (high - low) * drawUniform(key, n));
}

/** Identities of samples that are neither in order nor small, as those of a shuffled data set. */
export const identities = (samples: number, seed: number): Uint32Array =>
  Uint32Array.from({ length: samples }, (_, n) => (n * 7919 + seed * 104729 + 13) >>> 0);

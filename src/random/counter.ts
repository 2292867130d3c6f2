/**
 * Counter-based random numbers: every draw is a hash of its index, never the next number of a shared stream. A spike
 * therefore depends only on (seed, stream, epoch, sample, step, unit), and not on the device, the batch size, the
 * number of threads or the order of work.
 *
 * The 32-bit finalizer is the low-bias "16-15-15" permutation found by C. Wellons' hash-prospector (constants
 * 0x21f0aaad, 0xd35a2d97). Two rounds with two independent 32-bit keys make one draw, so two rows share a sequence only
 * if both keys collide.
 */

/** Bijective 32-bit mixing. Integer arithmetic only: identical in JavaScript and in WebAssembly. */
export function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0xd35a2d97);
  return (h ^ (h >>> 15)) >>> 0;
}

/** The two 32-bit keys of one row of draws. */
export interface RowKey {
  readonly k0: number;
  readonly k1: number;
}

/**
 * Folds a list of integers (each modulo 2^32) into the keys of one row of draws. Use one constant list length per
 * purpose, e.g. `[seed, stream, epoch, sample, step]`.
 */
export function rowKey(...counters: readonly number[]): RowKey {
  let k0 = 0x9e3779b9;
  let k1 = 0x7f4a7c15;
  for (const counter of counters) {
    k0 = mix(k0 ^ (counter | 0));
    k1 = mix((k1 + Math.imul(counter | 0, 0x85ebca6b)) ^ k0);
  }
  return { k0, k1 };
}

/** 32 random bits for one unit of a row. */
export function drawBits(key: RowKey, unit: number): number {
  return mix(mix(unit + key.k0) ^ key.k1);
}

/** A uniform number in [0, 1) with 24 bits, exact in single precision. */
export function drawUniform(key: RowKey, unit: number): number {
  return (drawBits(key, unit) >>> 8) * 2 ** -24;
}

/** Bound below which a draw has more bits: 2^-12, where 12 of the 24 bits are significant. */
const FEW_BITS = 2 ** 20;

/**
 * `drawUniform`, with 32 further bits below 2^-12, so that an event with a probability far below 2^-24 has the right
 * frequency. The multiple of 2^-24 at or below the number stays the same. Exact in single precision.
 * @param mirrored Draws for 1 - u: the further bits are used where u is close to 1.
 */
export function drawFineUniform(key: RowKey, unit: number, mirrored = false): number {
  const drawn = drawBits(key, unit);
  const bits = mirrored ? ~drawn >>> 0 : drawn;
  if (bits >= FEW_BITS) return (bits >>> 8) * 2 ** -24;
  const further = mix(mix(unit + key.k1) ^ key.k0) >>> 8;
  return Math.fround(bits * 2 ** -32 + further * 2 ** -56);
}

/**
 * Streams separate purposes that share the other counters. `dropout` and `shuffle` add the layer or the purpose's own
 * index as the sample counter where necessary.
 */
export const STREAM = {
  weights: 1,
  encoder: 2,
  order: 3,
  dropout: 4,
  digits: 5,
  feedback: 6,
  modulation: 7,
  pixels: 8,
  augmentation: 9,
  updateNoise: 10,
  operatingPoint: 11,
  samples: 12,
  events: 13,
  /** Stream of the first layer; those of the other layers follow. */
  activationNoise: 0x10000,
} as const;

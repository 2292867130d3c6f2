import { drawUniform, rowKey, STREAM } from "../src/random/counter.js";

/** Half-width of the uniform law that weights are drawn from, given fan-in and fan-out. */
export type Initialiser = (fanIn: number, fanOut: number) => number;

/** Uniform in +-sqrt(6 / (fan-in + fan-out)). Source: Glorot and Bengio 2010, eq. 16. */
export const glorotUniform: Initialiser = (fanIn, fanOut) => Math.sqrt(6 / (fanIn + fanOut));

/** Uniform in +-sqrt(6 / fan-in). Source: He et al. 2015, eq. 10, as a uniform law. */
export const heUniform: Initialiser = (fanIn) => Math.sqrt(6 / fanIn);

/**
 * Draws a weight matrix `[fanIn, fanOut]` from the initialiser's law. Every weight depends only on
 * (seed, purpose, its row, its column); `purpose` tells the matrices of a network apart.
 */
export function drawWeights(
  initialise: Initialiser,
  fanIn: number,
  fanOut: number,
  seed: number,
  purpose: number,
  stream: number = STREAM.weights,
): Float32Array {
  const limit = initialise(fanIn, fanOut);
  const weights = new Float32Array(fanIn * fanOut);
  for (let i = 0; i < fanIn; i++) {
    const key = rowKey(seed, stream, purpose, i, 0);
    for (let n = 0; n < fanOut; n++) weights[i * fanOut + n] = (2 * drawUniform(key, n) - 1) * limit;
  }
  return weights;
}

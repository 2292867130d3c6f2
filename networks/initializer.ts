import { number, show, signature } from "../src/arguments/index.js";
import { SpikevineError } from "../src/errors.js";
import { drawUniform, rowKey, STREAM } from "../src/random/counter.js";

/** Half-width of the uniform distribution that weights are drawn from, given fan-in and fan-out. */
export type Initializer = (fanIn: number, fanOut: number) => number;

const FAN = number({ above: 0 });
const checkGlorot = signature("glorotUniform", { fanIn: FAN, fanOut: FAN });
const checkHe = signature("heUniform", { fanIn: FAN });

/** Uniform in +-sqrt(6 / (fan-in + fan-out)). Source: Glorot and Bengio 2010, eq. 16. */
export const glorotUniform: Initializer = (fanIn, fanOut) => {
  checkGlorot([fanIn, fanOut]);
  return Math.sqrt(6 / (fanIn + fanOut));
};

/** Uniform in +-sqrt(6 / fan-in). Source: He et al. 2015, eq. 10, as a uniform distribution. */
export const heUniform: Initializer = (fanIn) => {
  checkHe([fanIn]);
  return Math.sqrt(6 / fanIn);
};

interface DrawOptions {
  stream?: number;
  mean?: number;
  balanced?: boolean;
  fanOut?: number;
}

/**
 * Draws a weight matrix `[fanIn, columns]` from the initializer's distribution. Every weight depends only on
 * (seed, purpose, its row, its column); `purpose` differs between the matrices of a network.
 * @param options.mean added to every weight
 * @param options.fanOut number that the initializer receives; default: the columns
 * @param options.balanced shifts the incoming weights of every unit so that they add up to 0; a weight then depends on all of\n
 * * them
 * @throws SpikevineError if the initializer does not return a half-width.
 */
export function drawWeights(
  initializer: Initializer,
  fanIn: number,
  columns: number,
  seed: number,
  purpose: number,
  { stream = STREAM.weights, mean = 0, balanced = false, fanOut = columns }: DrawOptions = {},
): Float32Array {
  const limit: unknown = initializer(fanIn, fanOut);
  if (typeof limit !== "number" || !Number.isFinite(limit)) {
    throw new SpikevineError(
      `network: initializer returned ${show(limit)} for ${fanIn} inputs and ${fanOut} units; return the half-width of the weights, a finite number.`,
    );
  }
  const weights = new Float32Array(fanIn * columns);
  for (let i = 0; i < fanIn; i++) {
    const key = rowKey(seed, stream, purpose, i, 0);
    for (let n = 0; n < columns; n++) weights[i * columns + n] = (2 * drawUniform(key, n) - 1) * limit;
  }
  if (mean === 0 && !balanced) return weights;
  for (let n = 0; n < columns; n++) {
    let sum = 0;
    for (let i = n; balanced && i < weights.length; i += columns) sum += weights[i]!;
    for (let i = n; i < weights.length; i += columns) weights[i]! += mean - sum / fanIn;
  }
  return weights;
}

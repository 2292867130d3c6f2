import { kind, signature, tagOf } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";

/** Alignment of the forward and feedback weights of a layer. */
export interface WeightAlignment {
  /** Angle between the flattened matrices, degrees: 90 for independent matrices, 0 for equal directions. */
  readonly angle: number;
  /** Norm of the feedback weights divided by the norm of the forward weights. */
  readonly normRatio: number;
  /** Norm of the difference of the matrices, as a fraction of its value before training. */
  readonly relativeDistance: number;
  /**
   * First-order prediction of the relative distance under predisposition: the root of the mean over synapses of exp(-s
   * / T), where s is the path length of a synapse, the sum of the sizes of its changes. Present if the optimizer
   * records path lengths (`predisposition: { pathLength: true }`).
   */
  readonly predictedDistance?: number;
}

const FLOATS = kind("a Float32Array", (value) => tagOf(value) === "Float32Array");
const check = signature("weightAlignment", { weights: FLOATS, feedback: FLOATS });

/**
 * Angle (degrees), ratio of norms and norm of the difference of two matrices of the same shape.
 * @throws SpikevineError if they differ in size.
 */
export function weightAlignment(
  weights: Float32Array,
  feedback: Float32Array,
): { angle: number; normRatio: number; difference: number } {
  check([weights, feedback]);
  if (weights.length !== feedback.length) {
    throw new SpikevineError(
      `weightAlignment: weights has ${weights.length} values and feedback has ${feedback.length}; give two matrices of the same shape.`,
    );
  }
  let product = 0;
  let ours = 0;
  let theirs = 0;
  let difference = 0;
  for (let i = 0; i < weights.length; i++) {
    product += weights[i]! * feedback[i]!;
    ours += weights[i]! ** 2;
    theirs += feedback[i]! ** 2;
    difference += (weights[i]! - feedback[i]!) ** 2;
  }
  const cosine = product / Math.sqrt(ours * theirs);
  return {
    angle: (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI,
    normRatio: Math.sqrt(theirs / ours),
    difference: Math.sqrt(difference),
  };
}

/** First-order prediction of the relative distance from path lengths at a temperature. See `WeightAlignment`. */
export function predictDistance(pathLength: Float32Array, temperature: number): number {
  let sum = 0;
  for (const s of pathLength) sum += Math.exp(-s / temperature);
  return Math.sqrt(sum / pathLength.length);
}

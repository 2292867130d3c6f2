import { kind, signature, tagOf } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";

/** How alike the forward and feedback weights of a layer are. */
export interface WeightAlignment {
  /** Angle between the flattened matrices, degrees: 90 for independent ones, 0 for equal directions. */
  readonly angle: number;
  /** Norm of the feedback weights over that of the forward weights. */
  readonly normRatio: number;
  /** Norm of their difference, as a share of what it was before training. */
  readonly relativeDistance: number;
  /**
   * What a first-order theory of predisposition makes of the gap: the root of the mean over synapses of exp(-s / T), s the sum
   * of the sizes of a synapse's changes. Where the rule adds them up (`predisposition: { travel: true }`).
   */
  readonly predictedDistance?: number;
}

const FLOATS = kind("a Float32Array", (value) => tagOf(value) === "Float32Array");
const check = signature("weightAlignment", { weights: FLOATS, feedback: FLOATS });

/**
 * Angle (degrees), ratio of norms and norm of the difference of two matrices of one shape.
 * @throws SpikevineError if they differ in size.
 */
export function weightAlignment(
  weights: Float32Array,
  feedback: Float32Array,
): { angle: number; normRatio: number; difference: number } {
  check([weights, feedback]);
  if (weights.length !== feedback.length) {
    throw new SpikevineError(
      `weightAlignment: weights has ${weights.length} values and feedback ${feedback.length}; give two matrices of one shape.`,
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

/** The first-order prediction of the gap from the sums of sizes of changes, at a temperature. See `Symmetry`. */
export function predictDistance(travel: Float32Array, temperature: number): number {
  let sum = 0;
  for (const s of travel) sum += Math.exp(-s / temperature);
  return Math.sqrt(sum / travel.length);
}

import { drawWeights } from "../../networks/initialise.js";
import type { Network, Parameter } from "../../networks/network.js";
import { type Optimiser, optimiserParts } from "../../plasticity/optimiser.js";
import { SpikevineError, unknownName } from "../errors.js";
import { STREAM } from "../random/counter.js";

/**
 * How an error goes from a layer to the one below:
 * - `backpropagation`: through the layer's own weights W, transposed;
 * - `feedback-alignment`: through fixed random weights B of W's shape (Lillicrap et al. 2016);
 * - `predisposition`: through B that is changed by the same gradients and the same rule as W, so that a rule with
 *   predisposition makes the two alike (Yang and Li 2022, eq. 21 to 23). Gradients are transported, weights are not.
 */
export type Credit = "backpropagation" | "feedback-alignment" | "predisposition";

/** How alike the forward and feedback weights of a layer are. */
export interface Symmetry {
  /** Angle between the flattened matrices, degrees: 90 for independent ones, 0 for equal directions. */
  readonly angle: number;
  /** Norm of the feedback weights over that of the forward weights. */
  readonly normRatio: number;
  /** Norm of their difference, as a share of what it was before training. */
  readonly gap: number;
  /**
   * What a first-order theory of predisposition makes of the gap: the root of the mean over synapses of exp(-s / T), s the sum
   * of the sizes of a synapse's changes. Where the rule adds them up (`predisposition: { travel: true }`).
   */
  readonly predictedGap?: number;
}

const CREDITS: readonly Credit[] = ["backpropagation", "feedback-alignment", "predisposition"];

/** Name of the tensor of the weights that a layer's error goes down through where they are not the layer's own. */
export const feedbackOf = (layer: string): string => `${layer}.feedback`;

/**
 * Checks that a network and a rule can be trained with a way of assigning credit.
 * @throws SpikevineError for an unknown one, for recurrent layers, whose errors go back in time through their own
 * weights, and for "predisposition" with a rule that has none.
 */
export function checkCredit(credit: Credit, network: Network, rule: Optimiser): void {
  if (!CREDITS.includes(credit)) throw unknownName("credit of train", credit, CREDITS);
  if (credit === "backpropagation") return;
  const recurrent = network.layers.findIndex((layer) => layer.recurrent);
  if (recurrent >= 0) {
    throw new SpikevineError(
      `train: credit is "${credit}", but ${network.layerNames[recurrent]} is recurrent and hands errors back in time through its own weights; make it feed-forward or use "backpropagation".`,
    );
  }
  if (credit === "predisposition" && !Object.hasOwn(optimiserParts(rule).rule.parameters, "temperature")) {
    throw new SpikevineError(
      `train: credit is "predisposition", but the rule has none, so that forward and feedback weights would stay as different as they are; give e.g. bioAdam({ predisposition: { temperature: 0.1 } }).`,
    );
  }
}

/**
 * Feedback weights `[inputs, units]` of every layer but the first, drawn from the law of the forward weights and
 * independently of them.
 */
export function feedbackWeights(network: Network): Map<string, Parameter> {
  const feedback = new Map<string, Parameter>();
  network.layers.forEach(({ initialise }, index) => {
    if (index === 0) return;
    const name = network.layerNames[index]!;
    const { rows, columns } = network.parameters.get(`${name}.weights`)!;
    const data = drawWeights(initialise, rows, columns, network.seed, 2 * index, STREAM.feedback);
    feedback.set(feedbackOf(name), { rows, columns, data });
  });
  return feedback;
}

/** Angle (degrees), ratio of norms and norm of the difference of two matrices of one shape. */
export function compareWeights(
  weights: Float32Array,
  feedback: Float32Array,
): { angle: number; normRatio: number; difference: number } {
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
export function predictGap(travel: Float32Array, temperature: number): number {
  let sum = 0;
  for (const s of travel) sum += Math.exp(-s / temperature);
  return Math.sqrt(sum / travel.length);
}

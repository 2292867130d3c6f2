import { drawWeights } from "../../../networks/initializer.js";
import { NETWORK, type Network, type Parameter } from "../../../networks/network.js";
import { type Optimizer, optimizerChain } from "../../../plasticity/optimizer.js";
import { choice, signature } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { STREAM } from "../../random/counter.js";

/**
 * Methods of credit assignment: how errors reach the hidden layers. W are a layer's own weights, B are fixed random
 * weights, e is the error at the currents of the output layer, and d is the error of a hidden layer:
 * - `backpropagation`: errors propagate down through the transposed W of the layer above;
 * - `feedback-alignment`: errors propagate down through B, which has the shape of W (Lillicrap et al. 2016);
 * - `direct-feedback-alignment`: every hidden layer receives e through a B of its own, `[its units, outputs]` (Nøkland
 *   2016, eq. 7);
 * - `indirect-feedback-alignment`: the first hidden layer receives e through B; from there d propagates up through W of
 *   each following layer (Nøkland 2016, eq. 8);
 * - `predisposition`: errors propagate down through B. The gradients and the optimizer of W also change B, so an
 *   optimizer with predisposition makes the two alike (Yang and Li 2022, eq. 21 to 23). Gradients are transported,
 *   weights are not.
 *
 * An error is one number per unit and step, in spiking networks too. Inside its layer it always propagates back in
 * time: through the neuron's states and, in a recurrent layer, through that layer's own recurrent weights.
 */
export type Credit =
  | "backpropagation"
  | "feedback-alignment"
  | "direct-feedback-alignment"
  | "indirect-feedback-alignment"
  | "predisposition";

/** Name of a credit-assignment method as an option. */
export const CREDIT = choice([
  "backpropagation",
  "feedback-alignment",
  "direct-feedback-alignment",
  "indirect-feedback-alignment",
  "predisposition",
] satisfies Credit[]);

const check = signature("feedbackWeights", { network: NETWORK, credit: CREDIT });

/** Name of the tensor of feedback weights of a layer's error, where these are not the layer's own weights. */
export const feedbackOf = (layer: string): string => `${layer}.feedback`;

/** Name of the tensor `[units, outputs]` of the feedback weights from the output error to a layer. */
export const outputFeedbackOf = (layer: string): string => `${layer}.outputFeedback`;

/** Source of the error at the output of a hidden layer. */
export interface Route {
  /** Index of the layer that receives the error. */
  readonly to: number;
  /** Index of the layer whose error is propagated. */
  readonly from: number;
  /** Name of the tensor that the error is multiplied by. */
  readonly weights: string;
  /** `down`: through the transposed tensor, `[units of to, units of from]`; `up`: through `[units of from, units of to]`. */
  readonly direction: "down" | "up";
}

/** Routes to all hidden layers, ordered so that each error is computed before it is used. */
export function routes(credit: Credit, network: Network): Route[] {
  const names = network.layerNames;
  const last = names.length - 1;
  const hidden = names.slice(0, -1).map((_, index) => index);
  const direct = (to: number): Route => ({
    to,
    from: last,
    weights: outputFeedbackOf(names[to]!),
    direction: "down",
  });
  switch (credit) {
    case "direct-feedback-alignment":
      return hidden.map(direct);
    case "indirect-feedback-alignment":
      return hidden.map((to) =>
        to === 0 ? direct(0) : { to, from: to - 1, weights: `${names[to]}.weights`, direction: "up" },
      );
    default:
      return hidden.reverse().map((to) => {
        const above = names[to + 1]!;
        const weights = credit === "backpropagation" ? `${above}.weights` : feedbackOf(above);
        return { to, from: to + 1, weights, direction: "down" };
      });
  }
}

/**
 * Checks that an optimizer supports a credit-assignment method.
 * @throws SpikevineError for "predisposition" with an optimizer that has none.
 */
export function checkCredit(credit: Credit, optimizer: Optimizer): void {
  if (credit === "predisposition" && !Object.hasOwn(optimizerChain(optimizer).optimizer.parameters, "temperature")) {
    throw new SpikevineError(
      `train: credit is "predisposition", but the optimizer has none, so forward and feedback weights would not become alike; give e.g. bioAdam({ predisposition: { temperature: 0.1 } }).`,
    );
  }
}

/**
 * Initial feedback weights, `[units of the receiving layer, units of the sending layer]`. They are drawn from the
 * distribution of the sending layer's weights, independently of those weights. With one hidden layer, all methods of
 * feedback alignment are the same.
 */
export function feedbackWeights(network: Network, credit: Credit = "feedback-alignment"): Map<string, Parameter> {
  check([network, credit]);
  const { layers, parameters, seed } = network;
  const feedback = new Map<string, Parameter>();
  for (const { to, from, weights } of routes(credit, network).sort((a, b) => a.to - b.to)) {
    if (parameters.has(weights)) continue;
    const { units: rows } = layers[to]!;
    const { units: columns, initializer } = layers[from]!;
    const data = drawWeights(initializer, rows, columns, seed, 2 * (to + 1), { stream: STREAM.feedback });
    feedback.set(weights, { rows, columns, data });
  }
  return feedback;
}

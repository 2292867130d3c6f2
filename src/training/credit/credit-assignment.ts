import { drawWeights } from "../../../networks/initializer.js";
import { NETWORK, type Network, type Parameter } from "../../../networks/network.js";
import { type Optimizer, optimizerChain } from "../../../plasticity/optimizer.js";
import { choice, signature } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { STREAM } from "../../random/counter.js";

/**
 * How errors reach the hidden layers. W are a layer's own weights, B random ones that stay as they are drawn, e the error at
 * the currents of the output layer, d that of a hidden layer:
 * - `backpropagation`: down through W of the layer above, transposed;
 * - `feedback-alignment`: down through B of W's shape (Lillicrap et al. 2016);
 * - `direct-feedback-alignment`: every hidden layer hears e through a B of its own, `[its units, outputs]` (Nøkland 2016, eq. 7);
 * - `indirect-feedback-alignment`: the first hidden layer hears e through B; from there d goes up, through W of each layer on
 *   the way (Nøkland 2016, eq. 8);
 * - `predisposition`: down through B that is changed by the same gradients and the same rule as W, so that a rule with
 *   predisposition makes the two alike (Yang and Li 2022, eq. 21 to 23). Gradients are transported, weights are not.
 *
 * An error is one number for every unit and step, in spiking networks too, and goes back in time inside its layer as ever:
 * through the neuron's states, and in a recurrent layer through that layer's own recurrent weights.
 */
export type Credit =
  | "backpropagation"
  | "feedback-alignment"
  | "direct-feedback-alignment"
  | "indirect-feedback-alignment"
  | "predisposition";

/** The name of a way of assigning credit as an option. */
export const CREDIT = choice([
  "backpropagation",
  "feedback-alignment",
  "direct-feedback-alignment",
  "indirect-feedback-alignment",
  "predisposition",
] satisfies Credit[]);

const check = signature("feedbackWeights", { network: NETWORK, credit: CREDIT });

/** Name of the tensor of the weights that a layer's error goes down through where they are not the layer's own. */
export const feedbackOf = (layer: string): string => `${layer}.feedback`;

/** Name of the tensor `[units, outputs]` of the weights through which a layer hears the output error. */
export const outputFeedbackOf = (layer: string): string => `${layer}.outputFeedback`;

/** Where the error at the output of a hidden layer comes from. */
export interface Route {
  /** Index of the layer that gets it. */
  readonly to: number;
  /** Index of the layer whose error it is made of. */
  readonly from: number;
  /** Name of the tensor it goes through. */
  readonly weights: string;
  /** `down`: through the transposed tensor, `[units of to, units of from]`; `up`: through `[units of from, units of to]`. */
  readonly direction: "down" | "up";
}

/** The route to every hidden layer, in an order in which each error is there before it is needed. */
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
 * Checks that a rule can be trained with a way of assigning credit.
 * @throws SpikevineError for "predisposition" with a rule that has none.
 */
export function checkCredit(credit: Credit, rule: Optimizer): void {
  if (credit === "predisposition" && !Object.hasOwn(optimizerChain(rule).rule.parameters, "temperature")) {
    throw new SpikevineError(
      `train: credit is "predisposition", but the rule has none, so that forward and feedback weights would stay as different as they are; give e.g. bioAdam({ predisposition: { temperature: 0.1 } }).`,
    );
  }
}

/**
 * Feedback weights as training starts with them, `[units of the layer that hears, units of the layer it hears]`, drawn from
 * the distribution of the latter's weights and independently of them. With one hidden layer, all ways of using them are the same.
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

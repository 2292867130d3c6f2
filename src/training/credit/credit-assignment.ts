import {
  fansOf,
  type MapNode,
  mapsOf,
  type NeuronNode,
  needsError,
  neuronsOf,
  sizeOf,
} from "../../../networks/graph.js";
import { drawWeights, glorotUniform } from "../../../networks/initializer.js";
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

/** Ways on which errors reach hidden layers. */
export interface ErrorRoutes {
  /** Name of the tensor through whose transpose the error of a map reaches its input; undefined: it does not. */
  down(map: MapNode): string | undefined;
  /** Name of the tensor through whose transpose hidden neurons receive the output error; undefined: they do not. */
  direct(neurons: NeuronNode): string | undefined;
  /** True if hidden neurons without a direct error receive that of the neurons below, through the forward weights. */
  readonly upward: boolean;
  /** True if errors propagate through feedback weights, without the factors that dropout gives the forward weights. */
  readonly byFeedback: boolean;
}

/** Ways of the errors of a method of credit assignment. */
export function routes(credit: Credit, network: Network): ErrorRoutes {
  const none = (): undefined => undefined;
  const direct = ({ name }: NeuronNode): string => outputFeedbackOf(name);
  switch (credit) {
    case "direct-feedback-alignment":
      return { down: none, direct, upward: false, byFeedback: true };
    case "indirect-feedback-alignment": {
      const [first] = neuronsOf(network);
      return {
        down: none,
        direct: (node) => (node === first ? direct(node) : undefined),
        upward: true,
        byFeedback: true,
      };
    }
    case "backpropagation":
      return { down: ({ name }) => `${name}.weights`, direct: none, upward: false, byFeedback: false };
    default:
      return { down: ({ name }) => feedbackOf(name), direct: none, upward: false, byFeedback: true };
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
 * Initial feedback weights: in the shape of a map's weights, or `[units of the receiving layer, output units]`. They are drawn from
 * the distribution of the sending map's weights, independently of those weights, but without the mean that default weights
 * have to make a layer fire. With one hidden layer, all methods of feedback alignment are the same.
 */
export function feedbackWeights(network: Network, credit: Credit = "feedback-alignment"): Map<string, Parameter> {
  check([network, credit]);
  const { nodes, parameters, seed } = network;
  const { down, direct } = routes(credit, network);
  const feedback = new Map<string, Parameter>();
  const put = (name: string, rows: number, columns: number, map: MapNode, index: number, fanOut = columns): void => {
    const options = { stream: STREAM.feedback, fanOut };
    const data = drawWeights(map.initializer ?? glorotUniform, rows, columns, seed, 2 * index, options);
    feedback.set(name, { rows, columns, data });
  };
  const needed = needsError(nodes);
  const maps = mapsOf(network);
  for (const map of maps) {
    const name = down(map);
    if (name === undefined || !needed[map.from] || parameters.has(name)) continue;
    put(name, map.rows, map.columns, map, map.index, fansOf(map)[1]);
  }
  const neurons = neuronsOf(network);
  const outputs = sizeOf(neurons.at(-1)!.shape);
  for (const node of neurons.slice(0, -1)) {
    const name = direct(node);
    if (name !== undefined) put(name, sizeOf(node.shape), outputs, maps.at(-1)!, node.index + 1);
  }
  return feedback;
}

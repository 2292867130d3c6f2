import {
  type Credit,
  type GrapesOptions,
  grapes,
  importanceFactors,
  type Network,
  type Optimizer,
  type OptimizerDefinition,
} from "spikevine";

/**
 * GRAPES and what has to stand beside it: the plain rule; the paper's control, the plain rule with its learning rate
 * raised by the mean modulation; GRAPES on a layer's own changes only; and two controls that keep the size of the
 * propagated errors but not which unit gets which factor.
 */
export const METHODS = ["SGD", "SGD, raised rate", "GRAPES", "GRAPES, local", "uniform", "shuffled"] as const;
/** Those in which factors are propagated, with their controls: what is compared where networks differ. */
export const PROPAGATED = ["SGD", "SGD, raised rate", "GRAPES", "uniform", "shuffled"] as const;
/**
 * `SGD, tenfold rate` stands for a learning rate chosen for plain SGD where factors are compounded over many layers.
 * `authors' code` is GRAPES as in github.com/IBM/GRAPES: factors down to 0 where errors do not go through the forward
 * weights, outgoing importance under direct feedback alignment, dropped units unmodulated. `factor 2` is the notebook
 * on forgetting of its first commit, where every unit has the same factor, 2.
 */
export type Method = (typeof METHODS)[number] | "SGD, tenfold rate" | "authors' code" | "factor 2";

/**
 * The optimizer of a method.
 * @param rule the plain rule at a learning rate
 * @param network as it is before training, for the mean modulation
 */
export function optimizerOf(
  method: Method,
  rule: (learningRate: number) => OptimizerDefinition,
  learningRate: number,
  network: Network,
  credit: Credit = "backpropagation",
): Optimizer {
  const plain = rule(learningRate);
  switch (method) {
    case "SGD":
      return plain;
    case "SGD, raised rate":
      return rule(learningRate * meanFactor(network));
    case "SGD, tenfold rate":
      return rule(10 * learningRate);
    case "GRAPES":
      return [grapes(), plain];
    case "GRAPES, local":
      return [grapes({ version: "local" }), plain];
    case "uniform":
    case "shuffled":
      return [grapes({ control: method }), plain];
    case "authors' code":
      return [grapes(codeOf(credit)), plain];
    case "factor 2":
      return [{ ...grapes(), name: method, factors: (importance) => importance.map(() => 2) }, plain];
  }
}

function codeOf(credit: Credit): GrapesOptions {
  const dropped = "unmodulated";
  if (credit === "backpropagation") return { dropped };
  return { dropped, bound: "none", grouping: credit === "direct-feedback-alignment" ? "outgoing" : "incoming" };
}

/** Modulation factors `[units]` that GRAPES has for each hidden layer of a network as it is now. */
export function factorsOf({ layers, layerNames, parameters }: Network): Float32Array[] {
  return layers.slice(0, -1).map(({ units }, layer) => {
    const importance = new Float32Array(units);
    for (const [i, weight] of parameters.get(`${layerNames[layer]}.weights`)!.data.entries()) {
      importance[i % units]! += Math.abs(weight);
    }
    return importanceFactors(importance, layer);
  });
}

/** Mean factor over the units of all hidden layers. */
function meanFactor(network: Network): number {
  const factors = factorsOf(network).flatMap((layer) => Array.from(layer));
  return factors.reduce((sum, m) => sum + m, 0) / factors.length;
}

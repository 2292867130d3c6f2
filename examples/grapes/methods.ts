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
 * GRAPES and its controls: the plain optimizer; the paper's control, the plain optimizer with its learning rate raised by
 * the mean modulation; GRAPES on a layer's own changes only; and two controls that keep the size of the propagated errors
 * but assign the factors to other units.
 */
export const METHODS = ["SGD", "SGD, raised rate", "GRAPES", "GRAPES, local", "uniform", "shuffled"] as const;
/** Methods with propagated factors and their controls, for comparisons between networks. */
export const PROPAGATED = ["SGD", "SGD, raised rate", "GRAPES", "uniform", "shuffled"] as const;
/**
 * `SGD, tenfold rate` represents a learning rate chosen for plain SGD, for many layers over which factors are compounded.
 * `authors' code` is GRAPES as in github.com/IBM/GRAPES: factors down to 0 if errors are not propagated through the forward
 * weights, outgoing importance with direct feedback alignment, dropped units unmodulated. `factor 2` is the notebook on
 * forgetting of its first commit, in which every unit has the same factor, 2.
 */
export type Method = (typeof METHODS)[number] | "SGD, tenfold rate" | "authors' code" | "factor 2";

/**
 * The optimizer of a method.
 * @param rule the plain optimizer at a learning rate
 * @param network the network before training, for the mean modulation
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

/** Modulation factors of GRAPES for the units, or the channels, of each hidden map of a network with its current weights. */
export function factorsOf({ parameters }: Network): Float32Array[] {
  const weights = [...parameters].filter(([name]) => name.endsWith(".weights")).slice(0, -1);
  return weights.map(([, { data, columns }], layer) => {
    const importance = new Float32Array(columns);
    for (const [i, weight] of data.entries()) {
      importance[i % columns]! += Math.abs(weight);
    }
    return importanceFactors(importance, layer);
  });
}

/** Mean factor over the units of all hidden layers. */
function meanFactor(network: Network): number {
  const factors = factorsOf(network).flatMap((layer) => Array.from(layer));
  return factors.reduce((sum, m) => sum + m, 0) / factors.length;
}

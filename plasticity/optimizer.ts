import { either, list, made, type RequiredKind } from "../src/arguments/index.js";
import { type OptimizerDefinition, RULE } from "../src/equations/definitions/optimizer.js";
import { SpikevineError } from "../src/errors.js";

/** Key of a random draw of modulation factors, for controls that need random numbers. */
export interface DrawKey {
  readonly seed: number;
  /** Number of updates so far. */
  readonly update: number;
  /** Index of the layer, from 0. */
  readonly layer: number;
}

/** Multiplies the errors of a layer's units by factors computed from their importance, a sum of absolute weights. */
export interface Modulation {
  readonly kind: "modulation";
  readonly name: string;
  /**
   * `propagating`: the modulated error is propagated to the previous layer; `local`: only the layer's own gradient is
   * modulated.
   */
  readonly version: "propagating" | "local";
  /** Weights that determine a unit's importance, its incoming or its outgoing ones; see `GrapesOptions`. */
  readonly grouping: "incoming" | "outgoing";
  /** Importance in a batch of units that are dropped for its first sample; see `GrapesOptions`. */
  readonly dropped: "modulated" | "unmodulated";
  /** Converts the importance `[units]` of a layer's units to their factors `[units]`. */
  factors(importance: Float32Array, place: DrawKey): Float32Array;
}

/** An equation that replaces `gradient` in the optimizer, e.g. weight decay. */
export interface GradientTransform {
  readonly kind: "gradient";
  readonly name: string;
  /** Equation in `gradient`, `weight` and the extras. */
  readonly equation: string;
  readonly extras: Readonly<Record<string, number>>;
  /** Applies to weight matrices only, or to every trained array. */
  readonly appliesTo: "weights" | "all";
}

/**
 * An optimizer, or a chain that ends in one. With clipping, the whole gradient is clipped first. A modulation comes next, at
 * any position in the chain, because it acts on errors, from which gradients are computed. Gradient transforms follow in
 * the order written, then the optimizer.
 */
export type Optimizer = OptimizerDefinition | readonly (Modulation | GradientTransform | OptimizerDefinition)[];

const PART = either(
  RULE,
  made("a modulation, e.g. grapes()", "kind", "name", "factors"),
  made("a gradient transform, e.g. weightDecay(1e-4)", "kind", "name", "equation", "extras"),
);

/** An optimizer as an argument. */
export const OPTIMIZER: RequiredKind = either(RULE, {
  ...list(PART, 1),
  expects: "a chain that ends in an optimizer, e.g. [grapes(), sgd()]",
});

/** The elements of an optimizer chain. */
export interface OptimizerChain {
  readonly optimizer: OptimizerDefinition;
  readonly modulation?: Modulation;
  readonly transforms: readonly GradientTransform[];
}

const isRule = (part: Modulation | GradientTransform | OptimizerDefinition): part is OptimizerDefinition =>
  !("kind" in part);

/**
 * Splits a chain into its elements.
 * @throws SpikevineError if the chain does not end in its only optimizer, or has two
 * modulations.
 */
export function optimizerChain(optimizer: Optimizer): OptimizerChain {
  const chain = Array.isArray(optimizer)
    ? (optimizer as readonly (Modulation | GradientTransform | OptimizerDefinition)[])
    : [optimizer as OptimizerDefinition];
  const last = chain.at(-1);
  if (last === undefined || !isRule(last) || chain.slice(0, -1).some(isRule)) {
    const names = chain.map((part) => part.name).join(", ");
    throw new SpikevineError(
      `optimizer: the chain [${names}] must end in its only optimizer; write e.g. [grapes(), sgd({ learningRate: 0.1 })].`,
    );
  }
  const modulations = chain.filter((part): part is Modulation => !isRule(part) && part.kind === "modulation");
  if (modulations.length > 1) {
    throw new SpikevineError(`optimizer: the chain has ${modulations.length} modulations; keep one.`);
  }
  const transforms = chain.filter((part): part is GradientTransform => !isRule(part) && part.kind === "gradient");
  const twice = transforms.find(({ extras }) =>
    Object.keys(extras).some((name) => Object.hasOwn(last.parameters, name)),
  );
  if (twice !== undefined) {
    throw new SpikevineError(
      `optimizer: ${last.name} has the parameter of ${twice.name} itself; leave ${twice.name} out of the chain and give the parameter to ${last.name}.`,
    );
  }
  return { optimizer: last, transforms, ...(modulations[0] ? { modulation: modulations[0] } : {}) };
}

import { either, list, made, type RequiredKind } from "../src/arguments/index.js";
import { type OptimizerDefinition, RULE } from "../src/equations/definitions/optimizer.js";
import { SpikevineError } from "../src/errors.js";

/** Where and when a set of modulation factors is drawn: keys of controls that need random numbers. */
export interface DrawKey {
  readonly seed: number;
  /** Number of updates made so far. */
  readonly update: number;
  /** Index of the layer, from 0. */
  readonly layer: number;
}

/** Multiplies the errors of a layer's units by factors made from their importance, a sum of absolute weights. */
export interface Modulation {
  readonly kind: "modulation";
  readonly name: string;
  /** `propagating`: the modulated error is what the layer below gets; `local`: only the layer's own gradient is modulated. */
  readonly version: "propagating" | "local";
  /** Whether the weights into a unit make its importance, or those out of it; see `GrapesOptions`. */
  readonly grouping: "incoming" | "outgoing";
  /** Whether units that are dropped for a batch's first sample have an importance in that batch. */
  readonly dropped: "modulated" | "unmodulated";
  /** From the importance `[units]` of a layer's units to their factors `[units]`. */
  factors(importance: Float32Array, place: DrawKey): Float32Array;
}

/** An equation that takes the place of `gradient` in the rule, e.g. weight decay. */
export interface GradientTransform {
  readonly kind: "gradient";
  readonly name: string;
  /** In `gradient`, `weight` and the extras. */
  readonly equation: string;
  readonly extras: Readonly<Record<string, number>>;
  /** Weight matrices only, or every trained array. */
  readonly appliesTo: "weights" | "all";
}

/**
 * A rule, or a chain that ends in one. With clipping, the whole gradient is clipped first. A modulation comes next wherever it
 * stands in the chain, because it acts on errors, of which gradients are made. Gradient transforms follow in the order written,
 * then the rule.
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
  expects: "a chain that ends in one, e.g. [grapes(), sgd()]",
});

/** A chain taken apart. */
export interface OptimizerChain {
  readonly optimizer: OptimizerDefinition;
  readonly modulation?: Modulation;
  readonly transforms: readonly GradientTransform[];
}

const isRule = (part: Modulation | GradientTransform | OptimizerDefinition): part is OptimizerDefinition =>
  !("kind" in part);

/**
 * Takes an optimizer apart.
 * @throws SpikevineError if the chain does not end in its only rule, or has two modulations.
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
  return { optimizer: last, transforms, ...(modulations[0] ? { modulation: modulations[0] } : {}) };
}

import type { OptimizerKernel } from "../../equations/kernels/kernels.js";
import { type Expression, substitute, symbol } from "../../equations/language/expression.js";
import type { Hardware } from "./options.js";
import { bounded, nearest, valuesOf } from "./quantized-weights.js";
import { drawNormal, generatorStarts, noisyUpdate } from "./update-noise.js";

/** A matrix of synapses at the start of training. */
export interface Synapses {
  /** Index of the matrix in its network; key of its draws. */
  readonly index: number;
  readonly weights: Float32Array;
  /** Half-width of the distribution that the weights are drawn from. */
  readonly halfWidth: number;
  readonly seed: number;
}

/** An optimizer under constraints, and the initial values of its tensors. */
export interface Constrained {
  readonly kernel: OptimizerKernel;
  /** By name of a state of the kernel, or `weight`. */
  readonly initial: ReadonlyMap<string, Float32Array>;
}

const WEIGHT = symbol("weight");
/** Single-precision copy of a quantized weight. */
const EXACT = symbol("weight__exact");

/**
 * Applies the constraints to an optimizer for one matrix of synapses: first noise on the change, then quantization. The
 * optimizer itself updates the single-precision copy of quantized weights. If no constraint concerns synapses, the
 * optimizer is unchanged.
 */
export function constrain(kernel: OptimizerKernel, hardware: Hardware, synapses: Synapses): Constrained {
  const { updateNoise = 0, weightBits: bits } = hardware;
  const { index, weights, halfWidth, seed } = synapses;
  const { weightRange: range = 4 * halfWidth } = hardware;
  const before = bits === undefined ? WEIGHT : EXACT;
  const replacements = new Map<Expression, Expression>([[WEIGHT, before]]);
  const formulas = Object.fromEntries(
    Object.entries(kernel.formulas).map(([name, formula]) => [name, substitute(formula, replacements)]),
  );
  const initial = new Map<string, Float32Array>();
  if (updateNoise > 0) {
    const { states, normal } = drawNormal();
    formulas.weight = noisyUpdate(before, formulas.weight!, normal, hardware);
    Object.assign(formulas, states);
    for (const [state, values] of generatorStarts(seed, index, weights.length)) initial.set(state, values);
  }
  if (bits !== undefined) {
    const exact = bounded(formulas.weight!, range);
    formulas[EXACT.name] = exact;
    formulas.weight = nearest(exact, bits, range);
    initial.set(EXACT.name, valuesOf(bounded(WEIGHT, range), weights));
  }
  const states = [...kernel.states, ...initial.keys()];
  if (bits !== undefined) initial.set("weight", valuesOf(nearest(WEIGHT, bits, range), weights));
  return { kernel: { ...kernel, states, formulas }, initial };
}

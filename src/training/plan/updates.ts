import { fansOf, mapsOf, neuronsOf } from "../../../networks/graph.js";
import type { Network, Parameter } from "../../../networks/network.js";
import { type Optimizer, optimizerChain } from "../../../plasticity/optimizer.js";
import type { TensorSpec, Update } from "../../device/contract.js";
import {
  type CompiledOptimizer,
  chainGradient,
  inUnitsOf,
  type OptimizerDefinition,
} from "../../equations/definitions/optimizer.js";
import type { OptimizerKernel } from "../../equations/kernels/kernels.js";
import { constant, operation } from "../../equations/language/expression.js";
import { ownValue } from "../../own-value.js";
import type { Hardware } from "../hardware/options.js";
import { constrain, type Synapses } from "../hardware/synapses.js";
import { type ArrayChoice, isMatrix } from "./array-settings.js";
import { gradientOf } from "./backward.js";

/**
 * Update half of training: one operation per trained array, the states of the optimizers, and the host's part of the
 * sums.
 */
export interface Updates {
  readonly tensors: Record<string, TensorSpec>;
  readonly operations: readonly Update[];
  /** Initial values of state tensors, and of weights if they are not the network's. */
  readonly initial: ReadonlyMap<string, Float32Array>;
  /** State tensors for which training stops when a value exceeds `largest`. */
  readonly limits: readonly StateLimit[];
  /** Scalars of a run for update number `k`. */
  scalars(k: number, learningRateScale: number, clipScale: number): Record<string, number>;
}

export interface StateLimit {
  readonly tensor: string;
  readonly what: string;
  readonly values: number;
  readonly largest: number;
  readonly advice: string;
}

/**
 * One update operation per trained array. Weights and recurrent weights get every transform; the other arrays get only
 * those that apply to all. A neuron's parameter is kept inside its range. Frozen arrays have no operation and no state.
 * @param options `factorOf`: tensor of modulation factors of a layer, if it is modulated; `feedback`:
 * feedback weights that learn from the gradients of their layers' weights; `hardware`: constraints of every matrix;
 * `seed`: seed of their draws; `choices`: the settings of single arrays; `weightLimit`: the largest size of a weight.
 */
export function updates(
  network: Network,
  optimizer: Optimizer,
  options: {
    clip: boolean;
    factorOf(layer: string): { readonly name: string; readonly columns: number } | undefined;
    feedback?: ReadonlyMap<string, Parameter>;
    hardware: Hardware;
    seed: number;
    choices(array: string): ArrayChoice;
    weightLimit?: number | undefined;
  },
): Updates {
  const { optimizer: base, modulation, transforms } = optimizerChain(optimizer);
  const tensors: Record<string, TensorSpec> = {};
  const initial = new Map<string, Float32Array>();
  const operations: Update[] = [];
  const compiled = new Map<string, { readonly chain: CompiledOptimizer; readonly own: Record<string, number> }>();
  const limits: StateLimit[] = [];
  let index = -1;

  for (const [name, parameter] of [...network.parameters, ...(options.feedback ?? [])]) {
    index++;
    if (parameter.isStatistic) continue;
    const [layer, array] = name.split(".") as [string, string];
    // Feedback weights learn like the weights of their layer.
    const learned = array === "feedback" ? `${layer}.weights` : name;
    const { frozen, learningRate: rate, weightDecay: decay } = options.choices(learned);
    if (frozen) continue;
    const matrix = isMatrix(name);
    const factor = options.factorOf(layer);
    // The error already contains a propagating modulation; only a neuron's own parameters bypass that error.
    const bypasses = !matrix && array !== "bias";
    const modulated =
      factor !== undefined && parameter.columns === factor.columns && (modulation?.version === "local" || bypasses);
    const scale = base.hasDefaultRate && rate === undefined ? (parameter.scale ?? 1) : 1;
    const variant = [
      matrix ? "matrix" : "vector",
      ...(modulated ? ["modulated"] : []),
      ...(scale === 1 ? [] : [scale]),
      ...(rate === undefined ? [] : ["rate", rate]),
      ...(decay === undefined ? [] : ["decay", decay]),
    ].join("-");
    let chain = compiled.get(variant)?.chain;
    if (chain === undefined) {
      chain = compose(
        scale === 1 ? base : inUnitsOf(scale, base),
        modulated,
        options.clip,
        transforms.filter(
          ({ appliesTo, extras }) => matrix || appliesTo === "all" || (decay !== undefined && "weightDecay" in extras),
        ),
      );
      compiled.set(variant, {
        chain,
        own: {
          ...(matrix ? {} : base.offSynapses),
          ...(rate === undefined ? {} : { learningRate: rate }),
          ...(decay === undefined ? {} : { weightDecay: decay }),
        },
      });
    }
    const { kernel, initial: constrained } = matrix
      ? constrain(
          withinLimit(chain.kernel, options.weightLimit),
          options.hardware,
          synapsesOf(network, name, parameter, index, options.seed),
        )
      : { kernel: withinRange(chain.kernel, parameter), initial: new Map<string, Float32Array>() };
    if (constrained.has("weight")) initial.set(name, constrained.get("weight")!);
    const states: Record<string, string> = {};
    for (const state of kernel.states) {
      const tensor = `${name}.${state}`;
      states[state] = tensor;
      tensors[tensor] = { rows: parameter.rows, columns: parameter.columns };
      const values = parameter.rows * parameter.columns;
      if (constrained.has(state)) initial.set(tensor, constrained.get(state)!);
      const definition = ownValue(base.states, state);
      if (definition === undefined) continue;
      const { initial: start, limit } = definition;
      if (start !== 0) initial.set(tensor, new Float32Array(values).fill(start));
      if (limit !== undefined) {
        const largest = base.parameters[limit.parameter]!.value;
        limits.push({ tensor, what: `${state} of ${name}`, values, largest, advice: limit.advice });
      }
    }
    const gradient = gradientOf(learned);
    tensors[gradient] = { rows: parameter.rows, columns: parameter.columns };
    operations.push({
      op: "update",
      rule: kernel,
      weight: name,
      gradient,
      states,
      ...(modulated ? { factor: factor.name } : {}),
      uniforms: Object.fromEntries(kernel.uniforms.map((u) => [u, `${variant}.${u}`])),
    });
  }

  const learningRate = base.parameters.learningRate?.value;
  const extras = Object.assign({}, ...transforms.map((t) => t.extras)) as Record<string, number>;
  return {
    tensors,
    operations,
    initial,
    limits,
    scalars(k, learningRateScale, clipScale) {
      const values: Record<string, number> = { ...extras, clipScale };
      if (learningRate !== undefined) values.learningRate = learningRate;
      const scalars: Record<string, number> = {};
      for (const [variant, { chain, own }] of compiled) {
        const given: Record<string, number> = { ...values, ...own };
        if (given.learningRate !== undefined) given.learningRate *= learningRateScale;
        for (const [u, value] of Object.entries(chain.uniforms(k, given))) scalars[`${variant}.${u}`] = value;
      }
      return scalars;
    },
  };
}

function compose(
  base: OptimizerDefinition,
  modulated: boolean,
  clip: boolean,
  transforms: readonly { equation: string; extras: Readonly<Record<string, number>> }[],
): CompiledOptimizer {
  // The transform that is composed last acts first: clip the raw gradient, then modulate it, then apply the transforms
  // in their order, as documented in `Optimizer`.
  let chain = base;
  for (const { equation, extras } of [...transforms].reverse())
    chain = chainGradient(chain, equation, Object.keys(extras));
  if (modulated) chain = chainGradient(chain, "factor * gradient");
  if (clip) chain = chainGradient(chain, "clipScale * gradient", ["clipScale"]);
  return chain.compile();
}

/** Dependencies of a matrix's constraints. */
function synapsesOf(
  network: Network,
  name: string,
  { data, rows, columns }: Parameter,
  index: number,
  seed: number,
): Synapses {
  const [layer, array] = name.split(".");
  if (array === "recurrent") {
    const { initializer } = neuronsOf(network).find((node) => node.name === layer)!;
    return { index, weights: data, halfWidth: initializer!(rows, columns), seed };
  }
  const map = mapsOf(network).find((node) => node.name === layer)!;
  return { index, weights: data, halfWidth: map.initializer!(...fansOf(map)), seed };
}

/** Cuts weights to a largest size. */
const withinLimit = (kernel: OptimizerKernel, limit: number | undefined): OptimizerKernel =>
  limit === undefined ? kernel : withinRange(kernel, { range: [-limit, limit] });

/** Keeps a trained parameter of a neuron inside the range of its definition. */
function withinRange(kernel: OptimizerKernel, { range }: Pick<Parameter, "range">): OptimizerKernel {
  if (range === undefined) return kernel;
  const [min, max] = range;
  let weight = kernel.formulas.weight!;
  if (min > Number.NEGATIVE_INFINITY) weight = operation("max", weight, constant(min));
  if (max < Number.POSITIVE_INFINITY) weight = operation("min", weight, constant(max));
  return { ...kernel, formulas: { ...kernel.formulas, weight } };
}

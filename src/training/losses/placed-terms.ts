import { isOfEveryStep, type LossInput } from "../../../losses/input.js";
import type { LossTerm } from "../../../losses/term.js";
import { type NeuronNode, neuronsOf, sizeOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/network.js";
import type { Dataset } from "../../data/dataset.js";
import type { StreamedDataset } from "../../data/streamed/streamed-dataset.js";
import type { LossKernel } from "../../equations/kernels/kernels.js";
import {
  DIMENSIONLESS,
  describeDimension,
  isDimensionless,
  parseQuantity,
  parseUnit,
  sameDimension,
} from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import { knownInstead } from "../../nearest-name.js";

/** How a loss of a training averages: over its outputs, steps and samples, over samples only, or not at all. */
export type Reduction = "mean" | "batch" | "sum";

/** Shape of the targets of a data set: one row per sample, or one per step. */
export type TargetRows = "sample" | "steps";

export const rowsOfTargets = (data: Dataset | StreamedDataset): TargetRows =>
  data.targets?.steps === undefined ? "sample" : "steps";

/** A term that reads one layer of neurons of a network. */
export interface PlacedTerm {
  readonly term: LossTerm;
  /** Position of the term in the loss. */
  readonly index: number;
  readonly node: NeuronNode;
  readonly input: LossInput;
  readonly kernel: LossKernel;
  /** Values per row that the kernel reads: one per class for a loss with targets, one per unit for the others. */
  readonly width: number;
  /** Number of values that the kernel's value is a sum of. */
  readonly size: number;
}

/**
 * The terms of a loss that read outputs or states, one per layer of neurons that they apply to, with their formulas.
 * @throws SpikevineError for a layer or a state that the network does not have, a state in another unit, or targets of every
 * step for a loss of the whole presentation.
 */
export function placeTerms(network: Network, terms: readonly LossTerm[], targets: TargetRows): PlacedTerm[] {
  const neurons = neuronsOf(network);
  return terms.flatMap((term, index) => {
    if (term.loss.spec.penalty !== undefined) return [];
    const names = layersOf(
      term,
      neurons.map(({ name }) => name),
      network,
    );
    return neurons
      .filter(({ name }) => names.includes(name))
      .map((node) => ({
        ...placeTerm(network, term, node, targets),
        index,
      }));
  });
}

/**
 * Names of the layers that a term applies to.
 * @param layers Those that it can apply to; the last one is the default.
 */
export function layersOf(
  { loss, layers: given }: LossTerm,
  layers: readonly string[],
  { layerNames }: Pick<Network, "layerNames">,
): readonly string[] {
  if (given === undefined) return layers.slice(-1);
  if (given === "all") return layers;
  for (const name of given as readonly string[]) {
    if (layers.includes(name)) continue;
    const lacks =
      loss.spec.penalty === undefined ? "has no neurons, whose outputs or states it reads" : "has no weights";
    throw new SpikevineError(
      layerNames.includes(name)
        ? `losses/${loss.name}: ${name} ${lacks}; give layers: ${layers.join(", ")}.`
        : `losses/${loss.name}: the network has no layer "${name}": ${knownInstead(name, layers)}`,
    );
  }
  return given as readonly string[];
}

function placeTerm(network: Network, term: LossTerm, node: NeuronNode, targets: TargetRows): Omit<PlacedTerm, "index"> {
  const { loss, of: input = network.readout } = term;
  const { name: layer, neuron } = node;
  const units = sizeOf(node.shape);
  const width = loss.usesTarget ? network.outputs : units;
  const where = `losses/${loss.name}`;
  if (input.name.endsWith("State")) {
    const { state } = input as { state: string };
    const known = Object.keys(neuron.states);
    if (!known.includes(state)) {
      const fix = known.length === 0 ? `${neuron.name} has no states.` : knownInstead(state, known);
      throw new SpikevineError(`${where}: no state "${state}" in ${layer}: ${fix}`);
    }
  }
  const rows = isOfEveryStep(input) ? "steps" : "sample";
  if (loss.usesTarget && targets === "steps" && rows === "sample") {
    throw new SpikevineError(
      `${where} compares one value per presentation, but the data set has targets for every step; give the loss of: everyState("v") or of: everyOutput().`,
    );
  }
  const kernel = loss.kernel({
    outputs: width,
    units: units / width,
    steps: network.steps,
    dt: network.dt,
    rows,
    target: targets,
    unit: unitOf(term, input, neuron.states, where),
  });
  const sizes = { outputs: width, steps: network.steps };
  const size = kernel.value.axes.reduce((product, axis) => product * sizes[axis], 1);
  return { term, node, input, kernel, width, size };
}

/** Value of y that counts as 1, in internal units. */
function unitOf(
  { loss, unit }: LossTerm,
  input: LossInput,
  states: Readonly<Record<string, { readonly unit?: string }>>,
  where: string,
): number {
  const state = input.name.endsWith("State") ? (input as { state: string }).state : undefined;
  const named = state === undefined ? undefined : states[state]!.unit;
  const dimension = named === undefined ? DIMENSIONLESS : parseUnit(named, where).dimension;
  if (unit !== undefined) {
    if (!isDimensionless(loss.dimension)) {
      throw new SpikevineError(`${where} reads values in ${describeDimension(loss.dimension)}; leave out unit.`);
    }
    const { value } = parseQuantity(unit, `${where}: unit`, dimension);
    if (!(value > 0)) throw new SpikevineError(`${where}: unit is ${unit}; give a value above 0.`);
    return value;
  }
  if (sameDimension(dimension, loss.dimension)) return 1;
  const found = isDimensionless(dimension) ? "has no unit" : `is in ${describeDimension(dimension)}`;
  const subject = state === undefined ? "the output" : `the state "${state}"`;
  const fix = isDimensionless(loss.dimension)
    ? `give unit: "1 ${named}"`
    : `give a state in ${describeDimension(loss.dimension)}`;
  throw new SpikevineError(
    `${where}: ${subject} ${found}, but the loss reads values ${wanted(loss.dimension)}; ${fix}.`,
  );
}

const wanted = (dimension: readonly number[]): string =>
  isDimensionless(dimension) ? "without a unit" : `in ${describeDimension(dimension)}`;

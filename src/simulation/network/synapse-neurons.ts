import {
  type NeuronSide,
  neuronVariable,
  SIZE_OF_SIDE,
  type Side,
} from "../../equations/definitions/neuron-variables.js";
import { refuseSharedChange } from "../../equations/definitions/shared-variables.js";
import type { SynapseDefinition } from "../../equations/definitions/synapse.js";
import { TIME_AND_INDICES } from "../../equations/definitions/synapse-equations.js";
import type { SynapseKernel } from "../../equations/kernels/kernels.js";
import { DIMENSIONLESS, type Dimension, parseUnit } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import type { NeuronValueModel, SumModel } from "../model.js";
import { PopulationBuilder } from "./population-builder.js";
import type { SourceBuilder } from "./source-builder.js";
import { SynapseEnd } from "./synapse-end.js";

/** The variables of the neurons that a synapse connects. */
interface ConnectedNeurons {
  readonly neurons: readonly NeuronValueModel[];
  readonly sums: readonly SumModel[];
}

type End = PopulationBuilder | SourceBuilder | SynapseEnd;
type Connected = { readonly whole: End; readonly given: { readonly size: number } };
type Ends = Readonly<Record<Side, End>>;

/**
 * Finds the variables of a synapse's equations in the neurons that it connects.
 * @param first Indices of the first neurons that are connected. Default: 0.
 * @throws SpikevineError for a variable that does not exist, a unit that does not fit, an end that is a source of spikes,
 * and a parameter that is read although a sum over synapses replaces it, or that is linked to a state.
 */
export function connectNeurons(
  synapse: SynapseDefinition,
  kernel: SynapseKernel,
  ends: Ends,
  where: string,
  first: Readonly<Record<Side, number>> = { pre: 0, post: 0 },
): ConnectedNeurons {
  const own = ["weight", ...kernel.states];
  const written = kernel.pathways.flatMap(({ changes }) => Object.keys(changes)).filter((name) => !own.includes(name));
  const summed = Object.entries(kernel.summed);
  const used = [...new Set([...kernel.reads, ...written])];
  const given = kernel.given.map((symbol): NeuronValueModel => {
    if (symbol === TIME_AND_INDICES.time) return { symbol, side: "post", clock: true };
    const side = symbol === TIME_AND_INDICES.pre ? "pre" : "post";
    return { symbol, side, first: first[side] };
  });
  if (used.length === 0 && summed.length === 0) return { neurons: given, sums: [] };
  const builder = (name: string): PopulationBuilder | SynapseEnd => {
    const end = ends[neuronVariable(name)!.side];
    if (end instanceof PopulationBuilder || end instanceof SynapseEnd) return end;
    throw new SpikevineError(
      `${where}: plasticity/${synapse.name} uses "${name}", and "${end.name}" is a source of spikes, which has no variables; connect neurons.`,
    );
  };
  const builders = new Map([...used, ...summed.map(([name]) => name)].map((name) => [name, builder(name)]));
  synapse.checkNeurons({ pre: sideOf(ends.pre), post: sideOf(ends.post) });
  const neurons = used.map((name): NeuronValueModel => {
    const { variable, side } = neuronVariable(name)!;
    const end = builders.get(name)!;
    if (end instanceof SynapseEnd) {
      if (written.includes(name)) refuseSharedChange(variable, end.synapse, "an event", where);
      if (Object.hasOwn(end.synapse.parameters, variable)) end.of.expose(variable);
      return { symbol: name, side, plastic: end.plastic, variable };
    }
    const { neuron, exposed, sums, links } = end;
    const state = Object.keys(neuron.states).indexOf(variable);
    if (written.includes(name)) refuseSharedChange(variable, neuron, "an event", where);
    if (state >= 0) {
      if (kernel.reads.includes(name)) end.held.read(variable);
      return { symbol: name, side, state };
    }
    if (sums.has(variable)) throw readAndSummed(where, name);
    if (links.has(variable)) {
      throw new SpikevineError(
        `${where}: "${name}" is linked to a variable of other neurons and cannot be read by synapses; copy it to a state with an update, and read that.`,
      );
    }
    exposed.add(variable);
    return { symbol: name, side, parameter: variable };
  });
  const sums = summed.map(([name, term]): SumModel => {
    const { variable, side } = neuronVariable(name)!;
    const population = builders.get(name)!;
    if (population instanceof SynapseEnd) {
      population.of.sumInto(variable);
      return { side, variable, term, plastic: population.plastic };
    }
    refuseSharedChange(variable, population.neuron, "a sum over synapses", where);
    if (population.exposed.has(variable)) throw readAndSummed(where, name);
    if (population.linkedTo.has(variable)) {
      throw new SpikevineError(
        `${where}: parameters of other neurons are linked to "${name}", so it cannot be a sum; let them link to a state that follows it.`,
      );
    }
    if (population.links.has(variable)) {
      throw new SpikevineError(
        `${where}: "${name}" is linked to a variable of other neurons and cannot be a sum; give the sum another parameter.`,
      );
    }
    population.sums.add(variable);
    return { side, variable, term };
  });
  return { neurons: [...neurons, ...given], sums };
}

/** A sum is not known before all terms have been added up. */
export const readAndSummed = (where: string, name: string): SpikevineError =>
  new SpikevineError(
    `${where}: "${name}" is a sum over synapses and cannot be read by synapses; read the variables that it is the sum of.`,
  );

/** Numbers of the neurons that are connected, by their names in equations, where no neuron has a variable of that name. */
export function sizesOf(...sides: readonly [pre: Connected, post: Connected]): Record<string, number> {
  const own = ({ whole }: Connected): boolean => {
    const { states, parameters } = sideOf(whole);
    return states.has(SIZE_OF_SIDE) || parameters.has(SIZE_OF_SIDE);
  };
  const [pre, post] = sides;
  return {
    ...(own(pre) ? {} : { [`${SIZE_OF_SIDE}_pre`]: pre.given.size }),
    ...(own(post) ? {} : { [`${SIZE_OF_SIDE}_post`]: post.given.size }),
  };
}

/** The variables of one side. A source has none. */
export function sideOf(end: End): NeuronSide {
  const dimension = (unit: string | undefined): Dimension =>
    unit === undefined || unit === "" ? DIMENSIONLESS : parseUnit(unit, end.name).dimension;
  if (end instanceof SynapseEnd) {
    const { name, states, parameters, weightUnit } = end.synapse;
    const of = `${end.name} (plasticity/${name})`;
    const units = [
      ["weight", weightUnit] as const,
      ...Object.entries(states).map(([s, { unit }]) => [s, unit] as const),
    ];
    return {
      of,
      states: new Map(units.map(([state, unit]) => [state, dimension(unit)])),
      parameters: new Map(Object.entries(parameters).map(([p, info]) => [p, info.dimension])),
      inputs: new Map(),
      derived: new Map(Object.entries(end.synapse.derived).map(([d, { unit }]) => [d, dimension(unit)])),
    };
  }
  const of = `population "${end.name}"`;
  if (!(end instanceof PopulationBuilder)) {
    return { of, states: new Map(), parameters: new Map(), inputs: new Map(), derived: new Map() };
  }
  const { states, parameters, inputs, derived, name } = end.neuron;
  return {
    of: `${of} (neurons/${name})`,
    states: new Map(Object.entries(states).map(([state, { unit }]) => [state, dimension(unit)])),
    parameters: new Map(Object.entries(parameters).map(([p, info]) => [p, info.dimension])),
    inputs: new Map(Object.entries(inputs).map(([input, { unit }]) => [input, dimension(unit)])),
    derived: new Map(Object.entries(derived).map(([d, { unit }]) => [d, dimension(unit)])),
  };
}

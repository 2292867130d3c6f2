import type { SynapseKernel, SynapsePathway } from "../../equations/kernels/kernels.js";
import { add, symbol } from "../../equations/language/expression.js";
import { unknownName } from "../../nearest-name.js";
import type { Clock } from "../clock.js";
import type { NeuronValueModel, PathwayModel, PlasticModel } from "../model.js";
import { SIMULATION_STREAM } from "../streams.js";
import { inSteps } from "./projection.js";
import type { DrawValues, ValuesByName } from "./synapse-values.js";

/** A symbol that no equation can contain. */
const TARGET = "target__post";

interface PathwaySource {
  readonly kernel: SynapseKernel;
  readonly neurons: readonly NeuronValueModel[];
  /** Index of the state that the weight is added to. */
  readonly state: number | undefined;
  /** Delay of the projection, in steps. */
  readonly common: number | Uint16Array;
  readonly delays: ValuesByName;
  readonly draw: DrawValues;
  readonly clock: Clock;
  readonly where: string;
}

/**
 * The pathways of a projection with their delays, and the names of those that have the delay of the projection. With a target, the first presynaptic pathway adds the weight to it.
 * @throws SpikevineError for a delay of an unknown pathway, or one that is neither 0 nor at least dt.
 */
export function connectPathways(source: PathwaySource) {
  const { kernel, neurons, state, delays, where } = source;
  const names = kernel.pathways.map(({ name }) => name);
  for (const name of Object.keys(delays)) {
    if (!names.includes(name)) throw unknownName(`pathway in pathwayDelays of ${where}`, name, names);
  }
  const first = kernel.pathways.findIndex(({ side }) => side === "pre");
  const all = kernel.pathways.map((pathway, p): PathwayModel => {
    const { name, side, changes } = pathway;
    const delivery = p === first && state !== undefined ? { [TARGET]: add(symbol(TARGET), symbol("weight")) } : {};
    return { name, side, changes: { ...delivery, ...changes }, delays: delayOf(pathway, source) };
  });
  const inCommon = kernel.pathways.flatMap(({ name, side, delay }) =>
    side === "pre" && delay === undefined && !Object.hasOwn(delays, name) ? [name] : [],
  );
  const pathways = all.filter(({ changes }) => Object.keys(changes).length > 0);
  const target: readonly NeuronValueModel[] = state === undefined ? [] : [{ symbol: TARGET, side: "post", state }];
  return { pathways, neurons: [...neurons, ...target], inCommon };
}

/** A model with the formulas of another kernel of the same definition; delays, and the delivery to a target, remain. */
export function withKernel(
  model: PlasticModel,
  kernel: SynapseKernel,
  { neurons, sums }: Pick<PlasticModel, "neurons" | "sums">,
): PlasticModel {
  const delivered = ([name]: readonly [string, unknown]): boolean => name === TARGET;
  const pathways = model.pathways.map((pathway): PathwayModel => {
    const { changes } = kernel.pathways.find(({ name }) => name === pathway.name)!;
    const delivery = Object.fromEntries(Object.entries(pathway.changes).filter(delivered));
    return { ...pathway, changes: { ...delivery, ...changes } };
  });
  const target = model.neurons.filter(({ symbol }) => symbol === TARGET);
  return { ...model, kernel, pathways, neurons: [...neurons, ...target], sums };
}

function delayOf({ name, side, delay }: SynapsePathway, source: PathwaySource): number | Uint16Array {
  const { kernel, common, delays, draw, clock, where } = source;
  const field = `delay of pathway "${name}"`;
  const given = Object.hasOwn(delays, name) ? delays[name] : undefined;
  const number = kernel.pathways.findIndex((pathway) => pathway.name === name);
  const drawn = given === undefined ? delay : draw(given, field, "ms", [SIMULATION_STREAM.delays, 1 + number]);
  if (drawn === undefined) return side === "pre" ? common : 0;
  return inSteps(drawn, clock, `${where}: ${field}`, 0);
}

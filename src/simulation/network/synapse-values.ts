import { named } from "../../arguments/index.js";
import { checkRange } from "../../equations/definitions/parameters.js";
import type { SynapseDefinition } from "../../equations/definitions/synapse.js";
import { parseQuantity, tidy } from "../../equations/language/units.js";
import { unknownName } from "../../nearest-name.js";
import { ownValue } from "../../own-value.js";
import { SIMULATION_STREAM } from "../streams.js";
import { VALUES, type ValueOrDistribution } from "../values.js";
import { oneValue } from "./shared-values.js";

/** Values by name. */
export type ValuesByName = Readonly<Record<string, ValueOrDistribution>>;

export const BY_NAME = named(VALUES, "an object from names to values");

/** Draws one number for all synapses or one per synapse, in internal units. */
export type DrawValues = (
  values: ValueOrDistribution,
  field: string,
  unit: string | undefined,
  counters: readonly number[],
) => number | Float64Array;

/**
 * Gives a synapse the parameters that are the same for all, and draws the others.
 * @throws SpikevineError for an unknown name, a wrong unit or a value outside its range.
 */
export function drawParameters(
  synapse: SynapseDefinition,
  given: ValuesByName,
  draw: DrawValues,
): { readonly synapse: SynapseDefinition; readonly perSynapse: Record<string, Float64Array> } {
  const known = Object.keys(synapse.parameters);
  const shared: Record<string, number | string> = {};
  const perSynapse: Record<string, Float64Array> = {};
  for (const [name, values] of Object.entries(given)) {
    const info = ownValue(synapse.parameters, name);
    if (info === undefined) throw unknownName(`parameter of plasticity/${synapse.name}`, name, known);
    const unit = info.unit === "" ? undefined : info.unit;
    const drawn = draw(values, `"${name}"`, unit, [SIMULATION_STREAM.synapses, 0, known.indexOf(name)]);
    if (typeof drawn === "number") {
      shared[name] = values as number | string;
      continue;
    }
    if (info.shared === true) {
      const value = rangeOf(
        synapse,
        name,
      )(oneValue(drawn, "synapses", `parameter "${name}" of plasticity/${synapse.name}`));
      shared[name] = value.shown;
      continue;
    }
    perSynapse[name] = drawn;
    const range = rangeOf(synapse, name);
    for (const value of drawn) checkRange(name, range(value), `plasticity/${synapse.name}`);
  }
  return { synapse: Object.keys(shared).length === 0 ? synapse : synapse.with({ parameters: shared }), perSynapse };
}

/** A value of a parameter, in internal units, with its range. */
export function rangeOf(synapse: SynapseDefinition, name: string) {
  const info = synapse.parameters[name]!;
  const scale = info.unit === "" ? 1 : parseQuantity(`1 ${info.unit}`, name).value;
  const unit = info.unit === "" ? "" : ` ${info.unit}`;
  return (value: number) => ({ ...info, value, shown: `${tidy(value / scale)}${unit}` });
}

/**
 * Draws the initial values of states.
 * @param length Number of synapses.
 * @throws SpikevineError for an unknown name or a wrong unit.
 */
export function drawInitial(
  synapse: SynapseDefinition,
  given: ValuesByName,
  draw: DrawValues,
  length: number,
): Record<string, Float64Array> {
  const known = Object.keys(synapse.states);
  return Object.fromEntries(
    Object.entries(given).map(([name, values]) => {
      const state = ownValue(synapse.states, name);
      if (state === undefined) throw unknownName(`state of plasticity/${synapse.name}`, name, known);
      const drawn = draw(values, `initial ${name}`, state.unit, [SIMULATION_STREAM.synapses, 1, known.indexOf(name)]);
      if (state.shared === true) oneValue(drawn, "synapses", `initial "${name}" of plasticity/${synapse.name}`);
      return [name, typeof drawn === "number" ? new Float64Array(length).fill(drawn) : drawn];
    }),
  );
}

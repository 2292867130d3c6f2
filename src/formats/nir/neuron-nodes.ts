import type { NeuronDefinition } from "../../equations/definitions/neuron.js";
import type { NirConventions } from "./conventions.js";
import { NEURON_TYPES, type NeuronType, nirEquations, nirNeuron, parametersOf } from "./neuron-equations.js";
import { numbersOf } from "./numbers-of.js";
import { fault, type NirNode } from "./read-graph.js";

/** Neurons of a node as a definition, and the values of its parameters: one number, or one per unit in the order of the file. */
export interface NirNeurons {
  readonly neuron: NeuronDefinition;
  readonly values: ReadonlyMap<string, readonly number[]>;
}

/** Lengths of time, ms. */
export interface NirTimes {
  /** Length of a step. */
  readonly dt: number;
  /** Unit of the times in the file. */
  readonly unit: number;
}

/** Values of parameters that a file may leave out. */
const ABSENT: Readonly<Record<string, number>> = { v_reset: 0, w_in: 1 };

export const isNeuronNode = ({ type }: NirNode): boolean => (NEURON_TYPES as readonly string[]).includes(type);

/** Words of the conventions, for the record in the definition. */
const wordsOf = (conventions: NirConventions, { dt, unit }: NirTimes): string =>
  [
    `dt ${dt} ms`,
    `times of the file in ${unit} ms`,
    ...Object.entries(conventions).map(([name, value]) => `${name} ${value}`),
  ].join(", ");

/**
 * The definition of a node of neurons, whose parameters are those of the node.
 * @throws SpikevineError if a parameter is missing, not finite or out of range
 */
export function neuronsOfNode(node: NirNode, conventions: NirConventions, times: NirTimes, file: string): NirNeurons {
  const { name } = node;
  const type = node.type as NeuronType;
  if (type.endsWith("IF") && conventions.resetTime === "crossing" && type !== "LIF") {
    throw fault(file, `has ${name} of type ${type}, for which resetTime "crossing" is not defined`, 'give "same step"');
  }
  const values = new Map(parametersOf(type).map((field) => [field, numbersOf(node, field, file, ABSENT[field])]));
  for (const [field, constants] of values) {
    if (field.startsWith("tau")) checkTau(field, constants);
  }
  if (conventions.gain === "none" && values.has("r")) {
    const rates = stepRates(values, conventions, times);
    values.set(
      "r",
      rates.membrane.map((rate) => 1 / rate),
    );
    if (rates.synapse !== undefined)
      values.set(
        "w_in",
        rates.synapse.map((rate) => 1 / rate),
      );
  }
  const equations = nirEquations(type, conventions, times.unit);
  const first = Object.fromEntries([...values].map(([field, [value = 0]]) => [field, value]));
  return { neuron: nirNeuron(type, equations, first, wordsOf(conventions, times)), values };

  function checkTau(field: string, constants: readonly number[]): void {
    for (const constant of constants) {
      if (!(constant > 0)) throw fault(file, `has ${name} with ${field} ${constant}, not above 0`);
      if (conventions.scheme === "exact" || times.dt / times.unit < 2 * constant) continue;
      throw fault(
        file,
        `has ${name} with ${field} ${constant}, for which Euler steps of ${times.dt} ms are unstable (times of the file in ${times.unit} ms)`,
        'give a smaller dt, another timeUnit or scheme "exact"',
      );
    }
  }
}

/** Factors of the input in the step of a membrane, and of a synaptic current if there is one. */
function stepRates(
  values: ReadonlyMap<string, readonly number[]>,
  { scheme }: NirConventions,
  { dt, unit }: NirTimes,
): { readonly membrane: readonly number[]; readonly synapse?: readonly number[] } {
  const elapsed = dt / unit;
  const rateOf = (tau: number): number => (scheme === "exact" ? 1 - Math.exp(-elapsed / tau) : elapsed / tau);
  const synapse = values.get("tau_syn")?.map(rateOf);
  return {
    membrane: (values.get("tau") ?? values.get("tau_mem"))?.map(rateOf) ?? [elapsed],
    ...(synapse === undefined ? {} : { synapse }),
  };
}

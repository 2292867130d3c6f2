import type { NeuronDefinition } from "../../equations/definitions/neuron.js";
import { T } from "../../equations/definitions/neuron-scope.js";
import { evaluate, freeSymbols } from "../../equations/language/expression.js";
import { derivedFormula } from "./derived-formula.js";
import type { Variables } from "./element-expression.js";
import type { SourceFormula } from "./linked-variables.js";

/** A population whose subexpressions other populations read. */
interface Read {
  readonly name: string;
  readonly size: number;
  readonly neuron: NeuronDefinition;
}

/**
 * A subexpression over states, parameters and the time, with the present values of the parameters.
 * @param names With the values of the parameters.
 * @throws SpikevineError for a subexpression of anything else.
 */
export function sourceFormula(of: Read, variable: string, dt: number, names: Variables): SourceFormula {
  const value = derivedFormula(of, variable, dt, `linked variable of population "${of.name}"`)!;
  const used = freeSymbols([value]);
  const states = Object.keys(of.neuron.states);
  const read = states.filter((state) => used.includes(state));
  const parameters = Object.keys(of.neuron.parameters).filter((parameter) => used.includes(parameter));
  return {
    value,
    states: Object.fromEntries(read.map((state) => [state, states.indexOf(state)])),
    parameters: Object.fromEntries(parameters.map((name) => [name, names.get(name)!.values as number | Float64Array])),
  };
}

/** The values of a subexpression at the start of a trial. */
export function valuesAtStart(
  { value, states, parameters }: SourceFormula,
  size: number,
  initial: (state: string) => number | Float64Array,
): Float64Array {
  const given = [...Object.keys(states).map((name) => [name, initial(name)] as const), ...Object.entries(parameters)];
  return Float64Array.from({ length: size }, (_, neuron) => {
    const at = given.map(([name, of]) => [name, typeof of === "number" ? of : of[neuron]!] as const);
    return evaluate({ value }, { [T.name]: 0, ...Object.fromEntries(at) }).value!;
  });
}

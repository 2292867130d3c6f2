import type { NeuronDefinition } from "../../equations/definitions/neuron.js";
import { readNeuronEquations } from "../../equations/definitions/neuron-equations.js";
import { SIZE, T } from "../../equations/definitions/neuron-scope.js";
import type { SynapseDefinition } from "../../equations/definitions/synapse.js";
import { readSynapseEquations } from "../../equations/definitions/synapse-equations.js";
import { constant, type Expression, freeSymbols, substitute, symbol } from "../../equations/language/expression.js";
import { SpikevineError } from "../../errors.js";

/** Neurons of a population, or the synapses of a projection. */
interface WithNeurons {
  readonly neuron: NeuronDefinition;
  readonly size: number;
}
interface WithSynapses {
  readonly synapse: SynapseDefinition;
  readonly size: number;
}

/**
 * A subexpression of neurons or of synapses over their states, their parameters and the time; undefined if they have none of
 * that name.
 * @throws SpikevineError for a subexpression of anything else.
 */
export function derivedFormula(
  of: WithNeurons | WithSynapses,
  name: string,
  dt: number,
  where: string,
): Expression | undefined {
  const { found, known, definition } = "synapse" in of ? ofSynapses(of, name) : ofNeurons(of, name);
  if (found === undefined) return undefined;
  const given = new Map<Expression, Expression>([
    [symbol("dt"), constant(dt)],
    [SIZE, constant(of.size)],
  ]);
  const formula = substitute(found, given);
  const other = freeSymbols([formula]).find((used) => used !== T.name && !known.includes(used));
  if (other === undefined) return formula;
  throw new SpikevineError(
    `${where}: "${name}" of ${definition} cannot be read from outside, as it is made of more than its states, its parameters and t; make it a state.`,
  );
}

function ofNeurons({ neuron }: WithNeurons, name: string) {
  const { spec, parameters, states } = neuron;
  const definition = `neurons/${spec.name}`;
  const found = Object.hasOwn(spec.derived ?? {}, name)
    ? readNeuronEquations(spec, parameters, definition).derived[name]?.expression
    : undefined;
  return { found, known: [...Object.keys(states), ...Object.keys(parameters)], definition };
}

function ofSynapses({ synapse }: WithSynapses, name: string) {
  const { spec, parameters, states } = synapse;
  const definition = `plasticity/${spec.name}`;
  const found = Object.hasOwn(spec.derived ?? {}, name)
    ? readSynapseEquations(spec, parameters, definition).derived[name]
    : undefined;
  return { found, known: ["weight", ...Object.keys(states), ...Object.keys(parameters)], definition };
}

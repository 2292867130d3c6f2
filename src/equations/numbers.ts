import { derivative } from "./differentiate.js";
import { constant, type Expression, evaluate, substitute, symbol } from "./expression.js";
import type { NeuronEquations } from "./neuron-equations.js";
import { type Parameters, valuesOf } from "./parameters.js";

/** The equations with the parameters' values in place of their symbols, so that whatever is constant is folded. */
export function withNumbers(equations: NeuronEquations, parameters: Parameters): NeuronEquations {
  const numbers = new Map<Expression, Expression>(
    Object.entries(valuesOf(parameters)).map(([name, value]) => [symbol(name), constant(value)]),
  );
  const bind = (e: Expression): Expression => substitute(e, numbers);
  const bindAll = (all: Readonly<Record<string, Expression>>): Record<string, Expression> =>
    Object.fromEntries(Object.entries(all).map(([name, e]) => [name, bind(e)]));
  return {
    states: equations.states,
    initial: bindAll(equations.initial),
    motion: Object.fromEntries(
      Object.entries(equations.motion).map(([s, { kind, expression }]) => [s, { kind, expression: bind(expression) }]),
    ),
    output: { kind: equations.output.kind, expression: bind(equations.output.expression) },
    reset: bindAll(equations.reset),
  };
}

/**
 * How fast every state relaxes by itself where the neuron starts without an input: -1 / (df/dx) in ms, for the states
 * with a differential equation that do relax.
 */
export function timeConstants(equations: NeuronEquations, parameters: Parameters): Record<string, number> {
  const { states, initial, motion } = withNumbers(equations, parameters);
  const start = { ...evaluate(initial, {}), y: 0, input: 0, dt: 0 };
  const found: Record<string, number> = {};
  for (const s of states) {
    const { kind, expression } = motion[s]!;
    if (kind === "update") continue;
    const { slope } = evaluate({ slope: derivative(expression, symbol(s)) }, start) as { slope: number };
    if (slope < 0) found[s] = -1 / slope;
  }
  return found;
}

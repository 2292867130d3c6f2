import { derivative } from "../analysis/differentiate.js";
import { type NeuronEquations, simulatedAtStart } from "../definitions/neuron-equations.js";
import { type Parameters, valuesOf } from "../definitions/parameters.js";
import { constant, type Expression, evaluate, substitute, symbol } from "./expression.js";

/** The equations with numbers in place of their parameters, so that constant subexpressions are folded. */
export function withNumbers(equations: NeuronEquations, values: Readonly<Record<string, number>>): NeuronEquations {
  const numbers = new Map<Expression, Expression>(
    Object.entries(values).map(([name, value]) => [symbol(name), constant(value)]),
  );
  const bind = (e: Expression): Expression => substitute(e, numbers);
  const bindAll = (all: Readonly<Record<string, Expression>>): Record<string, Expression> =>
    Object.fromEntries(Object.entries(all).map(([name, e]) => [name, bind(e)]));
  return {
    ...equations,
    initial: bindAll(equations.initial),
    motion: Object.fromEntries(
      Object.entries(equations.motion).map(([s, { kind, expression }]) => [s, { kind, expression: bind(expression) }]),
    ),
    output: { kind: equations.output.kind, expression: bind(equations.output.expression) },
    reset: bindAll(equations.reset),
    events: equations.events.map(({ name, when, changes }) => ({ name, when: bind(when), changes: bindAll(changes) })),
    derived: Object.fromEntries(
      Object.entries(equations.derived).map(([name, { expression, unit }]) => [
        name,
        { expression: bind(expression), unit },
      ]),
    ),
  };
}

/**
 * Time constant of every state at the neuron's initial state without an input: -1 / (df/dx) in ms, for the states with a
 * differential equation that relax.
 */
export function timeConstants(equations: NeuronEquations, parameters: Parameters): Record<string, number> {
  const { states, initial, motion } = withNumbers(equations, valuesOf(parameters));
  const start = { ...evaluate(initial, {}), ...simulatedAtStart(equations), y: 0, y__detached: 0, input: 0, dt: 0 };
  const found: Record<string, number> = {};
  for (const s of states) {
    const { kind, expression } = motion[s]!;
    if (kind === "update") continue;
    const { slope } = evaluate({ slope: derivative(expression, symbol(s)) }, start) as { slope: number };
    if (slope < 0) found[s] = -1 / slope;
  }
  return found;
}

/**
 * The differential equations with numbers for their parameters, and the initial values of all names.
 * @param start Parameters, states and input that are not those of the definition, in internal units.
 */
export function stepAtStart(
  equations: NeuronEquations,
  parameters: Parameters,
  start: {
    readonly parameters?: Readonly<Record<string, number>>;
    readonly states?: Readonly<Record<string, number>>;
    readonly input?: number;
  },
) {
  const bound = withNumbers(equations, { ...valuesOf(parameters), ...start.parameters });
  const moving = bound.states.filter((s) => bound.motion[s]!.kind === "dynamics");
  return {
    rates: new Map(moving.map((s) => [symbol(s), bound.motion[s]!.expression])),
    at: {
      ...evaluate(bound.initial, {}),
      ...start.states,
      ...simulatedAtStart(equations),
      y: 0,
      y__detached: 0,
      input: start.input ?? 0,
    },
  };
}

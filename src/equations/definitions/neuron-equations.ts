import { SpikevineError } from "../../errors.js";
import { type NameDimensions, requireUnit, unitOf } from "../language/check-units.js";
import { constant, type Expression, symbol } from "../language/expression.js";
import { plainText } from "../language/numerals.js";
import { asSymbols, detached, resolve } from "../language/parse.js";
import { parseSyntax } from "../language/syntax.js";
import { DIMENSIONLESS, type Dimension, divideDimensions, parseQuantity, parseUnit } from "../language/units.js";
import type { NeuronSpec } from "./neuron-spec.js";
import { checkName, type Parameters } from "./parameters.js";
import type { StateSpec } from "./state-spec.js";

/** A neuron's equations in the algebra, units checked; `dt` and the parameters are still symbols. */
export interface NeuronEquations {
  readonly states: readonly string[];
  /** Over parameters. */
  readonly initial: Readonly<Record<string, Expression>>;
  /** Over `v`, `y`, `y__detached`, `input`: the next state, or its rate of change. */
  readonly motion: Readonly<Record<string, { readonly kind: "update" | "dynamics"; readonly expression: Expression }>>;
  /** Over `now__v` and `input`: fires where this is above 0, or the graded output. */
  readonly output: { readonly kind: "spikes" | "values"; readonly expression: Expression };
  /** Over `now__v`, `y__now` and `y__now__detached`; only of states that have a reset. */
  readonly reset: Readonly<Record<string, Expression>>;
}

export const now = (state: string): string => `now__${state}`;

/** The output of the previous step and of this one as `detach(y)` means them: values through which no derivative passes. */
export const Y_DETACHED = symbol("y__detached");
export const Y_NOW_DETACHED = symbol("y__now__detached");

export const TIME: Dimension = parseUnit("ms", "dt").dimension;

/**
 * Reads and checks the equations of a neuron.
 * @throws SpikevineError naming the neuron, the equation and the term or name that is wrong.
 */
export function readNeuronEquations(spec: NeuronSpec, parameters: Parameters, where: string): NeuronEquations {
  const input = spec.input?.symbol ?? "I";
  const specs = spec.states ?? {};
  const states = Object.keys(specs);
  checkName(input, where, Object.keys(parameters));
  for (const state of states) checkName(state, where, [input, ...Object.keys(parameters)]);
  checkCompleteness(spec, states, where);

  const parameterUnits = Object.entries(parameters).map(([p, { dimension }]): [string, Dimension] => [p, dimension]);
  const stateUnits = states.map((s): [string, Dimension] => [s, unitNamed(specs[s]?.unit, `${where}: state "${s}"`)]);
  const inputUnit: [string, Dimension] = [input, unitNamed(spec.input?.unit, `${where}: input`)];
  const known = new Map<string, Dimension>([...parameterUnits, ...stateUnits, ["dt", TIME]]);
  const names = new Map([...asSymbols([...Object.keys(parameters), "dt"])]);
  const asPrevious = states.map((s): [string, Expression] => [s, symbol(s)]);
  const asNow = states.map((s): [string, Expression] => [s, symbol(now(s))]);
  const current: [string, Expression] = [input, symbol("input")];

  const outputSyntax = parseSyntax(
    spec.spike ?? spec.output ?? "",
    `${where}: ${spec.spike === undefined ? "output" : "spike"}`,
  );
  const outputWhere = `${where}: in ${spec.spike === undefined ? "output" : "spike"}`;
  const outputExpression = resolve(outputSyntax, new Map([...names, ...asNow, current]), outputWhere);
  const outputUnit = unitOf(outputSyntax, new Map([...known, inputUnit]), outputWhere);
  const output = { kind: spec.spike === undefined ? "values" : "spikes", expression: outputExpression } as const;
  const yUnit: [string, Dimension] = ["y", output.kind === "spikes" ? DIMENSIONLESS : outputUnit];

  const read = (
    text: string,
    scope: ReadonlyMap<string, Expression>,
    units: NameDimensions,
    unit: Dimension,
    at: string,
  ) => {
    const syntax = parseSyntax(text, at);
    const expression = resolve(syntax, scope, at);
    requireUnit(syntax, unit, units, at);
    return expression;
  };

  const stepScope = new Map([
    ...names,
    ...asPrevious,
    current,
    ["y", symbol("y")] as const,
    [detached("y"), Y_DETACHED] as const,
  ]);
  const stepUnits = new Map([...known, inputUnit, yUnit]);
  const resetScope = new Map([
    ...names,
    ...asNow,
    ["y", symbol("y__now")] as const,
    [detached("y"), Y_NOW_DETACHED] as const,
  ]);
  const resetUnits = new Map([...known, yUnit]);
  const motion: Record<string, NeuronEquations["motion"][string]> = {};
  const initial: Record<string, Expression> = {};
  const reset: Record<string, Expression> = {};
  for (const [state, unit] of stateUnits) {
    const update = ownText(spec.update, state);
    const rate = ownText(spec.dynamics, state);
    motion[state] =
      update !== undefined
        ? {
            kind: "update",
            expression: read(update, stepScope, stepUnits, unit, `${where}: in the update of ${state}`),
          }
        : {
            kind: "dynamics",
            expression: read(rate!, stepScope, stepUnits, divideDimensions(unit, TIME), `${where}: in d${state}/dt`),
          };
    initial[state] = readInitial(
      specs[state]!,
      unit,
      parameters,
      parameterUnits,
      `${where}: initial value of ${state}`,
    );
    const back = ownText(spec.reset, state);
    if (back !== undefined)
      reset[state] = read(back, resetScope, resetUnits, unit, `${where}: in the reset of ${state}`);
  }
  return { states, initial, motion, output, reset };
}

function checkCompleteness(spec: NeuronSpec, states: readonly string[], where: string): void {
  if ((spec.spike === undefined) === (spec.output === undefined)) {
    const has = spec.spike === undefined ? "neither spike nor output" : "both spike and output";
    throw new SpikevineError(`${where} has ${has}; give one: spike for a binary output, output for a graded one.`);
  }
  if (spec.spike !== undefined && spec.surrogate === undefined) {
    throw new SpikevineError(
      `${where} has no surrogate; give one, e.g. tanhDerivative(), for the derivative of the spike.`,
    );
  }
  for (const field of ["update", "dynamics", "reset"] as const) {
    for (const state of Object.keys(spec[field] ?? {})) {
      if (states.includes(state)) continue;
      throw new SpikevineError(
        `${where}: ${field} has "${state}", which is not in states (${states.join(", ") || "none"}).`,
      );
    }
  }
  for (const state of states) {
    const count = [spec.update, spec.dynamics].filter((equations) => ownText(equations, state) !== undefined).length;
    if (count === 1) continue;
    const has = count === 0 ? "no equation" : "both an update and a dynamics";
    throw new SpikevineError(`${where}: state "${state}" has ${has}; give one: update or dynamics.`);
  }
}

const ownText = (equations: Readonly<Record<string, string>> | undefined, state: string): string | undefined =>
  equations !== undefined && Object.hasOwn(equations, state) ? equations[state] : undefined;

/** The dimension of a unit by name; none where none is given. */
export const unitNamed = (unit: string | undefined, where: string): Dimension =>
  unit === undefined ? DIMENSIONLESS : parseUnit(unit, where).dimension;

/** A quantity, or an equation of the parameters. */
export function readInitial(
  { initial = 0 }: StateSpec,
  unit: Dimension,
  parameters: Parameters,
  parameterUnits: readonly [string, Dimension][],
  where: string,
): Expression {
  if (initial === 0) return constant(0);
  if (typeof initial === "number" || /^\s*[-+]?[0-9.]/.test(plainText(initial))) {
    return constant(parseQuantity(initial, where, unit).value);
  }
  const syntax = parseSyntax(initial, where);
  const expression = resolve(syntax, asSymbols(Object.keys(parameters)), where);
  requireUnit(syntax, unit, new Map(parameterUnits), `${where}:`);
  return expression;
}

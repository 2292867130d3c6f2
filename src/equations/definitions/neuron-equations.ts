import { SpikevineError } from "../../errors.js";
import { unknownName } from "../../nearest-name.js";
import type { Calculus } from "../integrators/index.js";
import type { Draw } from "../kernels/kernels.js";
import { requireUnit } from "../language/check-units.js";
import { constant, type Expression, freeSymbols, select, symbol, ZERO } from "../language/expression.js";
import { plainText } from "../language/numerals.js";
import { asSymbols, detached, resolve } from "../language/parse.js";
import { parseSyntax } from "../language/syntax.js";
import { DIMENSIONLESS, type Dimension, divideDimensions, parseQuantity, parseUnit } from "../language/units.js";
import { type EventEquations, readEvents } from "./neuron-events.js";
import { EquationReader, INDEX, type Scope, SIMULATED, SIZE, T, TIME } from "./neuron-scope.js";
import type { NeuronSpec } from "./neuron-spec.js";
import { checkName, type Parameters } from "./parameters.js";
import { MAY_FIRE, REFRACTORY_LEFT, readRefractory } from "./refractory.js";
import { refuseSharedChange, requireSharedEquation } from "./shared-variables.js";
import type { StateSpec } from "./state-spec.js";
import type { TimedValue } from "./timed-array.js";
import { isShared, requireLinearNoise } from "./white-noise.js";

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
  /** Over `v` and `input`: subexpressions as the step starts, with their units. */
  readonly derived: Readonly<Record<string, { readonly expression: Expression; readonly unit: Dimension }>>;
  /** Random numbers that the formulas have as symbols. */
  readonly draws: readonly Draw[];
  /** White noises of the dynamics; each has the draw `noiseDraw(name)`. */
  readonly noises: readonly string[];
  readonly calculus: Calculus;
  /** Timed arrays whose present values are symbols, by symbol. */
  readonly timed: Readonly<Record<string, TimedValue>>;
  /** Names of the tables that the formulas look up. */
  readonly tables: readonly string[];
  /** Events beside the spike, in order. */
  readonly events: readonly EventEquations[];
  /** Names of input currents beside the first, each with the symbol `inputSymbol(name)`. */
  readonly further: readonly string[];
  /** The refractory period, if it is a time, in ms. */
  readonly period?: Expression;
}

/** Symbol of an input current beside the first. */
export const inputSymbol = (name: string): string => `input__${name}`;

/** Symbol of the normal number behind a white noise. */
export const noiseDraw = (name: string): string => `draw__${name}`;

export const now = (state: string): string => `now__${state}`;

/** The output of the previous step and of this one as `detach(y)` means them: values through which no derivative passes. */
export const Y_DETACHED = symbol("y__detached");
/** The output of the step, in resets and changes of events. */
export const Y_NOW = symbol("y__now");
export const Y_NOW_DETACHED = symbol("y__now__detached");

/**
 * Reads and checks the equations of a neuron.
 * @throws SpikevineError naming the neuron, the equation and the term or name that is wrong.
 */
export function readNeuronEquations(spec: NeuronSpec, parameters: Parameters, where: string): NeuronEquations {
  const input = spec.input?.symbol ?? "I";
  const specs = spec.states ?? {};
  const states = Object.keys(specs);
  const inputs = Object.entries(spec.inputs ?? {});
  const taken = [input, ...Object.keys(parameters)];
  checkName(input, where, Object.keys(parameters));
  for (const name of Object.keys(spec.events ?? {})) checkName(name, where);
  for (const name of [...inputs.map(([each]) => each), ...states, ...Object.keys(spec.derived ?? {})]) {
    checkName(name, where, taken);
    taken.push(name);
  }
  if (spec.refractory !== undefined) {
    for (const name of [REFRACTORY_LEFT, "notRefractory"]) if (taken.includes(name)) checkName(name, where, [name]);
  }
  checkCompleteness(spec, states, where);

  const parameterUnits = Object.entries(parameters).map(([p, { dimension }]): [string, Dimension] => [p, dimension]);
  const stateUnits = states.map((s): [string, Dimension] => [s, unitNamed(specs[s]?.unit, `${where}: state "${s}"`)]);
  const inputUnits: [string, Dimension][] = [
    [input, unitNamed(spec.input?.unit, `${where}: input`)],
    ...inputs.map(([name, { unit }]): [string, Dimension] => [name, unitNamed(unit, `${where}: input "${name}"`)]),
  ];
  const known = new Map<string, Dimension>([...parameterUnits, ...stateUnits, ["dt", TIME]]);
  const names = new Map([...asSymbols([...Object.keys(parameters), "dt"])]);
  const asPrevious = states.map((s): [string, Expression] => [s, symbol(s)]);
  const asNow = states.map((s): [string, Expression] => [s, symbol(now(s))]);
  const currents: [string, Expression][] = [
    [input, symbol("input")],
    ...inputs.map(([name]): [string, Expression] => [name, symbol(inputSymbol(name))]),
  ];
  const reader = new EquationReader(where, spec, unitNamed);

  const outputWhere = `${where}: in ${spec.spike === undefined ? "output" : "spike"}`;
  const outputScope = { names: new Map([...names, ...asNow, ...currents]), units: new Map([...known, ...inputUnits]) };
  if (spec.refractory !== undefined) outputScope.names.set("notRefractory", MAY_FIRE);
  const read = reader.readAny(spec.spike ?? spec.output ?? "", outputScope, outputWhere);
  const output = { kind: spec.spike === undefined ? "values" : "spikes", expression: read.expression } as const;
  const yUnit: [string, Dimension] = ["y", output.kind === "spikes" ? DIMENSIONLESS : read.unit];

  const stepScope = {
    names: new Map<string, Expression>([
      ...names,
      ...asPrevious,
      ...currents,
      ["y", symbol("y")] as const,
      [detached("y"), Y_DETACHED] as const,
    ]),
    units: new Map([...known, ...inputUnits, yUnit]),
  };
  const resetScope = {
    names: new Map([...names, ...asNow, ["y", Y_NOW] as const, [detached("y"), Y_NOW_DETACHED] as const]),
    units: new Map([...known, yUnit]),
  };
  const refractoriness =
    spec.refractory === undefined ? undefined : readRefractory(spec.refractory, reader, stepScope, resetScope, where);
  if (refractoriness !== undefined) {
    stepScope.names.set("notRefractory", refractoriness.isFree);
    resetScope.names.set("notRefractory", MAY_FIRE);
  }
  const dynamicsScope: Scope = { ...stepScope, noise: true };
  const isHeld = heldStates(spec, states, where);
  const held = (state: string, whenFree: Expression, otherwise: Expression): Expression =>
    isHeld(state) && refractoriness !== undefined ? select(refractoriness.isFree, whenFree, otherwise) : whenFree;
  const motion: Record<string, NeuronEquations["motion"][string]> = {};
  const initial: Record<string, Expression> = {};
  const reset: Record<string, Expression> = {};
  for (const [state, unit] of stateUnits) {
    const update = ownText(spec.update, state);
    const rate = ownText(spec.dynamics, state);
    // Without an equation only events, resets and the user change a state, as those of a synapse.
    motion[state] =
      update === undefined && rate === undefined
        ? { kind: "update", expression: symbol(state) }
        : update !== undefined
          ? {
              kind: "update",
              expression: held(
                state,
                reader.read(update, stepScope, unit, `${where}: in the update of ${state}`),
                symbol(state),
              ),
            }
          : {
              kind: "dynamics",
              expression: held(
                state,
                reader.read(rate!, dynamicsScope, divideDimensions(unit, TIME), `${where}: in d${state}/dt`),
                ZERO,
              ),
            };
    initial[state] = readInitial(
      specs[state]!,
      unit,
      parameters,
      parameterUnits,
      `${where}: initial value of ${state}`,
    );
    if (specs[state]!.shared === true) {
      const of = { states: specs, parameters };
      requireSharedEquation(motion[state].expression, state, of, `${where}: in the equation of ${state}`);
      requireSharedEquation(initial[state], state, of, `${where}: in the initial value of ${state}`);
    }
    const back = ownText(spec.reset, state);
    if (back === undefined) continue;
    refuseSharedChange(state, { states: specs }, "the reset", where);
    reset[state] = reader.read(back, resetScope, unit, `${where}: in the reset of ${state}`);
    if (output.kind === "spikes" && forgetsSpike(reset[state], state, states)) {
      throw new SpikevineError(
        `${where}: the reset of ${state}, "${back}", does not depend on y and would act in every step; write "y > 0 ? ${back} : ${state}".`,
      );
    }
  }
  const units = new Map(stateUnits);
  for (const [event, { changes = {} }] of Object.entries(spec.events ?? {})) {
    for (const state of Object.keys(changes)) refuseSharedChange(state, { states: specs }, `the event ${event}`, where);
  }
  const events = readEvents(spec.events ?? {}, reader, { when: outputScope, changes: resetScope, units }, where);
  const subexpressions = Object.entries(reader.subexpressions(dynamicsScope));
  const { noises } = reader;
  const derived = Object.fromEntries(
    subexpressions.filter(([, { expression }]) => !freeSymbols([expression]).some((name) => noises.includes(name))),
  );
  const draws: Draw[] = [
    ...reader.draws,
    ...noises.map((name): Draw => ({ symbol: noiseDraw(name), kind: "normal", shared: isShared(name) })),
  ];
  const { calculus = "stratonovich" } = spec;
  for (const state of Object.keys(spec.dynamics ?? {})) {
    requireLinearNoise(motion[state]!.expression, noises, `${where}: d${state}/dt`);
  }
  reader.checkFunctions([stepScope, outputScope]);
  const { timed, tables } = reader;
  const further = inputs.map(([name]) => name);
  const equations = {
    states,
    initial,
    motion,
    output,
    reset,
    derived,
    draws,
    noises,
    calculus,
    timed,
    tables,
    events,
    further,
    ...(refractoriness?.period === undefined ? {} : { period: refractoriness.period }),
  };
  if (refractoriness === undefined) return equations;
  const { update, after } = refractoriness;
  return {
    ...equations,
    states: [...states, REFRACTORY_LEFT],
    initial: { ...initial, [REFRACTORY_LEFT]: constant(-1) },
    motion: { ...motion, [REFRACTORY_LEFT]: { kind: "update", expression: update } },
    output: { ...output, expression: select(MAY_FIRE, output.expression, constant(-1)) },
    reset: { ...reset, [REFRACTORY_LEFT]: after },
  };
}

/**
 * Tells if a reset has forgotten the spike: it reads neither the output nor another state. A reset acts in every step; one
 * that follows other states is a value of theirs after the step.
 */
const forgetsSpike = (reset: Expression, state: string, states: readonly string[]): boolean => {
  const others = states.filter((each) => each !== state).map(now);
  const used = freeSymbols([reset]);
  return (
    reset !== symbol(now(state)) && ![...others, Y_NOW.name, Y_NOW_DETACHED.name].some((name) => used.includes(name))
  );
};

/** The states that are held while the neuron is refractory. */
function heldStates(spec: NeuronSpec, states: readonly string[], where: string): (state: string) => boolean {
  const held = spec.unlessRefractory ?? [];
  if (spec.refractory !== undefined && spec.spike === undefined) {
    throw new SpikevineError(`${where} has refractory, but no spike; leave it out, or give spike.`);
  }
  if (held.length > 0 && spec.refractory === undefined) {
    throw new SpikevineError(`${where} has unlessRefractory, but no refractory; give it, e.g. refractory: "5 ms".`);
  }
  const unknown = held.find((state) => !states.includes(state));
  if (unknown !== undefined) throw unknownName(`state in unlessRefractory of ${where}`, unknown, states);
  return (state) => held.includes(state);
}

/** Property of the equations that only simulations offer, in words; undefined if training can use them. */
export function simulatedOnly(equations: NeuronEquations): string | undefined {
  const { motion, output, reset, draws, noises, timed, tables, further, events } = equations;
  if (events.length > 0) return `the event ${events[0]!.name}`;
  if (further.length > 0) return `the input ${further[0]}`;
  if (noises.length > 0) return noises[0];
  const [present] = Object.values(timed);
  if (present !== undefined) return `the timed array ${present.name}`;
  if (tables.length > 0) return `the table ${tables[0]}`;
  if (draws.length > 0) return draws.some(({ kind }) => kind === "uniform") ? "rand()" : "randn()";
  const motions = Object.values(motion).map(({ expression }) => expression);
  const used = freeSymbols([...motions, output.expression, ...Object.values(reset)]);
  return SIMULATED.find(({ symbol: { name } }) => used.includes(name))?.name;
}

/** Values of the symbols that only simulations bind, for a look at the equations at the start. */
export const simulatedAtStart = ({ draws, noises, timed, further }: NeuronEquations): Record<string, number> => ({
  ...Object.fromEntries(further.map((name) => [inputSymbol(name), 0])),
  ...Object.fromEntries(Object.entries(timed).map(([name, { array }]) => [name, array.values[0]!])),
  [T.name]: 0,
  [INDEX.name]: 0,
  [SIZE.name]: 1,
  ...Object.fromEntries(noises.map((name) => [name, 0])),
  ...Object.fromEntries(draws.map(({ symbol, kind }) => [symbol, kind === "uniform" ? 0.5 : 0])),
});

function checkCompleteness(spec: NeuronSpec, states: readonly string[], where: string): void {
  if ((spec.spike === undefined) === (spec.output === undefined)) {
    const has = spec.spike === undefined ? "neither spike nor output" : "both spike and output";
    throw new SpikevineError(`${where} has ${has}; give one: spike for a binary output, output for a graded one.`);
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
    if (count < 2) continue;
    throw new SpikevineError(
      `${where}: state "${state}" has both an update and a dynamics; give one: update or dynamics.`,
    );
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

import { ownValue } from "../../own-value.js";
import { type AdjointOptions, adjoint } from "../analysis/differentiate.js";
import {
  type NeuronEquations,
  noiseDraw,
  now,
  Y_DETACHED,
  Y_NOW,
  Y_NOW_DETACHED,
} from "../definitions/neuron-equations.js";
import { INDEX, T } from "../definitions/neuron-scope.js";
import type { SurrogateDefinition } from "../definitions/surrogate.js";
import { timedFunction } from "../definitions/timed-array.js";
import { advanceParts, loopsOf, mapLoop, partsOf, type Scheme, schemeNames } from "../integrators/index.js";
import {
  type Expression,
  type Formulas,
  freeSymbols,
  mapFormulas,
  type NamedSymbol,
  operation,
  schedule,
  select,
  substitute,
  symbol,
  ZERO,
} from "../language/expression.js";
import { add, divide, formalSubstitute } from "../language/formal.js";
import type { NeuronKernel } from "./kernels.js";

export interface KernelSource {
  readonly name: string;
  readonly equations: NeuronEquations;
  readonly parameters: readonly string[];
  readonly integrator: Scheme;
  readonly surrogate: Pick<SurrogateDefinition, "derivative" | "smooth"> | undefined;
  readonly where: string;
}

export interface KernelSettings {
  /** Length of a step as an expression, ms. */
  readonly dt: Expression;
  readonly smooth: boolean;
  /** Parameters whose derivative must be computable from the stored values. */
  readonly trained: readonly string[];
}

type Replacements = ReadonlyMap<Expression, Expression>;

const Y = symbol("y");

const INPUT = symbol("input");

/** Step, carry and adjoint of a neuron, all derived from its equations. kernels.ts defines these terms. */
export function makeNeuronKernel(source: KernelSource, { dt, smooth, trained }: KernelSettings): NeuronKernel {
  const { equations, surrogate } = source;
  const { states } = equations;
  const withDt: Replacements = new Map<Expression, Expression>([[symbol("dt"), dt]]);
  const z = substitute(equations.output.expression, withDt);
  const output = equations.output.kind === "spikes" ? operation("spike", z) : z;
  const { next, schemes, loops } = nextStates(source, dt, withDt);
  const isNow: Replacements = new Map(states.map((s) => [symbol(now(s)), next.get(s)!]));
  const isOutput: Replacements = new Map<Expression, Expression>([[Y_NOW, output]]);
  const step: Record<string, Expression> = {};
  const carry: Record<string, Expression> = {};
  for (const s of states) {
    step[now(s)] = next.get(s)!;
    carry[s] = substitute(substitute(ownValue(equations.reset, s) ?? symbol(now(s)), withDt), isOutput);
  }
  const conditions = Object.fromEntries(equations.events.map(({ name, when }) => [name, substitute(when, withDt)]));
  for (const { name, changes } of equations.events) {
    const before: Replacements = new Map(states.map((s) => [symbol(now(s)), carry[s]!]));
    const changed = Object.entries(changes).map(([s, to]) => {
      const after = substitute(substitute(substitute(to, withDt), before), isOutput);
      return [s, select(conditions[name]!, after, carry[s]!)] as const;
    });
    for (const [s, value] of changed) carry[s] = value;
  }
  step.y__now = substitute(output, isNow);
  carry.y = output;

  const used = freeSymbols([...Object.values(step), ...Object.values(carry), ...Object.values(equations.initial)]);
  const parameters = source.parameters.filter((p) => used.includes(p));
  // For the adjoint a detached output is a constant; afterwards it is the output.
  const attach: Replacements = new Map<Expression, Expression>([
    [Y_DETACHED, Y],
    [Y_NOW_DETACHED, output],
  ]);
  const attached = (formulas: Formulas, put = substitute): Formulas => mapFormulas(formulas, (e) => put(e, attach));
  const back = attached(makeAdjoint(states, parameters, next, carry, surrogate), formalSubstitute);
  // The adjoint is derived before the spike is smoothed, so both kernels have the same adjoint.
  const finish = (formulas: Formulas): Formulas =>
    smooth && surrogate !== undefined ? smoothSpikes(formulas, surrogate) : formulas;
  const finished = { carry: finish(attached(carry)), adjoint: finish(back) };
  return {
    name: source.name,
    states,
    initial: equations.initial,
    parameters,
    output: smooth ? "values" : equations.output.kind,
    step: finish(attached(step)),
    ...finished,
    initialAdjoint: makeInitialAdjoint(equations, parameters),
    adjointNeeds: neededByAdjoint(states, parameters, finished, trained),
    schemes,
    ...(loops.length === 0 ? {} : { loops: loops.map((loop) => mapLoop(loop, (e) => substitute(e, attach))) }),
    draws: equations.draws,
    events: conditions,
    timed: equations.timed,
    derived: attached(
      Object.fromEntries(
        Object.entries(equations.derived).map(([d, { expression }]) => [d, substitute(expression, withDt)]),
      ),
    ),
  };
}

/** Every state at the end of the step, before its reset. */
function nextStates({ equations, integrator, parameters, where }: KernelSource, dt: Expression, withDt: Replacements) {
  const next = new Map<string, Expression>();
  const rates = new Map<NamedSymbol, Expression>();
  for (const s of equations.states) {
    const { kind, expression } = equations.motion[s]!;
    const motion = substitute(expression, withDt);
    if (kind === "update") next.set(s, motion);
    else rates.set(symbol(s), motion);
  }
  const isConstant = (e: Expression): boolean => freeSymbols([e]).every((name) => parameters.includes(name));
  const { noises, calculus } = equations;
  const noise = noises.length === 0 ? {} : { noise: { names: noises, calculus } };
  // White noise over a step has the variance 1 / dt.
  const drawn: Replacements = new Map<Expression, Expression>(
    noises.map((name) => [symbol(name), divide(symbol(noiseDraw(name)), operation("sqrt", dt))]),
  );
  const parts = partsOf(integrator, { rates, dt, where, ...noise });
  const rows = rowsInTime(equations, withDt);
  for (const { scheme, states } of parts) {
    if (!("system" in scheme) || scheme.movesTime !== true) continue;
    for (const x of states) rates.set(x, substitute(rates.get(x)!, rows));
  }
  const usesTime = freeSymbols(rates.values()).includes(T.name);
  const problem = { rates, dt, where, isConstant, ...noise, ...(usesTime ? { time: T } : {}) };
  for (const [x, value] of advanceParts(parts, problem)) next.set(x.name, substitute(value, drawn));
  const loops = loopsOf(parts, problem).map((loop) => mapLoop(loop, (e) => substitute(e, drawn)));
  return { next, loops, schemes: schemeNames(parts) };
}

/** The present rows of timed arrays as functions of the time, for schemes that evaluate the rates at several times. */
const rowsInTime = ({ timed }: NeuronEquations, withDt: Replacements): Replacements =>
  new Map(
    Object.entries(timed).map(([present, { array, perNeuron }]) => {
      const { value } = timedFunction(array);
      return [symbol(present), substitute(perNeuron ? value(T, INDEX) : value(T), withDt)];
    }),
  );

/** First from the seeds to the stored states, then through the update to the values at the beginning of the step. */
function makeAdjoint(
  states: readonly string[],
  parameters: readonly string[],
  next: ReadonlyMap<string, Expression>,
  carry: Formulas,
  surrogate: KernelSource["surrogate"],
): Formulas {
  const options: AdjointOptions = {
    fixed: parameters,
    ...(surrogate === undefined ? {} : { spikeDerivative: (z: Expression) => surrogate.derivative(z) }),
  };
  const shared = [INPUT, ...parameters.map(symbol)];
  const seeds = [
    ...states.map((s) => ({ expression: carry[s]!, seed: symbol(`d__${s}__next`) })),
    ...states.map((s) => ({ expression: symbol(now(s)), seed: symbol(`d__${now(s)}`) })),
    { expression: carry.y!, seed: symbol("d__y__now") },
  ];
  const late = adjoint(seeds, [...shared, ...states.map((s) => symbol(now(s)))], options);
  const early = adjoint(
    states.map((s, i) => ({ expression: next.get(s)!, seed: late[shared.length + i]! })),
    [...shared, ...states.map(symbol), Y],
    options,
  );
  // Uses stored values instead of computing them again. The input is then not needed if a derivative is a function of the
  // result.
  const stored = new Map<Expression, Expression>();
  for (const s of states) {
    const e = next.get(s)!;
    if (e.kind === "operation" || e === INPUT) stored.set(e, symbol(now(s)));
  }
  const names = ["input", ...parameters, ...states, "y"];
  return Object.fromEntries(
    names.map((name, i) => {
      const gradient = i < shared.length ? add(late[i]!, early[i]!) : early[i]!;
      return [`d__${name}`, formalSubstitute(gradient, stored)];
    }),
  );
}

/** From the errors at the initial values to the parameters that they depend on. */
function makeInitialAdjoint({ states, initial }: NeuronEquations, parameters: readonly string[]): Formulas {
  const seeds = states.map((s) => ({ expression: initial[s]!, seed: symbol(`d__${s}`) }));
  const gradients = adjoint(seeds, parameters.map(symbol), { fixed: parameters });
  const named = parameters.map((p, i) => [`d__${p}`, gradients[i]!] as const);
  return Object.fromEntries(named.filter(([, gradient]) => gradient !== ZERO));
}

function smoothSpikes(formulas: Formulas, surrogate: NonNullable<KernelSource["surrogate"]>): Formulas {
  const replacements = new Map<Expression, Expression>();
  for (const e of schedule(Object.values(formulas))) {
    if (e.kind !== "operation" || e.operator !== "spike") continue;
    // Operands come before their spikes, so spikes inside this argument are replaced already.
    replacements.set(e, surrogate.smooth(substitute(e.operands[0]!, replacements)));
  }
  return mapFormulas(formulas, (e) => substitute(e, replacements));
}

/** Stored values that the adjoint uses directly or through the values at the beginning of the step. */
export function neededByAdjoint(
  states: readonly string[],
  parameters: readonly string[],
  kernel: { readonly carry: Formulas; readonly adjoint: Formulas },
  trained: readonly string[],
): string[] {
  const untrained = parameters.filter((p) => !trained.includes(p)).map((p) => `d__${p}`);
  const wanted = Object.keys(kernel.adjoint).filter((name) => !untrained.includes(name));
  const direct = freeSymbols(wanted.map((name) => kernel.adjoint[name]!));
  const started = direct.filter((name) => Object.hasOwn(kernel.carry, name)).map((name) => kernel.carry[name]!);
  const all = new Set([...direct, ...freeSymbols(started)]);
  return [...states.map(now), "input"].filter((name) => all.has(name));
}

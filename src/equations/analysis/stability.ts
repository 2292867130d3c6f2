import {
  advanceParts,
  type NoiseProblem,
  needsNumbers,
  type Part,
  partsOf,
  type Scheme,
} from "../integrators/index.js";
import {
  constant,
  type Expression,
  evaluate,
  type Formulas,
  freeSymbols,
  type NamedSymbol,
  ONE,
  schedule,
  substitute,
  symbol,
  ZERO,
} from "../language/expression.js";
import { derivative } from "./differentiate.js";
import { eigenvalues, modulus } from "./eigenvalues.js";

/** Differential equations with numbers in place of their parameters, and the scheme that integrates them over a step. */
export interface StepProblem {
  /** dx/dt of every state x that has a differential equation, per ms; `dt` may be left in them as a symbol. */
  readonly rates: ReadonlyMap<NamedSymbol, Expression>;
  readonly integrator: Scheme;
  /** White noise among the symbols of the rates, on which the choice of a scheme may depend. */
  readonly noise?: NoiseProblem;
  readonly where: string;
}

/** Instability: a step that is too long for a scheme. */
export interface Instability {
  /** States whose coupled equations grow over the step although the exact solution does not. */
  readonly states: readonly string[];
  /** Name of the scheme. */
  readonly integrator: string;
  /** Largest stable step, ms, rounded down. */
  readonly largest: number;
  /**
   * Names of the states and inputs that the coefficients of the equations depend on. Empty if the equations are linear with\n
   * * constant coefficients: then the limit is exact and holds everywhere.
   */
  readonly varies: readonly string[];
}

/** Negligible growth per step: 0.1 % in a million steps. */
const TOLERANCE = 1e-9;

/** Largest number of combinations of external conditions that are examined; if there are more, only the first ones are. */
const MOST_BRANCHES = 64;

type Matrix = readonly (readonly number[])[];

const DT = symbol("dt");

/**
 * Finds the instabilities of a scheme at a step: certain limits first, then estimates, the shortest step first. The equations
 * dx/dt = f(x) have the Jacobian A = df/dx,
 * and the scheme takes small differences over a step by the matrix M = dx'/dx, both by symbolic differentiation. The
 * step is too long where M has more eigenvalues of a size above 1 than exp(A dt) has (a mode grows that should not), or more\n
 * * that do not shrink (a mode does not decay that should). So growing equations may grow, but undamped oscillations may not:
 * forward Euler multiplies an undamped oscillation by sqrt(1 + (omega dt)^2) in every step, so no step is short enough, except
 * for growth below 1e-9 per step. For forward Euler and rk4 the eigenvalues of M are the schemes'
 * stability functions at those of A dt (E. Hairer and G. Wanner, Solving Ordinary Differential Equations II (1996),
 * sec. IV.2).
 *
 * Conditions on anything but the equations' own states (an input, a refractory time) are examined for both outcomes. Where A
 * depends on a
 * state or on an input, the limit is that of the linear equations around `at`: an estimate.
 * @param dt Length of the step, ms.
 * @param at Values of all states and other names that the equations have.
 */
export function instabilities(
  problem: StepProblem,
  dt: number,
  at: Readonly<Record<string, number>>,
): readonly Instability[] {
  const { rates: whole, integrator, where, noise } = problem;
  const atDt = new Map([...whole].map(([x, rate]) => [x, substitute(rate, new Map([[DT, constant(dt)]]))]));
  const parts = partsOf(integrator, { rates: atDt, dt: constant(dt), where, ...(noise && { noise }) });
  // Sub-steps adapt.
  const limited = parts.filter(({ scheme }) => !("loop" in scheme));
  if (limited.length === 0 || (limited.length === 1 && isExact(limited[0]!))) return [];
  const states = limited.flatMap((part) => part.states);
  const found = branches(new Map([...whole].filter(([x]) => states.includes(x)))).flatMap((rates) =>
    ofBranch({ rates, parts: limited, where }, dt, at),
  );
  const isEstimate = ({ varies }: Instability): number => (varies.length > 0 ? 1 : 0);
  return found.sort((a, b) => isEstimate(a) - isEstimate(b) || a.largest - b.largest);
}

const isExact = ({ scheme }: Part): boolean => scheme.order === Number.POSITIVE_INFINITY;

type BranchProblem = Pick<StepProblem, "rates" | "where"> & { readonly parts: readonly Part[] };

function ofBranch(problem: BranchProblem, dt: number, at: Readonly<Record<string, number>>): Instability[] {
  const states = [...problem.rates.keys()];
  const jacobian = matrixOf(problem.rates, states);
  const propagator = propagatorOf(problem);
  const valuesOf = (matrix: Formulas, step: number) => numbers(matrix, states.length, { ...at, dt: step });
  const a = valuesOf(jacobian, dt);
  if (!allFinite(a)) return [];
  return coupled(a).flatMap((block) => {
    const isTooLong = (step: number): boolean => {
      const m = part(valuesOf(propagator(step), step), block);
      return !allFinite(m) || growsByItself(part(valuesOf(jacobian, step), block), m, step);
    };
    if (!isTooLong(dt)) return [];
    const factors = block.flatMap((i) => block.map((j) => jacobian[`${i},${j}`]!));
    return {
      states: block.map((i) => states[i]!.name),
      integrator: schemesOf(
        problem.parts,
        block.map((i) => states[i]!),
      ),
      largest: largestBelow(dt, (step) => !isTooLong(step)),
      varies: freeSymbols(factors).filter((name) => name !== DT.name),
    };
  });
}

/** dx'/dx by the length of the step. */
function propagatorOf({ rates, parts, where }: BranchProblem): (step: number) => Formulas {
  const isConstant = (e: Expression): boolean => freeSymbols([e]).length === 0;
  const make = (dt: Expression): Formulas => {
    const isDt = new Map<Expression, Expression>([[DT, dt]]);
    const own = new Map([...rates].map(([x, rate]) => [x, substitute(rate, isDt)]));
    return matrixOf(advanceParts(parts, { rates: own, dt, where, isConstant }), [...rates.keys()]);
  };
  if (parts.some(({ scheme }) => needsNumbers(scheme))) return (step) => make(constant(step));
  const forAll = make(DT);
  return () => forAll;
}

/** Names of the schemes of some states. */
const schemesOf = (parts: readonly Part[], states: readonly NamedSymbol[]): string =>
  parts
    .filter((part) => part.states.some((x) => states.includes(x)))
    .map(({ scheme }) => scheme.name)
    .join(" with ");

/** True if more modes grow, or fewer decay, over the step than in the exact solution. */
function growsByItself(a: Matrix, m: Matrix, dt: number): boolean {
  const factors = eigenvalues(m).map(modulus);
  const exponents = eigenvalues(a).map(({ re }) => re * dt);
  const count = (values: readonly number[], limit: number): number => values.filter((value) => value > limit).length;
  // The two limits differ, so that neither rounding nor a decay over many steps counts.
  return (
    count(factors, 1 + TOLERANCE) > count(exponents, 0.1 * TOLERANCE) ||
    count(factors, 1 - 0.1 * TOLERANCE) > count(exponents, -TOLERANCE)
  );
}

/** The largest step below `dt` for which `holds` is true, rounded down; 0 if there is none. */
function largestBelow(dt: number, holds: (step: number) => boolean): number {
  let low = dt;
  for (let k = 0; k < 100 && !holds(low); k++) low /= 2;
  if (!holds(low)) return 0;
  let high = 2 * low;
  for (let k = 0; k < 40; k++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return roundedDown(low);
}

/** A limit with three digits, rounded down so that the shown value is stable. */
export function roundedDown(limit: number): number {
  const below = limit * (1 - 1e-9);
  const unit = 10 ** (Math.floor(Math.log10(below)) - 2);
  return Number((Math.floor(below / unit) * unit).toPrecision(3));
}

/** d(formula i)/d(state j) by the names "i,j". */
function matrixOf(formulas: ReadonlyMap<NamedSymbol, Expression>, states: readonly NamedSymbol[]): Formulas {
  return Object.fromEntries(
    states.flatMap((x, i) => states.map((by, j) => [`${i},${j}`, derivative(formulas.get(x)!, by)] as const)),
  );
}

function numbers(matrix: Formulas, size: number, at: Readonly<Record<string, number>>): number[][] {
  const values = evaluate(matrix, at);
  return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => values[`${i},${j}`]!));
}

const allFinite = (matrix: Matrix): boolean => matrix.flat().every(Number.isFinite);

const part = (matrix: Matrix, block: readonly number[]): number[][] =>
  block.map((i) => block.map((j) => matrix[i]![j]!));

/** Groups of states that act on each other. States that are coupled in one direction only have separate eigenvalues. */
function coupled(a: Matrix): number[][] {
  const reaches = a.map((row, i) => row.map((value, j) => i === j || value !== 0));
  for (let k = 0; k < a.length; k++) {
    for (let i = 0; i < a.length; i++) {
      for (let j = 0; j < a.length; j++) reaches[i]![j] ||= reaches[i]![k]! && reaches[k]![j]!;
    }
  }
  const group = (i: number): number[] => [...a.keys()].filter((j) => reaches[i]![j]! && reaches[j]![i]!);
  return [...a.keys()].map(group).filter((members, i) => members[0] === i);
}

/** The equations for every outcome of the conditions that do not depend on their states. */
function branches(rates: StepProblem["rates"]): StepProblem["rates"][] {
  const states = new Set([...rates.keys()].map(({ name }) => name));
  const done: StepProblem["rates"][] = [];
  const open = [rates];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const condition = outerCondition(next.values(), states);
    if (condition === undefined || done.length + open.length >= MOST_BRANCHES) {
      done.push(next);
      continue;
    }
    for (const value of [ZERO, ONE]) {
      const decided = new Map<Expression, Expression>([[condition, value]]);
      open.push(new Map([...next].map(([x, rate]) => [x, substitute(rate, decided)])));
    }
  }
  return done;
}

function outerCondition(rates: Iterable<Expression>, states: ReadonlySet<string>): Expression | undefined {
  for (const e of schedule(rates)) {
    if (e.kind !== "operation" || e.operator !== "select") continue;
    const condition = e.operands[0]!;
    if (condition.kind !== "constant" && !freeSymbols([condition]).some((name) => states.has(name))) return condition;
  }
  return undefined;
}

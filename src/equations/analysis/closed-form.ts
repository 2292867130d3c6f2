import {
  constant,
  type Expression,
  type Formulas,
  freeSymbols,
  type NamedSymbol,
  ONE,
  operation,
  symbol,
  ZERO,
} from "../language/expression.js";
import { add, divide, formalSubstitute, multiply, negate, subtract } from "../language/formal.js";
import { derivative } from "./differentiate.js";

/** Symbol of the number of steps. */
export const ELAPSED = "elapsed__steps";

/** The values of variables after any number of steps. */
export interface ClosedForm {
  /** Over the variables before the steps, `ELAPSED`, the names of `powers`, and symbols that do not change. */
  readonly values: Formulas;
  /** Growth per step of each power: the power of this name is exp(growth * `ELAPSED`). */
  readonly powers: Formulas;
}

/** c n^order times a product of powers, n being the number of steps. */
interface Term {
  readonly coefficient: Expression;
  /** 0 or 1. */
  readonly order: number;
  /** How often each power is a factor. */
  readonly factors: ReadonlyMap<string, number>;
}

/** The course of a value over the steps: a sum of terms with different `order` or `factors`. */
type Course = readonly Term[];

/** Differences of growth below this one would lose digits in (r^n - a^n) / (r - a). */
const LEAST_DIFFERENCE = 1e-4;

/**
 * The result of n steps as one formula, if every variable is linear in itself with a constant positive factor, and the
 * variables that it depends on are polynomials, and do not depend on it: sums of exponentials stay sums of exponentials
 * under x' = a x + f. Undefined if the step has no such form.
 * @param step Value of each variable after a step, over the values before.
 * @param growths For variables whose factor is known as an exponential: its exponent.
 */
export function closedForm(step: Formulas, growths: Formulas = {}): ClosedForm | undefined {
  const moving = Object.entries(step).filter(([name, next]) => next !== symbol(name));
  const solver = new Solver(Object.fromEntries(moving), growths);
  const values: Record<string, Expression> = {};
  for (const [name] of moving) {
    const course = solver.course(name);
    if (course === undefined) return undefined;
    values[name] = course.reduce<Expression>((sum, term) => add(sum, asExpression(term)), ZERO);
  }
  const used = freeSymbols(Object.values(values));
  return { values, powers: Object.fromEntries(Object.entries(solver.powers).filter(([name]) => used.includes(name))) };
}

class Solver {
  readonly powers: Record<string, Expression> = {};
  readonly #step: Formulas;
  readonly #growths: Formulas;
  readonly #courses = new Map<string, Course | undefined>();

  constructor(step: Formulas, growths: Formulas) {
    this.#step = step;
    this.#growths = growths;
  }

  /** The course of a variable; undefined if it has none, or depends on itself through others. */
  course(name: string): Course | undefined {
    if (this.#courses.has(name)) return this.#courses.get(name);
    // Found by a variable that depends on this one, which is then a cycle.
    this.#courses.set(name, undefined);
    const course = this.#solve(name);
    this.#courses.set(name, course);
    return course;
  }

  #solve(name: string): Course | undefined {
    const variable = symbol(name) as NamedSymbol;
    if (!isAffine(this.#step[name]!, variable)) return undefined;
    const factor = derivative(this.#step[name]!, variable);
    const growth = this.#growthOf(name, factor);
    const inflow = this.#of(formalSubstitute(this.#step[name]!, new Map<Expression, Expression>([[variable, ZERO]])));
    if (growth === undefined || inflow === undefined) return undefined;
    const own = this.#power(growth);
    const course: Term[] = [{ coefficient: variable, order: 0, factors: own }];
    for (const term of inflow) {
      const response = this.#respond(term, growth, own);
      if (response === undefined) return undefined;
      course.push(...response);
    }
    return collect(course);
  }

  /** Growth per step of a variable with this factor. */
  #growthOf(name: string, factor: Expression): Expression | undefined {
    if (factor === ONE) return ZERO;
    const known = Object.hasOwn(this.#growths, name) ? this.#growths[name] : undefined;
    if (factor.kind === "constant") {
      if (!(factor.value > 0 && Number.isFinite(factor.value))) return undefined;
      // Its logarithm has fewer digits than the exponent.
      const isKnown = known?.kind === "constant" && Math.abs(Math.exp(known.value) / factor.value - 1) < 1e-12;
      return isKnown ? known : constant(Math.log(factor.value));
    }
    return known !== undefined && this.#isFixed(known) ? known : undefined;
  }

  /** Tells if an expression keeps its value during the steps. */
  #isFixed(e: Expression): boolean {
    return freeSymbols([e]).every((name) => !Object.hasOwn(this.#step, name));
  }

  #power(growth: Expression): ReadonlyMap<string, number> {
    if (growth === ZERO) return new Map();
    const found = Object.keys(this.powers).find((name) => this.powers[name] === growth);
    const name = found ?? `power__${Object.keys(this.powers).length}`;
    this.powers[name] = growth;
    return new Map([[name, 1]]);
  }

  /** The course of x' = a x + term from x = 0. */
  #respond(term: Term, growth: Expression, own: ReadonlyMap<string, number>): Term[] | undefined {
    const { coefficient, order, factors } = term;
    if (order > 0) return undefined;
    const inflow = [...factors].reduce<Expression>(
      (sum, [name, count]) => add(sum, multiply(constant(count), this.powers[name]!)),
      ZERO,
    );
    const difference = subtract(inflow, growth);
    // The same growth: n c a^(n - 1).
    if (difference === ZERO) {
      return [{ coefficient: divide(coefficient, operation("exp", growth)), order: 1, factors: own }];
    }
    if (difference.kind === "constant" && Math.abs(difference.value) < LEAST_DIFFERENCE) {
      if (growth !== ZERO && inflow !== ZERO) return undefined;
    }
    // Growths that vary between synapses may be equal, except to that of a constant.
    if (difference.kind !== "constant" && growth !== ZERO && inflow !== ZERO) return undefined;
    const [r, a] = [inflow, growth].map((e) => operation("exp", e)) as [Expression, Expression];
    const share = divide(coefficient, subtract(r, a));
    return [
      { coefficient: share, order: 0, factors },
      { coefficient: negate(share), order: 0, factors: own },
    ];
  }

  /** The course of an expression of variables: of sums and products. */
  #of(e: Expression): Course | undefined {
    if (this.#isFixed(e)) return collect([{ coefficient: e, order: 0, factors: new Map() }]);
    if (e.kind === "symbol") return this.course(e.name);
    if (e.kind === "constant") return undefined;
    const [x, y] = e.operands as [Expression, Expression];
    const both = (join: (a: Course, b: Course) => Course | undefined): Course | undefined => {
      const [a, b] = [this.#of(x), this.#of(y)];
      return a && b && join(a, b);
    };
    const scaled = (of: Expression, by: (coefficient: Expression) => Expression): Course | undefined =>
      this.#of(of)?.map((term) => ({ ...term, coefficient: by(term.coefficient) }));
    switch (e.operator) {
      case "add":
        return both((a, b) => collect([...a, ...b]));
      case "subtract":
        return both((a, b) => collect([...a, ...b.map((t) => ({ ...t, coefficient: negate(t.coefficient) }))]));
      case "negate":
        return scaled(x, negate);
      case "multiply":
        return both((a, b) => collect(a.flatMap((s) => b.map((t) => times(s, t)))));
      case "divide":
        return this.#isFixed(y) ? scaled(x, (coefficient) => divide(coefficient, y)) : undefined;
      default:
        return undefined;
    }
  }
}

/** Tells if an expression is a sum of a multiple of a variable and of a term without it; a derivative does not see jumps. */
function isAffine(e: Expression, variable: NamedSymbol): boolean {
  const isFree = (of: Expression): boolean => !freeSymbols([of]).includes(variable.name);
  if (e === variable || isFree(e)) return true;
  if (e.kind !== "operation") return false;
  const [a, b, c] = e.operands as [Expression, Expression, Expression];
  switch (e.operator) {
    case "add":
    case "subtract":
      return isAffine(a, variable) && isAffine(b, variable);
    case "negate":
      return isAffine(a, variable);
    case "multiply":
      return (isFree(a) && isAffine(b, variable)) || (isFree(b) && isAffine(a, variable));
    case "divide":
      return isFree(b) && isAffine(a, variable);
    case "select":
      return isFree(a) && isAffine(b, variable) && isAffine(c, variable);
    default:
      return false;
  }
}

function times(a: Term, b: Term): Term {
  const factors = new Map(a.factors);
  for (const [name, count] of b.factors) factors.set(name, (factors.get(name) ?? 0) + count);
  return { coefficient: multiply(a.coefficient, b.coefficient), order: a.order + b.order, factors };
}

/** Adds up the terms that differ in their coefficients only. */
function collect(terms: readonly Term[]): Term[] {
  const byKind = new Map<string, Term>();
  for (const term of terms) {
    const kind = JSON.stringify([term.order, [...term.factors].sort()]);
    const same = byKind.get(kind);
    const coefficient = same === undefined ? term.coefficient : add(same.coefficient, term.coefficient);
    byKind.set(kind, { ...term, coefficient });
  }
  return [...byKind.values()].filter(({ coefficient }) => coefficient !== ZERO);
}

function asExpression({ coefficient, order, factors }: Term): Expression {
  const powers = [...factors].flatMap(([name, count]) => Array.from({ length: count }, () => symbol(name)));
  const steps = Array.from({ length: order }, () => symbol(ELAPSED));
  return [...powers, ...steps].reduce<Expression>((product, factor) => multiply(product, factor), coefficient);
}

import { type Expression, type NamedSymbol, ONE, select, substitute, ZERO } from "../language/expression.js";

/** The differential equations of all states of one definition over one step; all other names are constant. */
export interface SystemProblem {
  /** dx/dt of every state x that has a differential equation, in units of x per ms. */
  readonly rates: ReadonlyMap<NamedSymbol, Expression>;
  /** Length of the step, ms. */
  readonly dt: Expression;
  /** Names the definition in errors, e.g. `neurons/cuba-lif`. */
  readonly where: string;
  /** The time at the start of the step, if it is a symbol of the rates that may move. */
  readonly time?: NamedSymbol;
  /** White noise among the symbols of the rates; absent if there is none. */
  readonly noise?: NoiseProblem;
}

/** Integral that an equation with noise means. They differ if the noise is multiplied by a state that it drives. */
export type Calculus = "ito" | "stratonovich";

/** White noises, constant during a step with the variance 1 / dt, and the integral that the equations mean. */
export interface NoiseProblem {
  readonly names: readonly string[];
  readonly calculus: Calculus;
}

/** A scheme that integrates coupled differential equations over one step together. */
export interface SystemIntegrator {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  /** Order of convergence of the global error in dt; infinite if the step is exact. */
  readonly order: number;
  /** The scheme works with the parameters' values, not with their symbols. */
  readonly needsNumbers?: boolean;
  /** The scheme evaluates the rates at several times of the step, so `t` moves with the states. */
  readonly movesTime?: boolean;
  /** Integrals that the scheme converges to with multiplicative noise. Default: none, so that noise must be additive. */
  readonly noise?: readonly Calculus[];
  /** The value of every state at the end of the step. */
  readonly system: (problem: SystemProblem) => ReadonlyMap<NamedSymbol, Expression>;
}

/**
 * Evaluates conditions at the top of an equation (`refractory ? 0 : ...`) once, at the beginning of the step: the scheme is
 * applied to the system for a true condition and to the system for a false one.
 */
export function byCondition(
  problem: SystemProblem,
  step: SystemIntegrator["system"],
): ReadonlyMap<NamedSymbol, Expression> {
  const condition = topCondition(problem.rates.values());
  if (condition === undefined) return step(problem);
  const branch = (holds: boolean): ReadonlyMap<NamedSymbol, Expression> => {
    const decided = new Map<Expression, Expression>([[condition, holds ? ONE : ZERO]]);
    const rates = new Map([...problem.rates].map(([x, rate]) => [x, substitute(rate, decided)]));
    return byCondition({ ...problem, rates }, step);
  };
  const [yes, no] = [branch(true), branch(false)];
  return new Map([...yes].map(([x, value]) => [x, select(condition, value, no.get(x)!)]));
}

function topCondition(rates: Iterable<Expression>): Expression | undefined {
  for (const rate of rates) if (rate.kind === "operation" && rate.operator === "select") return rate.operands[0];
  return undefined;
}

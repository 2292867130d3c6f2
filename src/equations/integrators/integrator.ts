import type { Expression, NamedSymbol } from "../language/expression.js";

/** One state's differential equation over one step; all other names keep their values from the beginning of the step. */
export interface IntegrationProblem {
  /** dx/dt, in units of x per ms. */
  readonly rate: Expression;
  /** The state x as the step starts. */
  readonly variable: NamedSymbol;
  /** Length of the step, ms. */
  readonly dt: Expression;
  /** True if an expression is the same at every step (made of parameters only). */
  readonly isConstant: (e: Expression) => boolean;
  /** Names the equation in errors, e.g. `neurons/lif: dv/dt`. */
  readonly where: string;
}

/** A scheme that integrates one differential equation over one step: it converts dx/dt to the formula of the next x. */
export interface Integrator {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  /** Order of convergence of the global error in dt. */
  readonly order: number;
  /** Largest -a dt at which the solution of dx/dt = a x, a < 0, does not grow; left out if there is no such limit. */
  readonly stableUpTo?: number;
  readonly step: (problem: IntegrationProblem) => Expression;
}

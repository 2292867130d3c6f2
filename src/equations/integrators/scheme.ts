import type { NamedSymbol } from "../language/expression.js";
import type { AdaptiveIntegrator } from "./dormand-prince.js";
import type { Integrator } from "./integrator.js";
import type { SystemIntegrator, SystemProblem } from "./system.js";

/** States of a definition, and the scheme that integrates them together. */
export interface Part {
  readonly scheme: Integrator | SystemIntegrator | AdaptiveIntegrator;
  readonly states: readonly NamedSymbol[];
}

/**
 * A scheme that leaves the states to other schemes. The states of a part keep their values from the beginning of the step in
 * the equations of another part, so the coupling of parts has order 1.
 */
export interface CompositeIntegrator {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  /** One of the schemes works with the parameters' values, not with their symbols. */
  readonly needsNumbers?: boolean;
  /** The scheme of each state, for schemes that an author gave by state. */
  readonly schemes?: ReadonlyMap<string, Scheme>;
  /** Every state of the problem is in one part. */
  readonly parts: (problem: SystemProblem) => readonly Part[];
}

/** Any scheme: for one equation, for all equations together, with sub-steps, or one that leaves states to others. */
export type Scheme = Integrator | SystemIntegrator | AdaptiveIntegrator | CompositeIntegrator;

/** The parts of the states: one, except for a composite scheme. */
export const partsOf = (scheme: Scheme, problem: SystemProblem): readonly Part[] =>
  "parts" in scheme ? scheme.parts(problem) : [{ scheme, states: [...problem.rates.keys()] }];

/** The name of the scheme of every state. */
export const schemeNames = (parts: readonly Part[]): Record<string, string> =>
  Object.fromEntries(parts.flatMap(({ scheme, states }) => states.map((x) => [x.name, scheme.name])));

/** Tells if a scheme works with the parameters' values. */
export const needsNumbers = (scheme: Scheme): boolean => "needsNumbers" in scheme && scheme.needsNumbers === true;

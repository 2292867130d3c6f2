import { unknownName } from "../../nearest-name.js";
import { type CompositeIntegrator, needsNumbers, type Part, partsOf, type Scheme } from "./scheme.js";
import type { SystemProblem } from "./system.js";

/** One scheme for all states, or one for each of the states that are named. */
export type Schemes = Scheme | Readonly<Record<string, Scheme>>;

/** Tells a scheme from schemes by state. */
export const isScheme = (given: Schemes): given is Scheme => typeof given.name === "string";

/**
 * The scheme that an author means.
 * @param states States with a differential equation.
 * @param rest Schemes of the states that are not named.
 * @throws SpikevineError for a state that has no differential equation.
 */
export function readScheme(given: Schemes, states: readonly string[], rest: Scheme, where: string): Scheme {
  if (isScheme(given)) return given;
  const unknown = Object.keys(given).find((state) => !states.includes(state));
  if (unknown !== undefined) throw unknownName(`state in integrator of ${where}`, unknown, states);
  const present = (state: string): Scheme =>
    "parts" in rest && rest.schemes !== undefined ? rest.schemes.get(state)! : rest;
  return byState(new Map(states.map((state) => [state, Object.hasOwn(given, state) ? given[state]! : present(state)])));
}

/** States with the same scheme are integrated together. */
function byState(schemes: ReadonlyMap<string, Scheme>): CompositeIntegrator {
  const all = [...new Set(schemes.values())];
  return {
    name: [...schemes].map(([state, scheme]) => `${state}: ${scheme.name}`).join(", "),
    summary: all.map(({ name, summary }) => `${name}: ${summary}`).join("; "),
    source: all.map(({ source }) => source).join("; "),
    needsNumbers: all.some(needsNumbers),
    schemes,
    parts: (problem) => all.flatMap((scheme) => partsWith(scheme, schemes, problem)),
  };
}

/** The parts of the states that have a scheme. */
function partsWith(scheme: Scheme, schemes: ReadonlyMap<string, Scheme>, problem: SystemProblem): readonly Part[] {
  const rates = new Map([...problem.rates].filter(([x]) => schemes.get(x.name) === scheme));
  return rates.size === 0 ? [] : partsOf(scheme, { ...problem, rates });
}

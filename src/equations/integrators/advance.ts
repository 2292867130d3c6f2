import { SpikevineError } from "../../errors.js";
import { derivative } from "../analysis/differentiate.js";
import { type Expression, type NamedSymbol, ONE, symbol, ZERO } from "../language/expression.js";
import { multiply } from "../language/formal.js";
import { type Loop, loopVariable } from "./loop.js";
import { type Part, partsOf, type Scheme } from "./scheme.js";
import { isAdditive } from "./stochastic.js";
import type { NoiseProblem, SystemProblem } from "./system.js";

/** A step of any scheme. */
export type StepProblem = SystemProblem & { readonly isConstant: (e: Expression) => boolean };

/** The value of every state at the end of a step, by any scheme. */
export const advance = (scheme: Scheme, problem: StepProblem): ReadonlyMap<NamedSymbol, Expression> =>
  advanceParts(partsOf(scheme, problem), problem);

/** The same by the parts of a scheme. */
export function advanceParts(parts: readonly Part[], problem: StepProblem): ReadonlyMap<NamedSymbol, Expression> {
  requireOneScheme(parts, problem);
  const next = new Map<NamedSymbol, Expression>();
  parts.forEach(({ scheme, states }, p) => {
    const rates = new Map(states.map((x) => [x, problem.rates.get(x)!]));
    for (const [x, value] of ofPart(scheme, { ...problem, rates }, p)) next.set(x, value);
  });
  return new Map([...problem.rates.keys()].map((x) => [x, next.get(x)!]));
}

/** The loops of parts with sub-steps; their variables are in the values of `advanceParts`. */
export const loopsOf = (parts: readonly Part[], problem: SystemProblem): Loop[] =>
  parts.flatMap(({ scheme, states }, p) => {
    if (!("loop" in scheme)) return [];
    return [scheme.loop({ ...problem, rates: new Map(states.map((x) => [x, problem.rates.get(x)!])) }, p)];
  });

function ofPart(scheme: Part["scheme"], problem: StepProblem, index: number): ReadonlyMap<NamedSymbol, Expression> {
  const { rates, dt, where, noise, isConstant, time } = problem;
  if (noise !== undefined) requireIntegral(scheme, problem, noise);
  if ("loop" in scheme) return new Map([...rates.keys()].map((x) => [x, loopVariable(index, x)]));
  if ("system" in scheme) {
    if (time === undefined || scheme.movesTime !== true) return scheme.system(problem);
    // The time is one more state, which the scheme moves to the times of its slopes.
    const next = scheme.system({ ...problem, rates: new Map([...rates, [time, ONE]]) });
    return new Map([...next].filter(([x]) => x !== time));
  }
  return new Map(
    [...rates].map(([variable, rate]) => [
      variable,
      scheme.step({ rate, variable, dt, isConstant, where: `${where}: d${variable.name}/dt` }),
    ]),
  );
}

/** @throws SpikevineError if a scheme would converge to another integral than the equations mean. */
function requireIntegral(scheme: Part["scheme"], { rates, where }: SystemProblem, noise: NoiseProblem): void {
  const offered = "system" in scheme ? (scheme.noise ?? []) : [];
  if (offered.includes(noise.calculus) || isAdditive(rates, noise)) return;
  const fix = noise.calculus === "ito" ? "eulerMaruyama or milstein" : "heun or milstein";
  const otherwise = scheme.name === "eulerMaruyama" ? ', or calculus: "ito" if the equations mean that integral' : "";
  throw new SpikevineError(
    `${where}: the noise is multiplied by a state that it drives, and ${scheme.name} does not converge to the integral of ${noise.calculus === "ito" ? "Ito" : "Stratonovich"}; use the integrator ${fix}${otherwise}.`,
  );
}

/**
 * A state of another part has its value at the beginning of the step, which gives the integral of Ito. In that of
 * Stratonovich, its share of the noise would be missing.
 * @throws SpikevineError naming the noise and the two states.
 */
export function requireOneScheme(parts: readonly Part[], { rates, where, noise }: SystemProblem): void {
  if (noise === undefined || noise.calculus === "ito") return;
  const amplitude = (x: NamedSymbol, xi: string): Expression => derivative(rates.get(x)!, symbol(xi));
  for (const { states } of parts) {
    for (const other of [...rates.keys()].filter((x) => !states.includes(x))) {
      for (const x of states) {
        for (const xi of noise.names) {
          if (multiply(amplitude(other, xi), derivative(amplitude(x, xi), other)) === ZERO) continue;
          throw new SpikevineError(
            `${where}: the factor of ${xi} in d${x.name}/dt depends on "${other.name}", which ${xi} drives and another scheme integrates; use heun for both.`,
          );
        }
      }
    }
  }
}

import { SpikevineError } from "../../errors.js";
import type { Expression, NamedSymbol } from "../language/expression.js";
import type { Integrator } from "./integrator.js";
import { isAdditive } from "./stochastic.js";
import type { NoiseProblem, SystemIntegrator, SystemProblem } from "./system.js";

/** The value of every state at the end of a step, by either kind of scheme. */
export function advance(
  integrator: Integrator | SystemIntegrator,
  { rates, dt, where, noise, isConstant }: SystemProblem & { readonly isConstant: (e: Expression) => boolean },
): ReadonlyMap<NamedSymbol, Expression> {
  if (noise !== undefined) requireIntegral(integrator, { rates, dt, where }, noise);
  if ("system" in integrator) {
    return integrator.system({ rates, dt, where, ...(noise === undefined ? {} : { noise }) });
  }
  return new Map(
    [...rates].map(([variable, rate]) => [
      variable,
      integrator.step({ rate, variable, dt, isConstant, where: `${where}: d${variable.name}/dt` }),
    ]),
  );
}

/** @throws SpikevineError if a scheme would converge to another integral than the equations mean. */
function requireIntegral(
  integrator: Integrator | SystemIntegrator,
  { rates, where }: SystemProblem,
  noise: NoiseProblem,
): void {
  const offered = "system" in integrator ? (integrator.noise ?? []) : [];
  if (offered.includes(noise.calculus) || isAdditive(rates, noise)) return;
  const fix = noise.calculus === "ito" ? "eulerMaruyama or milstein" : "heun or milstein";
  const otherwise =
    integrator.name === "eulerMaruyama" ? ', or calculus: "ito" if the equations mean that integral' : "";
  throw new SpikevineError(
    `${where}: the noise is multiplied by a state that it drives, and ${integrator.name} does not converge to the integral of ${noise.calculus === "ito" ? "Ito" : "Stratonovich"}; use the integrator ${fix}${otherwise}.`,
  );
}

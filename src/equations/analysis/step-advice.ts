import { SpikevineError } from "../../errors.js";
import { exactLinear, exponentialEuler, rk4, type Scheme } from "../integrators/index.js";
import type { Instability } from "./stability.js";

/** Methods of a definition that the advice needs. */
interface Stepped {
  with(changes: { readonly integrator: Scheme }): Stepped;
  instabilities(options: { readonly dt: number }): readonly Instability[];
}

/**
 * One sentence about a step that is too long, with the longest stable step and, if one is available, a scheme that can
 * integrate the equations and is stable at this step.
 * @param field Names the step: `simulation: "dt"`.
 * @param of Names the equations: `neurons/lif (population "cells")`.
 * @param schemes Alternatives, the best first.
 */
export function stepAdvice(
  { states, integrator, largest, varies }: Instability,
  definition: Stepped,
  { field, of, dt, schemes = SCHEMES }: { field: string; of: string; dt: number; schemes?: typeof SCHEMES },
): string {
  const isEstimate = varies.some((name) => name !== "signal");
  const limit = largest === 0 ? "at no step" : `up to ${isEstimate ? "about " : ""}${largest} ms`;
  const under = isEstimate ? ", as estimated at the start" : varies.length > 0 ? " without a signal" : "";
  const problem = `${field} is ${dt} ms, and ${integrator} is stable ${limit} for ${states.join(", ")} of ${of}${under}`;
  const other = schemes.find((scheme) => isStable(definition, scheme, dt));
  const fixes = [
    ...(largest === 0 ? [] : [`use dt up to ${largest} ms`]),
    ...(other === undefined ? [] : [`${largest === 0 ? "use " : ""}the integrator ${other.name}`]),
  ];
  return `${problem}; ${fixes.length === 0 ? "change its equations" : fixes.join(", or ")}.`;
}

const SCHEMES: readonly Scheme[] = [exponentialEuler, exactLinear, rk4];

function isStable(definition: Stepped, integrator: Scheme, dt: number): boolean {
  try {
    return definition.with({ integrator }).instabilities({ dt }).length === 0;
  } catch (error) {
    if (error instanceof SpikevineError) return false;
    throw error;
  }
}

import type { Expression, NamedSymbol } from "../language/expression.js";
import type { Integrator } from "./integrator.js";
import type { SystemIntegrator, SystemProblem } from "./system.js";

/** The value of every state at the end of a step, by either kind of scheme. */
export function advance(
  integrator: Integrator | SystemIntegrator,
  { rates, dt, where, isConstant }: SystemProblem & { readonly isConstant: (e: Expression) => boolean },
): ReadonlyMap<NamedSymbol, Expression> {
  if ("system" in integrator) return integrator.system({ rates, dt, where });
  return new Map(
    [...rates].map(([variable, rate]) => [
      variable,
      integrator.step({ rate, variable, dt, isConstant, where: `${where}: d${variable.name}/dt` }),
    ]),
  );
}

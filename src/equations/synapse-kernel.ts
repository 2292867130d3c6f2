import { derivative } from "./differentiate.js";
import {
  constant,
  divide,
  type Expression,
  type Formulas,
  freeSymbols,
  multiply,
  negate,
  substitute,
  symbol,
  ZERO,
} from "./expression.js";
import { forwardEuler, type Integrator } from "./integrators/index.js";
import type { SynapseKernel } from "./kernels.js";
import type { SynapseEquations } from "./synapse-equations.js";

export interface SynapseKernelSource {
  readonly name: string;
  readonly equations: SynapseEquations;
  readonly parameters: Readonly<Record<string, number>>;
  /** Of the states. */
  readonly integrator: Integrator;
  readonly weightIntegrator: Integrator | undefined;
  readonly where: string;
}

/** Step, events and stiffness of a synapse, all derived from its equations. See kernels.ts for what they are. */
export function makeSynapseKernel(source: SynapseKernelSource, dt: number): SynapseKernel {
  const { name, equations, parameters, where } = source;
  const { states, initial, rates, onPre, onPost, derived } = equations;
  const isConstant = (e: Expression): boolean => freeSymbols([e]).every((used) => Object.hasOwn(parameters, used));
  const step: Record<string, Expression> = {};
  const stiffness: Record<string, Expression> = {};
  const integrate = (of: string, rate: Expression, { step: next, stableUpTo }: Integrator): void => {
    const variable = symbol(of);
    step[of] = next({ rate, variable, dt: constant(dt), isConstant, where: `${where}: d${of}/dt` });
    const decay = derivative(rate, variable);
    if (stableUpTo === undefined || decay === ZERO) return;
    stiffness[of] = divide(multiply(constant(dt), negate(decay)), constant(stableUpTo));
  };

  const { weight: weightRate, ...stateRates } = rates;
  for (const [state, rate] of Object.entries(stateRates)) integrate(state, rate, source.integrator);
  if (weightRate !== undefined) {
    // The weight moves by the states as the step leaves them, as the algorithms of papers do.
    const after = new Map(Object.entries(step).map(([state, next]): [Expression, Expression] => [symbol(state), next]));
    integrate("weight", substitute(weightRate, after), source.weightIntegrator ?? forwardEuler);
  }
  return {
    name,
    states,
    initial,
    usesSignal: uses("signal", step),
    step,
    onPre,
    onPost,
    derived,
    stiffness,
    parameters,
  };
}

const uses = (name: string, formulas: Formulas): boolean => freeSymbols(Object.values(formulas)).includes(name);

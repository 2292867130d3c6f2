import { SpikevineError } from "../../errors.js";
import { derivative } from "../analysis/differentiate.js";
import { type Instability, instabilities } from "../analysis/stability.js";
import type { SynapseEquations } from "../definitions/synapse-equations.js";
import { type NoisyRate, splitNoise } from "../definitions/white-noise.js";
import {
  advance,
  exactLinear,
  exponentialEuler,
  forwardEuler,
  type Integrator,
  type SystemIntegrator,
} from "../integrators/index.js";
import {
  constant,
  type Expression,
  evaluate,
  type Formulas,
  freeSymbols,
  type NamedSymbol,
  substitute,
  symbol,
  ZERO,
} from "../language/expression.js";
import { add, divide, multiply, negate } from "../language/formal.js";
import type { SynapseKernel } from "./kernels.js";

export interface SynapseKernelSource {
  readonly name: string;
  readonly equations: SynapseEquations;
  readonly parameters: Readonly<Record<string, number>>;
  /** Of the states. */
  readonly integrator: Integrator | SystemIntegrator;
  readonly weightIntegrator: Integrator | undefined;
  readonly where: string;
}

/**
 * Step, events and stiffness of a synapse, all derived from its equations. kernels.ts defines these terms.
 * @param perSynapse Parameters that remain variables.
 */
export function makeSynapseKernel(
  source: SynapseKernelSource,
  step: number,
  perSynapse: readonly string[] = [],
): SynapseKernel {
  const { name, equations, integrator, weightIntegrator = forwardEuler, where } = source;
  const shared = Object.fromEntries(Object.entries(source.parameters).filter(([p]) => !perSynapse.includes(p)));
  const inNumbers = (formulas: Formulas): Formulas => withNumbers(formulas, shared);
  const split = (scheme: Integrator | SystemIntegrator, name: string, rate: Expression): NoisyRate => {
    const at = `${where}: d${name}/dt`;
    const parts = splitNoise(rate, equations.noise, at);
    if ("system" in scheme && Object.keys(parts.amplitudes).length > 0) throw withoutNoise(scheme, at);
    return parts;
  };
  const { weight: weightRate, ...stateRates } = inNumbers(equations.rates);
  const dt = constant(step);
  const isConstant = (e: Expression): boolean => freeSymbols([e]).every((symbol) => perSynapse.includes(symbol));
  const after = new Map<Expression, Expression>();
  const stiffness: Record<string, Expression> = {};
  const growths: Record<string, Expression> = {};
  const take = (rates: Readonly<Record<string, NoisyRate>>, scheme: Integrator | SystemIntegrator): void => {
    const drifts = Object.fromEntries(Object.entries(rates).map(([name, { drift }]) => [name, drift]));
    const problem = { dt, where, isConstant, rates: bySymbol(drifts) };
    const next = new Map(advance(scheme, problem));
    for (const [name, { amplitudes }] of Object.entries(rates)) {
      for (const [xi, amplitude] of Object.entries(amplitudes)) {
        const kick = multiply(multiply(amplitude, constant(Math.sqrt(step))), symbol(xi));
        next.set(symbol(name), add(next.get(symbol(name))!, kick));
      }
    }
    for (const [variable, value] of next) after.set(variable, value);
    if (EXACT_DECAY.has(scheme.name)) {
      for (const [variable, rate] of problem.rates) growths[variable.name] = multiply(dt, derivative(rate, variable));
    }
    if (!("stableUpTo" in scheme) || scheme.stableUpTo === undefined) return;
    for (const [variable, rate] of problem.rates) {
      const decay = derivative(rate, variable);
      if (decay !== ZERO) stiffness[variable.name] = divide(multiply(dt, negate(decay)), constant(scheme.stableUpTo));
    }
  };
  const states = Object.entries(stateRates).map(([name, rate]) => [name, split(integrator, name, rate)] as const);
  take(Object.fromEntries(states), integrator);
  if (weightRate !== undefined) {
    // The rate of the weight uses the states after the step, as the algorithms in papers do.
    const { drift, amplitudes } = split(weightIntegrator, "weight", weightRate);
    take({ weight: { drift: substitute(drift, new Map(after)), amplitudes } }, weightIntegrator);
  }
  const formulas = Object.fromEntries([...after].map(([variable, next]) => [(variable as NamedSymbol).name, next]));
  const pathways = equations.pathways.map((pathway) => ({ ...pathway, changes: inNumbers(pathway.changes) }));
  const [derived, summed] = [inNumbers(equations.derived), inNumbers(equations.summed)];
  const all = [formulas, stiffness, derived, summed, ...pathways.map(({ changes }) => changes)].flatMap(Object.values);
  const own = ["weight", "signal", ...equations.states, ...perSynapse, ...equations.noise];
  return {
    name,
    states: equations.states,
    parameters: perSynapse,
    initial: inNumbers(equations.initial),
    usesSignal: freeSymbols(Object.values(formulas)).includes("signal"),
    step: formulas,
    noise: equations.noise,
    pathways,
    derived,
    summed,
    reads: freeSymbols(all).filter((name) => !own.includes(name)),
    growths,
    stiffness,
  };
}

/** Schemes whose factor of a state in its own step is the exponential of its decay. */
const EXACT_DECAY: ReadonlySet<string> = new Set([exponentialEuler.name, exactLinear.name]);

const withoutNoise = ({ name }: SystemIntegrator, at: string): SpikevineError =>
  new SpikevineError(
    `${at} has noise, which ${name} does not support; use the integrator forwardEuler (Euler-Maruyama) or exponentialEuler.`,
  );

/** Instabilities of the schemes with a step at the synapse's initial state without a signal, certain limits first. */
export function synapseInstabilities(source: SynapseKernelSource, dt: number): readonly Instability[] {
  const { equations, integrator, weightIntegrator = forwardEuler, where } = source;
  const drifts = Object.entries(withNumbers(equations.rates, source.parameters)).map(([name, rate]) => [
    name,
    splitNoise(rate, equations.noise, where).drift,
  ]);
  const { weight, ...states } = Object.fromEntries(drifts) as Formulas;
  const own = { ...evaluate(equations.initial, source.parameters), weight: 0, signal: 0 };
  const ofNeurons = freeSymbols([...Object.values(states), weight ?? ZERO]).filter((n) => !Object.hasOwn(own, n));
  const at = { ...Object.fromEntries(ofNeurons.map((name) => [name, 0])), ...own };
  const found = [
    ...instabilities({ rates: bySymbol(states), integrator, where }, dt, at),
    ...(weight === undefined
      ? []
      : instabilities({ rates: bySymbol({ weight }), integrator: weightIntegrator, where }, dt, at)),
  ];
  // An estimate needs the values of the neurons, which are unknown here.
  return found.filter(({ varies }) => !varies.some((name) => ofNeurons.includes(name)));
}

function withNumbers(formulas: Formulas, parameters: Readonly<Record<string, number>>): Formulas {
  const numbers = new Map<Expression, Expression>(
    Object.entries(parameters).map(([name, value]) => [symbol(name), constant(value)]),
  );
  return Object.fromEntries(Object.entries(formulas).map(([name, e]) => [name, substitute(e, numbers)]));
}

const bySymbol = (formulas: Formulas): Map<NamedSymbol, Expression> =>
  new Map(Object.entries(formulas).map(([name, e]) => [symbol(name), e]));

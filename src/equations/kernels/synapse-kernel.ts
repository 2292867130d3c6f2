import { SpikevineError } from "../../errors.js";
import { derivative } from "../analysis/differentiate.js";
import { type Instability, instabilities } from "../analysis/stability.js";
import { COUNTS, type SynapseEquations, TIME_AND_INDICES } from "../definitions/synapse-equations.js";
import { type NoisyRate, splitNoise } from "../definitions/white-noise.js";
import {
  advanceParts,
  exactLinear,
  exponentialEuler,
  isAdditive,
  type Part,
  partsOf,
  requireOneScheme,
  type Scheme,
  type SystemProblem,
  schemeNames,
} from "../integrators/index.js";
import {
  constant,
  type Expression,
  evaluate,
  type Formulas,
  freeSymbols,
  mapFormulas,
  type NamedSymbol,
  substitute,
  symbol,
  ZERO,
} from "../language/expression.js";
import { add, divide, multiply, negate } from "../language/formal.js";
import type { SynapseKernel } from "./kernels.js";

const WEIGHT = symbol("weight");
const TIME = symbol(TIME_AND_INDICES.time);

export interface SynapseKernelSource {
  readonly name: string;
  readonly equations: SynapseEquations;
  readonly parameters: Readonly<Record<string, number>>;
  /** Of the states. */
  readonly integrator: Scheme;
  readonly weightIntegrator: Scheme;
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
  const { name, equations, where } = source;
  const shared = Object.fromEntries(Object.entries(source.parameters).filter(([p]) => !perSynapse.includes(p)));
  const inNumbers = (formulas: Formulas): Formulas => withNumbers(formulas, { ...shared, dt: step });
  const dt = constant(step);
  const counts: readonly string[] = Object.values(COUNTS);
  const isConstant = (e: Expression): boolean =>
    freeSymbols([e]).every((symbol) => perSynapse.includes(symbol) || counts.includes(symbol));
  const noise = { names: equations.noise, calculus: equations.calculus };
  const rates = bySymbol(inNumbers(equations.rates));
  const time = freeSymbols(rates.values()).includes(TIME.name) ? { time: TIME } : {};
  const problem = { dt, where, isConstant, ...time, ...(equations.noise.length === 0 ? {} : { noise }) };
  const parts = partsOfSynapse(source, { ...problem, rates });
  requireOneScheme(parts, { ...problem, rates });

  // Until the end, drawn numbers have other names than the noises, as the weight's rate contains both.
  const drawn = new Map<Expression, Expression>(
    equations.noise.map((xi) => [symbol(xi), multiply(drawnNumber(xi), constant(1 / Math.sqrt(step)))]),
  );
  const after = new Map<Expression, Expression>();
  const stiffness: Record<string, Expression> = {};
  const growths: Record<string, Expression> = {};
  for (const { scheme, states } of parts) {
    const noisy = new Map(
      states.map((x) => [x, splitNoise(rates.get(x)!, equations.noise, `${where}: d${x.name}/dt`)] as const),
    );
    // The rate of the weight uses the states after the step, as the algorithms in papers do; its noise does not.
    const drifts = new Map(
      states.map((x) => [x, x === WEIGHT ? substitute(noisy.get(x)!.drift, new Map(after)) : noisy.get(x)!.drift]),
    );
    if (EXACT_DECAY.has(scheme.name)) {
      for (const [x, rate] of drifts) growths[x.name] = multiply(dt, derivative(rate, x));
    }
    const own = [{ scheme, states }];
    if ("system" in scheme) {
      const whole = new Map(states.map((x) => [x, sumOf(drifts.get(x)!, noisy.get(x)!)]));
      for (const [x, value] of advanceParts(own, { ...problem, rates: whole })) after.set(x, substitute(value, drawn));
      continue;
    }
    if ("loop" in scheme) {
      throw new SpikevineError(
        `${where}: ${scheme.name} is an adaptive scheme, which synapses do not have, as spikes act on them at steps; use exponentialEuler or exactLinear if the equations are linear, else rk4.`,
      );
    }
    requireItoIfMultiplicative(scheme.name, { ...problem, rates: new Map(states.map((x) => [x, rates.get(x)!])) });
    for (const [x, value] of advanceParts(own, { dt, where, isConstant, rates: drifts })) {
      const kicks = Object.entries(noisy.get(x)!.amplitudes).map(([xi, amplitude]) =>
        multiply(multiply(amplitude, constant(Math.sqrt(step))), drawnNumber(xi)),
      );
      after.set(x, kicks.reduce(add, value));
    }
    if (scheme.stableUpTo === undefined) continue;
    for (const [x, rate] of drifts) {
      const decay = derivative(rate, x);
      if (decay !== ZERO) stiffness[x.name] = divide(multiply(dt, negate(decay)), constant(scheme.stableUpTo));
    }
  }
  const withDrawn = (formulas: Formulas, to: (xi: string) => Expression): Formulas => {
    const by = new Map<Expression, Expression>(equations.noise.map((xi) => [drawnNumber(xi), to(xi)]));
    return mapFormulas(formulas, (e) => substitute(e, by));
  };
  const formulas = withDrawn(
    Object.fromEntries([...after].map(([variable, next]) => [(variable as NamedSymbol).name, next])),
    symbol,
  );
  // The stability is judged before the numbers of the step are drawn.
  const limits = withDrawn(stiffness, () => ZERO);
  const pathways = equations.pathways.map((pathway) => ({ ...pathway, changes: inNumbers(pathway.changes) }));
  const [derived, summed] = [inNumbers(equations.derived), inNumbers(equations.summed)];
  const all = [formulas, limits, derived, summed, ...pathways.map(({ changes }) => changes)].flatMap(Object.values);
  const own = ["weight", "signal", ...equations.states, ...perSynapse, ...equations.noise];
  const given: readonly string[] = [...Object.values(TIME_AND_INDICES), ...counts];
  return {
    name,
    states: equations.states,
    parameters: perSynapse,
    initial: inNumbers(equations.initial),
    schemes: schemeNames(parts),
    usesSignal: freeSymbols(Object.values(formulas)).includes("signal"),
    step: formulas,
    noise: equations.noise,
    pathways,
    derived,
    summed,
    reads: freeSymbols(all).filter((name) => ![...own, ...given].includes(name)),
    given: freeSymbols(all).filter((name) => given.includes(name)),
    growths: withDrawn(growths, symbol),
    stiffness: limits,
  };
}

/** The normal number of a noise in a step. */
const drawnNumber = (xi: string): NamedSymbol => symbol(`drawn__${xi}`);

/** Schemes whose factor of a state in its own step is the exponential of its decay. */
const EXACT_DECAY: ReadonlySet<string> = new Set([exponentialEuler.name, exactLinear.name]);

/** The schemes of the states, and last that of the weight. */
function partsOfSynapse(
  { integrator, weightIntegrator }: SynapseKernelSource,
  problem: SystemProblem,
): readonly Part[] {
  const { rates } = problem;
  const restricted = (isOwn: (x: NamedSymbol) => boolean): SystemProblem => ({
    ...problem,
    rates: new Map([...rates].filter(([x]) => isOwn(x))),
  });
  const states = restricted((x) => x !== WEIGHT);
  const weight = restricted((x) => x === WEIGHT);
  return [
    ...(states.rates.size === 0 ? [] : partsOf(integrator, states)),
    ...(weight.rates.size === 0 ? [] : partsOf(weightIntegrator, weight)),
  ];
}

/** A rate with its noise. */
const sumOf = (drift: Expression, { amplitudes }: NoisyRate): Expression =>
  Object.entries(amplitudes).reduce((sum, [xi, amplitude]) => add(sum, multiply(amplitude, symbol(xi))), drift);

/**
 * Schemes for one equation add noise as by Euler-Maruyama.
 * @throws SpikevineError if that is not the integral that the equations mean.
 */
function requireItoIfMultiplicative(scheme: string, { rates, noise, where }: SystemProblem): void {
  if (noise === undefined || noise.calculus === "ito" || isAdditive(rates, noise)) return;
  throw new SpikevineError(
    `${where}: the noise is multiplied by a variable that it drives, and ${scheme} adds it in the sense of Ito; use heun or milstein, or calculus: "ito" if the equations mean that integral.`,
  );
}

/** Instabilities of the schemes with a step at the synapse's initial state without a signal, certain limits first. */
export function synapseInstabilities(source: SynapseKernelSource, dt: number): readonly Instability[] {
  const { equations, where } = source;
  const rates = withNumbers(equations.rates, { ...source.parameters, dt });
  const noise = { names: equations.noise, calculus: equations.calculus };
  const parts = partsOfSynapse(source, { rates: bySymbol(rates), dt: constant(dt), where, noise });
  const drifts = Object.entries(rates).map(([name, rate]) => [name, splitNoise(rate, equations.noise, where).drift]);
  const { weight, ...states } = Object.fromEntries(drifts) as Formulas;
  const own = { ...evaluate(equations.initial, source.parameters), weight: 0, signal: 0 };
  const ofNeurons = freeSymbols([...Object.values(states), weight ?? ZERO]).filter((n) => !Object.hasOwn(own, n));
  const at = { ...Object.fromEntries(ofNeurons.map((name) => [name, 0])), ...own };
  const chosen = (isOwn: (part: Part) => boolean): Scheme => {
    const own = parts.filter(isOwn);
    return { name: source.name, summary: "", source: "", parts: () => own };
  };
  const ofWeight = (part: Part): boolean => part.states.includes(WEIGHT);
  const found = [
    ...instabilities({ rates: bySymbol(states), integrator: chosen((part) => !ofWeight(part)), where }, dt, at),
    ...(weight === undefined
      ? []
      : instabilities({ rates: bySymbol({ weight }), integrator: chosen(ofWeight), where }, dt, at)),
  ];
  // An estimate needs the values of the neurons, which are unknown here.
  return found.filter(({ varies }) => !varies.some((name) => ofNeurons.includes(name)));
}

function withNumbers(formulas: Formulas, parameters: Readonly<Record<string, number>>): Formulas {
  const numbers = new Map<Expression, Expression>(
    Object.entries(parameters).map(([name, value]) => [symbol(name), constant(value)]),
  );
  return mapFormulas(formulas, (e) => substitute(e, numbers));
}

const bySymbol = (formulas: Formulas): Map<NamedSymbol, Expression> =>
  new Map(Object.entries(formulas).map(([name, e]) => [symbol(name), e]));

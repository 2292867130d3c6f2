import type { NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { adex } from "./adex.js";
import { alif } from "./alif.js";
import { alpha } from "./alpha.js";
import { cobaLif } from "./coba-lif.js";
import { cubaLif } from "./cuba-lif.js";
import { hodgkinHuxley } from "./hodgkin-huxley.js";
import { integrator } from "./integrator.js";
import { izhikevich } from "./izhikevich.js";
import { leaky } from "./leaky.js";
import { li } from "./li.js";
import { lif } from "./lif.js";
import { linear } from "./linear.js";
import { rLeaky } from "./r-leaky.js";
import { relu } from "./relu.js";
import { snu } from "./snu.js";
import { ssnu } from "./ssnu.js";
import { synaptic } from "./synaptic.js";
import { tanh } from "./tanh.js";

export {
  defineNeuron,
  type KernelOptions,
  type NeuronDefinition,
  type NeuronSpec,
  type StateSpec,
  type SubexpressionSpec,
} from "../src/equations/definitions/neuron.js";
export type { ParameterInfo, ParameterSpec, ParameterValues } from "../src/equations/definitions/parameters.js";
export {
  defineSurrogate,
  type SurrogateDefinition,
  type SurrogateSpec,
} from "../src/equations/definitions/surrogate.js";
export {
  type AdaptiveIntegrator,
  automatic,
  type Calculus,
  type CompositeIntegrator,
  type DormandPrinceOptions,
  dormandPrince,
  eulerMaruyama,
  exactLinear,
  exponentialEuler,
  forwardEuler,
  heun,
  type Integrator,
  integrators,
  milstein,
  rk2,
  rk4,
  type Scheme,
  type Schemes,
  type SystemIntegrator,
  semiImplicit,
  systemIntegrators,
} from "../src/equations/integrators/index.js";
export type { AdexOptions } from "./adex.js";
export type { AlifOptions } from "./alif.js";
export type { AlphaOptions } from "./alpha.js";
export type { CobaLifOptions } from "./coba-lif.js";
export type { CubaLifOptions } from "./cuba-lif.js";
export type { HodgkinHuxleyOptions } from "./hodgkin-huxley.js";
export type { IntegratorOptions } from "./integrator.js";
export type { IzhikevichOptions } from "./izhikevich.js";
export type { LeakyOptions } from "./leaky.js";
export type { LiOptions } from "./li.js";
export type { LifOptions } from "./lif.js";
export type { RLeakyOptions } from "./r-leaky.js";
export type { SnuOptions } from "./snu.js";
export type { SsnuOptions } from "./ssnu.js";
export * from "./surrogates/index.js";
export type { SynapticOptions } from "./synaptic.js";
/** For simulation; `neurons` below lists those that can be used in layers. */
export {
  adex,
  alif,
  alpha,
  cobaLif,
  cubaLif,
  hodgkinHuxley,
  integrator,
  izhikevich,
  leaky,
  li,
  lif,
  linear,
  relu,
  rLeaky,
  snu,
  ssnu,
  synaptic,
  tanh,
};

/**
 * Makes a neuron from options that are only known at run time; every factory checks its options.
 * Method notation, because each factory's own options are narrower than `object`.
 */
type NeuronFactory = { make(options?: object): NeuronDefinition }["make"];

/** Neurons by name, for commands and experiment files. */
export const neurons: Readonly<Record<string, NeuronFactory>> = {
  alif,
  alpha,
  integrator,
  leaky,
  li,
  lif,
  linear,
  relu,
  rLeaky,
  snu,
  ssnu,
  synaptic,
  tanh,
};

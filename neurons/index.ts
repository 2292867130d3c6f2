import type { NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { adex } from "./adex.js";
import { cobaLif } from "./coba-lif.js";
import { cubaLif } from "./cuba-lif.js";
import { hodgkinHuxley } from "./hodgkin-huxley.js";
import { izhikevich } from "./izhikevich.js";
import { li } from "./li.js";
import { lif } from "./lif.js";
import { linear } from "./linear.js";
import { relu } from "./relu.js";
import { snu } from "./snu.js";
import { ssnu } from "./ssnu.js";
import { tanh } from "./tanh.js";

export {
  defineNeuron,
  type KernelOptions,
  type NeuronDefinition,
  type NeuronSpec,
  type StateSpec,
} from "../src/equations/definitions/neuron.js";
export type { ParameterInfo, ParameterSpec, ParameterValues } from "../src/equations/definitions/parameters.js";
export {
  defineSurrogate,
  type SurrogateDefinition,
  type SurrogateSpec,
} from "../src/equations/definitions/surrogate.js";
export {
  exactLinear,
  exponentialEuler,
  forwardEuler,
  type Integrator,
  integrators,
  rk4,
  type SystemIntegrator,
  semiImplicit,
  systemIntegrators,
} from "../src/equations/integrators/index.js";
export type { AdexOptions } from "./adex.js";
export type { CobaLifOptions } from "./coba-lif.js";
export type { CubaLifOptions } from "./cuba-lif.js";
export type { HodgkinHuxleyOptions } from "./hodgkin-huxley.js";
export type { IzhikevichOptions } from "./izhikevich.js";
export type { LiOptions } from "./li.js";
export type { LifOptions } from "./lif.js";
export type { SnuOptions } from "./snu.js";
export type { SsnuOptions } from "./ssnu.js";
export * from "./surrogates/index.js";
/** For simulation; `neurons` below lists those that can be used in layers. */
export { adex, cobaLif, cubaLif, hodgkinHuxley, izhikevich, li, lif, linear, relu, snu, ssnu, tanh };

/**
 * Makes a neuron from options that are only known at run time; every factory checks its options.
 * Method notation, because each factory's own options are narrower than `object`.
 */
type NeuronFactory = { make(options?: object): NeuronDefinition }["make"];

/** Neurons by name, for commands and experiment files. */
export const neurons: Readonly<Record<string, NeuronFactory>> = { li, lif, linear, relu, snu, ssnu, tanh };

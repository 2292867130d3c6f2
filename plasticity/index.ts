import type { OptimizerDefinition } from "../src/equations/definitions/optimizer.js";
import { adam } from "./adam.js";
import { adamW } from "./adam-w.js";
import { bioAdam } from "./bio-adam.js";
import { momentum, nesterov } from "./momentum.js";
import { rmsprop } from "./rmsprop.js";
import { sgd } from "./sgd.js";

export {
  chainGradient,
  defineOptimizer,
  type OptimizerDefinition,
  type OptimizerSpec,
} from "../src/equations/definitions/optimizer.js";
export {
  type DerivedSpec,
  defineSynapse,
  type SynapseDefinition,
  type SynapseSpec,
} from "../src/equations/definitions/synapse.js";
export { type AdamOptions, adam } from "./adam.js";
export { type AdamWOptions, adamW } from "./adam-w.js";
export { type BioAdamOptions, bioAdam } from "./bio-adam.js";
export { type BioAdamDynamicsOptions, bioAdamDynamics } from "./bio-adam-dynamics.js";
export { type GrapesOptions, grapes, importanceFactors } from "./grapes.js";
export { type MomentumOptions, momentum, nesterov } from "./momentum.js";
export type { DrawKey, GradientTransform, Modulation, Optimizer } from "./optimizer.js";
export type { PredispositionOptions } from "./predisposition.js";
export { type RmspropOptions, rmsprop } from "./rmsprop.js";
export { sgd } from "./sgd.js";
export { type StdpOptions, stdp } from "./stdp.js";
export { type SynapticScalingOptions, synapticScaling } from "./synaptic-scaling.js";
export { type TripletStdpOptions, tripletStdp } from "./triplet-stdp.js";
export { weightDecay } from "./weight-decay.js";

/** Every optimizer by name, with default parameters; `.with({...})` changes them. */
export const optimizers: Readonly<Record<string, OptimizerDefinition>> = {
  sgd: sgd(),
  momentum: momentum(),
  nesterov: nesterov(),
  rmsprop: rmsprop(),
  adam: adam(),
  "adam-w": adamW(),
  "bio-adam": bioAdam(),
};

import type { RuleDefinition } from "../src/equations/definitions/rule.js";
import { adam } from "./adam.js";
import { bioAdam } from "./bio-adam.js";
import { momentum, nesterov } from "./momentum.js";
import { rmsprop } from "./rmsprop.js";
import { sgd } from "./sgd.js";

export { composeGradient, defineRule, type RuleDefinition, type RuleSpec } from "../src/equations/definitions/rule.js";
export {
  type DerivedSpec,
  defineSynapse,
  type SynapseDefinition,
  type SynapseSpec,
} from "../src/equations/definitions/synapse.js";
export { type AdamOptions, adam } from "./adam.js";
export { type BioAdamOptions, bioAdam } from "./bio-adam.js";
export { type BioAdamDynamicsOptions, bioAdamDynamics } from "./bio-adam-dynamics.js";
export { type GrapesOptions, grapes, importanceFactors } from "./grapes.js";
export { type MomentumOptions, momentum, nesterov } from "./momentum.js";
export type { GradientTransform, Modulation, Optimiser, Place } from "./optimiser.js";
export type { PredispositionOptions } from "./predisposition.js";
export { type RmspropOptions, rmsprop } from "./rmsprop.js";
export { sgd } from "./sgd.js";
export { type StdpOptions, stdp } from "./stdp.js";
export { type SynapticScalingOptions, synapticScaling } from "./synaptic-scaling.js";
export { type TripletStdpOptions, tripletStdp } from "./triplet-stdp.js";
export { weightDecay } from "./weight-decay.js";

/** Every optimiser by name, with default parameters to be changed by `.with({...})`. */
export const optimisers: Readonly<Record<string, RuleDefinition>> = {
  sgd: sgd(),
  momentum: momentum(),
  nesterov: nesterov(),
  rmsprop: rmsprop(),
  adam: adam(),
  "bio-adam": bioAdam(),
};

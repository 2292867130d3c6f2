import { FIELD_RESETS } from "../../../neurons/field-units.js";
import { type NeuronDefinition, neurons } from "../../../neurons/index.js";

/** A parameter of a neuron here, and its value from that of a module of PyTorch. */
export interface ParameterRule {
  readonly parameter: string;
  /** @param dt length of a step, ms */
  value(given: number, dt: number): number;
}

const same = (parameter: string): ParameterRule => ({ parameter, value: (given) => given });

/**
 * Parameters that modules of neurons store, by their names there.
 * - snnTorch: `beta`, `alpha`, `threshold` and `V`.
 * - Sinabs: `spike_threshold`, and `tau_mem` in steps.
 * - SpikingJelly: `v_threshold`, and `w` of ParametricLIFNode, which keeps 1 - sigmoid(w) of its potential per step.
 */
export const PARAMETER_RULES: ReadonlyMap<string, ParameterRule> = new Map([
  ["beta", same("beta")],
  ["alpha", same("alpha")],
  ["threshold", same("threshold")],
  ["V", same("V")],
  ["spike_threshold", same("threshold")],
  ["v_threshold", same("threshold")],
  ["tau_mem", { parameter: "tau", value: (tau, dt) => tau * dt }],
  ["w", { parameter: "tau", value: (w, dt) => dt / Math.log1p(Math.exp(w)) }],
]);

/** The reset of a neuron of snnTorch; undefined for another neuron. */
export function fieldReset(neuron: NeuronDefinition): string | undefined {
  if (!["leaky", "synaptic", "alpha", "rLeaky"].includes(neuron.name)) return undefined;
  const update = (reset: string, detachReset: boolean, more: object): string =>
    JSON.stringify(neurons[neuron.name]!({ reset, detachReset, ...more }).spec.update);
  const variants = neuron.name === "rLeaky" ? [{}, { allToAll: true }] : [{}];
  const own = JSON.stringify(neuron.spec.update);
  return FIELD_RESETS.find((reset) =>
    variants.some((more) => [true, false].some((detach) => update(reset, detach, more) === own)),
  );
}

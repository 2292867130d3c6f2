import { PRESETS } from "./presets.js";

export interface NeuronSettings {
  /** The definition, an argument of `defineNeuron`. */
  readonly text: string;
  readonly shape: "step" | "ramp" | "pulses" | "sine" | "noise";
  /** In the unit of the neuron's input. */
  readonly amplitude: number;
  /** ms */
  readonly duration: number;
  /** ms */
  readonly dt: number;
}

export const NEURON_DEFAULTS: NeuronSettings = {
  text: PRESETS.adex,
  shape: "step",
  amplitude: 800,
  duration: 400,
  dt: 0.1,
};

export const NEURON_LIMITS = {
  amplitude: { least: -1e6, most: 1e6 },
  duration: { least: 1, most: 5000 },
  dt: { least: 0.001, most: 10 },
};

export interface NetworkSettings {
  readonly model: "coba" | "cuba" | "stdp";
  /** Neurons of the balanced network. */
  readonly size: number;
  /** Inputs of the STDP example, and their rate in Hz. */
  readonly inputs: number;
  readonly rate: number;
  /** Simulated time, ms. */
  readonly duration: number;
  readonly seed: number;
}

export const NETWORK_DEFAULTS: NetworkSettings = {
  model: "coba",
  size: 2000,
  inputs: 500,
  rate: 15,
  duration: 1000,
  seed: 1,
};

/** Neurons of each population whose spikes are shown. */
export const SHOWN = 300;

export const NETWORK_LIMITS = {
  size: { least: 100, most: 20000 },
  inputs: { least: 10, most: 2000 },
  rate: { least: 1, most: 100 },
  duration: { least: 10, most: 1e6 },
  seed: { least: 0, most: 2 ** 32 - 1 },
};

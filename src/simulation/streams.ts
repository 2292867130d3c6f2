/**
 * Streams of random numbers that a simulation uses; the same counters in another stream give other numbers. They follow
 * those of src/random/counter.ts, with a gap for further ones.
 */
export const SIMULATION_STREAM = {
  connections: 33,
  weights: 34,
  delays: 35,
  initial: 36,
  noise: 37,
  conditions: 38,
  probabilities: 39,
  parameters: 40,
  positions: 41,
  changes: 42,
  inputs: 43,
  synapses: 44,
  synapseNoise: 45,
  draws: 46,
} as const;

/** Counters of the noise of synapses in one step: those of `rowKey`. */
export const synapseNoise = (
  seed: number,
  projection: number,
  noise: number,
  trial: number,
  step: number,
): number[] => [SIMULATION_STREAM.synapseNoise, seed, projection, noise, trial, step];

/**
 * Streams of random numbers that a simulation uses; the same counters in another stream are other numbers. They go on
 * after those of src/random/counter.ts with room between.
 */
export const SIMULATION_STREAM = { connections: 33, weights: 34, delays: 35, initial: 36, noise: 37 } as const;

/**
 * The first bytes of every program's memory, as byte addresses: how the threads talk to each other and what changes from run
 * to run. Everything is a 32-bit word.
 */
export const HEADER = {
  /** Counts beginnings and ends of runs: odd while one goes on. Workers sleep on it. */
  generation: 0,
  /** Index of the procedure to run. */
  procedure: 4,
  /** 1 when workers must end. */
  stop: 8,
  /** 1 when a thread failed and the others must give up the run. */
  failed: 12,
  /** Workers that take part in a run, or look whether there is one. */
  present: 16,
  samples: 64,
  seed: 68,
  epoch: 72,
  firstStep: 76,
  /** For every phase, in cache lines of their own: next workItem of work, then workItems that are done. */
  phases: 128,
} as const;

/** Bytes of one phase's counters. */
export const PHASE_BYTES = 128;
export const PHASE_DONE = 64;

/** Reads a word of the header from JavaScript. */
export const word = (address: number): number => address / 4;

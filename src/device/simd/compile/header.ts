/**
 * Byte addresses of the header of every program's memory: the counters that threads share and the values that change
 * from run to run. All entries are 32-bit words.
 */
export const HEADER = {
  /** Counts starts and ends of runs: odd during a run. Workers sleep on it. */
  generation: 0,
  /** Index of the procedure to run. */
  procedure: 4,
  /** 1 if workers must end. */
  stop: 8,
  /** 1 if a thread failed and the others must abort the run. */
  failed: 12,
  /** Workers that take part in a run, or check for one. */
  present: 16,
  samples: 64,
  seed: 68,
  epoch: 72,
  firstStep: 76,
  /** Per phase, in separate cache lines: the next work item, then the number of finished work items. */
  phases: 128,
} as const;

/** Bytes of one phase's counters. */
export const PHASE_BYTES = 128;
export const PHASE_DONE = 64;

/** Reads a word of the header from JavaScript. */
export const word = (address: number): number => address / 4;

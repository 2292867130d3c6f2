/**
 * Addresses of the words by which threads meet, at the beginning of the memory. Words that are written often have a cache
 * line of their own.
 */
export const CONTROL = {
  /** Counts the commands of the first thread. */
  command: 64,
  /** Arguments of a command: the first step and the one after the last; both 0 ends the thread's part. */
  from: 68,
  to: 72,
  /** 1 if a thread has failed; then none waits any more. */
  failed: 76,
  /** 1 if the first thread may sleep. */
  maySleep: 80,
  /** Whether a call ends after an even and after an odd step. */
  stop: 84,
  /** Threads that have come to the barrier, and the number of barriers passed. */
  arrived: 128,
  passed: 192,
  /** Why a thread has failed: a length in bytes, and UTF-8. */
  reason: 256,
  /** The first address behind them. */
  end: 1024,
} as const;

/** Result of a call after which a thread has failed. */
export const FAILED = -1;

/** Longest reason, in bytes. */
export const REASON_BYTES = CONTROL.end - CONTROL.reason - 4;

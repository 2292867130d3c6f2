/**
 * Detects that threads make no progress. It measures progress, not wall time: waiting adds up only while the counters
 * do not change, and one check adds at most 100 ms, so suspending the machine raises no alarm.
 */
export class StallWatch {
  readonly #limit: number;
  readonly #now: () => number;
  #seen: readonly number[] = [];
  #still = 0;
  #last: number;

  /** @param limit Seconds without progress that count as a stall. */
  constructor(limit: number, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#now = now;
    this.#last = now();
  }

  /** Checks the counters; true if they have not changed for too long. */
  hasStalled(...counters: readonly number[]): boolean {
    const now = this.#now();
    const moved = counters.some((counter, i) => counter !== this.#seen[i]);
    this.#still = moved ? 0 : this.#still + Math.min(now - this.#last, LONGEST_INTERVAL);
    this.#seen = counters;
    this.#last = now;
    return this.#still > 1000 * this.#limit;
  }
}

/** Milliseconds that one check can add. */
const LONGEST_INTERVAL = 100;

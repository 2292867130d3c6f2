/**
 * Notices that threads have stopped getting on. What counts is their progress, not the time on the wall: waiting adds up
 * only while the counters stand still, and a look after a long sleep (a closed lid, a stopped process) counts as one short
 * sleep, so that a slow or suspended machine raises no alarm.
 */
export class StallWatch {
  readonly #limit: number;
  readonly #now: () => number;
  #seen: readonly number[] = [];
  #still = 0;
  #last: number;

  /** @param limit Seconds of standing still that are too long. */
  constructor(limit: number, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#now = now;
    this.#last = now();
  }

  /** Looks at the counters; true when they have stood still for too long. */
  hasStalled(...counters: readonly number[]): boolean {
    const now = this.#now();
    const moved = counters.some((counter, i) => counter !== this.#seen[i]);
    this.#still = moved ? 0 : this.#still + Math.min(now - this.#last, LONGEST_INTERVAL);
    this.#seen = counters;
    this.#last = now;
    return this.#still > 1000 * this.#limit;
  }
}

/** Milliseconds that one look can add. */
const LONGEST_INTERVAL = 100;

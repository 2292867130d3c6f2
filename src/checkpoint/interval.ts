import { SpikevineError } from "../errors.js";

/** Interval between checkpoints, in seconds, batches or epochs. */
export interface Interval {
  readonly every: number;
  readonly unit: "seconds" | "batches" | "epochs";
}

const UNITS: Readonly<Record<string, readonly [Interval["unit"], number]>> = {
  s: ["seconds", 1],
  min: ["seconds", 60],
  h: ["seconds", 3600],
  batch: ["batches", 1],
  batches: ["batches", 1],
  epoch: ["epochs", 1],
  epochs: ["epochs", 1],
};

/** Format of an interval. */
export const INTERVAL_PATTERN = /^\d{1,9}(\.\d{1,9})? ?(s|min|h|batch|batches|epoch|epochs)$/;

/**
 * Reads an interval such as "30 s", "5 min", "500 batches" or "1 epoch".
 * @throws SpikevineError for any other text, and for fractions of a batch or an epoch.
 */
export function parseInterval(text: string): Interval {
  const refuse = (): SpikevineError =>
    new SpikevineError(`checkpoint interval is ${JSON.stringify(text)}; give e.g. "30 s", "500 batches" or "1 epoch".`);
  if (!INTERVAL_PATTERN.test(text)) throw refuse();
  const [unit, scale] = UNITS[text.replace(/^[\d. ]+/, "")]!;
  const every = Number.parseFloat(text) * scale;
  if (!(every > 0) || (unit !== "seconds" && !Number.isInteger(every))) throw refuse();
  return { every, unit };
}

/** Progress of a training in every unit of intervals. */
export interface Position {
  readonly updates: number;
  readonly epochs: number;
}

/** Detects that an interval has passed. */
export class CheckpointTimer {
  readonly #interval: Interval;
  /** Milliseconds of a monotonic clock. */
  readonly #now: () => number;
  #last: Position & { readonly time: number };

  constructor(interval: Interval, start: Position, now: () => number = () => performance.now()) {
    this.#interval = interval;
    this.#now = now;
    this.#last = { ...start, time: now() };
  }

  isDue(at: Position): boolean {
    const { every, unit } = this.#interval;
    const last = this.#last;
    const passed = {
      seconds: (this.#now() - last.time) / 1000,
      batches: at.updates - last.updates,
      epochs: at.epochs - last.epochs,
    }[unit];
    return passed >= every;
  }

  /** Starts the next interval. */
  restart(at: Position): void {
    this.#last = { ...at, time: this.#now() };
  }
}

import { callback, fields, optional, signal } from "../arguments/index.js";

export interface RunOptions {
  /** Called now and then, and at the end. Times in ms of the model, `seconds` of the clock on the wall. */
  readonly onProgress?: (progress: Progress) => void;
  /** Stops between two steps; the state is then as after any other step. */
  readonly signal?: AbortSignal;
}

/** Options of a run, as an argument. */
export const RUN_OPTIONS = fields<RunOptions>(
  { onProgress: optional(callback()), signal: optional(signal) },
  { root: "options" },
);

export interface Progress {
  /** Time of the model since this run began, ms. */
  readonly elapsed: number;
  readonly total: number;
  readonly seconds: number;
}

export interface RunReport {
  /** Steps taken. */
  readonly steps: number;
  /** Wall time without building, seconds. */
  readonly seconds: number;
  /** Wall time of putting the simulation together before the first step; 0 from the second run on. */
  readonly buildSeconds: number;
  /** Whether the signal ended it. */
  readonly stopped: boolean;
}

/** For how long steps are taken before others on the same thread have a turn, ms. */
const TURN = 40;

interface Steps {
  readonly total: number;
  /** Most steps in one go. */
  readonly longest: number;
  /** Length of a step, ms. */
  readonly dt: number;
  /** Takes up to so many steps; returns how many. */
  readonly advance: (count: number) => number;
}

/** Takes steps in turns, between which others on the same thread go on, progress is told and a signal is heeded. */
export async function runInSlices(
  { total, longest, dt, advance }: Steps,
  { onProgress, signal }: RunOptions,
): Promise<Omit<RunReport, "buildSeconds">> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  let done = 0;
  let turn = began;
  // Short at first: how long a step takes is not known, and the engine may still be optimizing.
  let count = 64;
  while (done < total && signal?.aborted !== true) {
    const asked = performance.now();
    done += advance(Math.min(count, total - done, longest));
    if (performance.now() - asked < TURN / 2) count = Math.min(count * 2, longest);
    if (performance.now() - turn < TURN) continue;
    onProgress?.({ elapsed: done * dt, total: total * dt, seconds: seconds() });
    await new Promise((resolve) => setTimeout(resolve));
    turn = performance.now();
  }
  onProgress?.({ elapsed: done * dt, total: total * dt, seconds: seconds() });
  return { steps: done, seconds: seconds(), stopped: done < total };
}

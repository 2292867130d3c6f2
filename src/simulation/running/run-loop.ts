import { callback, fields, optional, signal } from "../../arguments/index.js";

export interface RunOptions {
  /** Called now and then, and at the end. Times in ms of the model, `seconds` in wall time. */
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
  /** Steps run. */
  readonly steps: number;
  /** Wall time without building, seconds. */
  readonly seconds: number;
  /** Wall time of building the simulation before the first step; 0 from the second run on. */
  readonly buildSeconds: number;
  /** True if the signal ended the run. */
  readonly stopped: boolean;
}

/** Length of a time slice between two yields to the event loop, ms. */
const TIME_SLICE = 40;

interface Steps {
  readonly total: number;
  /** Largest number of steps per call. */
  readonly longest: number;
  /** Length of a step, ms. */
  readonly dt: number;
  /** Runs up to this many steps; returns how many. */
  readonly advance: (count: number) => Promise<number>;
}

/** Runs steps in time slices. Between slices it yields to the event loop, reports progress and checks the signal. */
export async function runInSlices(
  { total, longest, dt, advance }: Steps,
  { onProgress, signal }: RunOptions,
): Promise<Omit<RunReport, "buildSeconds">> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  let done = 0;
  let sliceStart = began;
  // Short at first: the duration of a step is unknown, and the engine may still be optimizing.
  let count = 64;
  while (done < total && signal?.aborted !== true) {
    const callStart = performance.now();
    done += await advance(Math.min(count, total - done, longest));
    if (performance.now() - callStart < TIME_SLICE / 2) count = Math.min(count * 2, longest);
    if (performance.now() - sliceStart < TIME_SLICE) continue;
    onProgress?.({ elapsed: done * dt, total: total * dt, seconds: seconds() });
    await new Promise((resolve) => setTimeout(resolve));
    sliceStart = performance.now();
  }
  onProgress?.({ elapsed: done * dt, total: total * dt, seconds: seconds() });
  return { steps: done, seconds: seconds(), stopped: done < total };
}

import { SpikevineError } from "../errors.js";
import type { TrainingOptions, TrainingSnapshot } from "../training/index.js";
import { CheckpointTimer, type Interval, type Position } from "./interval.js";
import type { RunIdentity } from "./manifest.js";
import type { CheckpointStore } from "./store.js";

/**
 * Keeps a run's snapshots as checkpoints. A checkpoint that cannot be written (a full disk, a folder that is gone) is told
 * of and does not stop training: those before it are as they were, and the next one may succeed.
 */
export class CheckpointWriter {
  readonly #store: CheckpointStore;
  readonly #run: () => RunIdentity;
  readonly #timer: CheckpointTimer | undefined;
  readonly #onProblem: (error: SpikevineError) => void;
  #identity: RunIdentity | undefined;
  #kept: string | undefined;
  /** Seconds spent on writing. */
  seconds = 0;
  /** Checkpoints written. */
  written = 0;
  /** Manifest of the newest one. */
  newest: string | undefined;
  /** Why the latest one could not be written, if so. */
  problem: SpikevineError | undefined;

  /**
   * @param options.run What the run is; called once, when the first checkpoint is written.
   * @param options.interval Without one, a checkpoint is written only when training stops or ends.
   * @param options.start Where training begins.
   */
  constructor(options: {
    store: CheckpointStore;
    run: () => RunIdentity;
    interval: Interval | undefined;
    start: Position;
    onProblem: (error: SpikevineError) => void;
    now?: () => number;
  }) {
    this.#store = options.store;
    this.#run = options.run;
    this.#timer = options.interval && new CheckpointTimer(options.interval, options.start, options.now);
    this.#onProblem = options.onProblem;
  }

  /** The options of `train` by which this receives its snapshots. */
  get options(): Required<Pick<TrainingOptions, "onSnapshot" | "snapshotDue">> {
    return { onSnapshot: (snapshot) => this.write(snapshot), snapshotDue: (at) => this.isDue(at) };
  }

  isDue(at: Position): boolean {
    return this.#timer?.isDue(at) ?? false;
  }

  async write(snapshot: TrainingSnapshot): Promise<void> {
    const { updates, reports, sums } = snapshot.progress;
    const key = [updates, reports.length, sums.samples].join();
    if (this.#kept === key) return;
    const began = performance.now();
    try {
      this.#identity ??= this.#run();
      this.newest = await this.#store.write(snapshot, this.#identity);
      this.#kept = key;
      this.problem = undefined;
      this.written++;
    } catch (error) {
      if (!(error instanceof SpikevineError)) throw error;
      this.problem = error;
      this.#onProblem(error);
    } finally {
      this.seconds += (performance.now() - began) / 1000;
      this.#timer?.restart({ updates, epochs: reports.length });
    }
  }
}

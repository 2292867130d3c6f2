import { SpikevineError } from "../errors.js";
import type { TrainingOptions, TrainingSnapshot } from "../training/index.js";
import { CheckpointTimer, type Interval, type Position } from "./interval.js";
import type { RunIdentity } from "./manifest.js";
import type { CheckpointStore } from "./store.js";

/**
 * Writes a run's snapshots as checkpoints. A checkpoint that cannot be written (a full disk, a deleted folder) is
 * reported and does not stop training: earlier checkpoints are unchanged, and the next one may succeed.
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
  /** Manifest of the newest checkpoint. */
  newest: string | undefined;
  /** Error of the latest attempt, if it failed. */
  problem: SpikevineError | undefined;

  /**
   * @param options.run Returns the run's description; called once, when the first checkpoint is written.
   * @param options.interval Without one, a checkpoint is written only when training stops or ends.
   * @param options.start Position at which training starts.
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

  /** Options of `train` that pass its snapshots to this writer. */
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

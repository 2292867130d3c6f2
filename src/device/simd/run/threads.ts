import { SpikevineError } from "../../../errors.js";
import { isNode } from "../../../in-node.js";
import { openThread, type Thread, type WorkerCode, WorkerMissing } from "../../../thread.js";
import { HEADER, word } from "../compile/header.js";
import type { ProgramImage } from "../compile/image.js";
import { Executor } from "./executor.js";
import type { WorkerMessage, WorkerStart } from "./simd-worker.js";
import { StallWatch } from "./stall.js";

/** Checks of a counter before sleeping on it. */
const SPINS = 2000;
/** Milliseconds that the main thread sleeps between checks. */
const SLEEP = 20;
/** No work item takes nearly as long, even on a busy machine. */
const STALL_SECONDS = 300;
/** Sleeps after which the main thread yields to messages of its workers. */
const SLEEPS_PER_PAUSE = 10;

/** The threads of one program. The calling thread is the first of them. */
export class Threads {
  readonly #executor: Executor;
  readonly #workers: Thread<WorkerStart>[] = [];
  #failure: string | undefined;
  #stopped = false;
  readonly #stallSeconds: number;

  private constructor(image: ProgramImage, stallSeconds: number) {
    this.#executor = new Executor(image, 0);
    this.#stallSeconds = stallSeconds;
  }

  /**
   * Starts the workers and waits until all are ready. Throws a WorkerMissing if one cannot start.
   * @param stallSeconds Seconds without any claimed or finished work item, after which a run is aborted.
   */
  static async start(image: ProgramImage, stallSeconds = STALL_SECONDS): Promise<Threads> {
    const threads = new Threads(image, stallSeconds);
    const starts = Array.from({ length: image.threads - 1 }, (_, i) => threads.#add({ image, thread: i + 1 }));
    try {
      await Promise.all(starts);
    } catch (error) {
      await threads.stop();
      throw new WorkerMissing(error);
    }
    return threads;
  }

  async #add(start: WorkerStart): Promise<void> {
    let ready = (): void => {};
    let refuse = (_: Error): void => {};
    const started = new Promise<void>((resolve, reject) => {
      ready = resolve;
      refuse = reject;
    });
    const fail = (reason: string): void => {
      this.#failure ??= reason;
      this.#giveUp();
      refuse(new Error(reason));
    };
    const thread = await openThread<WorkerStart, WorkerMessage>(WORKER, {
      message: (message) => ("ready" in message ? ready() : fail(message.failure)),
      gone: (reason) => {
        if (!this.#stopped) fail(reason);
      },
    });
    this.#workers.push(thread);
    thread.post(start);
    await started;
    thread.release();
  }

  /**
   * Runs a procedure on all threads. Throws a SpikevineError if a thread fails or ends; no later run is possible then.
   */
  async run(procedure: number): Promise<void> {
    if (this.#failure !== undefined) throw failed(this.#failure);
    const { words } = this.#executor;
    const phases = this.#executor.phases(procedure);
    for (let phase = 0; phase < phases; phase++) {
      Atomics.store(words, this.#executor.claimed(phase), 0);
      Atomics.store(words, this.#executor.done(phase), 0);
    }
    Atomics.store(words, word(HEADER.procedure), procedure);
    Atomics.add(words, word(HEADER.generation), 1);
    Atomics.notify(words, word(HEADER.generation));
    for (let phase = 0; phase < phases; phase++) {
      try {
        this.#executor.work(procedure, phase);
      } catch (error) {
        this.#failure ??= error instanceof Error ? error.message : String(error);
        this.#giveUp();
        throw failed(this.#failure);
      }
      const sleepOn = this.#executor.done(phase);
      await this.#until(() => this.#executor.isDone(procedure, phase), sleepOn, this.#executor.claimed(phase));
    }
    // No worker may mistake this run's counters for the next run's. Workers that have not started see that the run is
    // over; the main thread waits for the others.
    Atomics.add(words, word(HEADER.generation), 1);
    const present = word(HEADER.present);
    await this.#until(() => Atomics.load(words, present) === 0, present, present);
  }

  /**
   * Waits for other threads; `sleepOn` is the word that they change at the end, `progress` a word that shows their
   * progress.
   */
  async #until(isTrue: () => boolean, sleepOn: number, progress: number): Promise<void> {
    for (let spin = 0; spin < SPINS; spin++) if (isTrue()) return;
    const { words } = this.#executor;
    const watch = new StallWatch(this.#stallSeconds);
    for (let sleeps = 1; ; sleeps++) {
      const seen = Atomics.load(words, sleepOn);
      if (isTrue()) return;
      const hasFailed = Atomics.load(words, word(HEADER.failed)) !== 0;
      if (this.#failure !== undefined) throw failed(this.#failure);
      if (watch.hasStalled(Atomics.load(words, progress), seen)) {
        this.#failure = `no thread has made progress for ${this.#stallSeconds} seconds`;
        this.#giveUp();
        throw failed(this.#failure);
      }
      // Messages of workers arrive only while this thread does not sleep.
      if (hasFailed || !canSleep() || sleeps % SLEEPS_PER_PAUSE === 0) await pause();
      else Atomics.wait(words, sleepOn, seen, SLEEP);
    }
  }

  #giveUp(): void {
    const { words } = this.#executor;
    Atomics.store(words, word(HEADER.failed), 1);
  }

  /** Ends the workers; safe to call twice. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    const { words } = this.#executor;
    Atomics.store(words, word(HEADER.stop), 1);
    // The generation changes, its parity does not.
    Atomics.add(words, word(HEADER.generation), 2);
    Atomics.notify(words, word(HEADER.generation));
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }
}

const failed = (reason: string): SpikevineError =>
  new SpikevineError(
    `simd: a worker thread failed (${reason}); compile the plan again, with threads: 1 if it fails again.`,
  );

/** Browsers do not allow the main thread of a page to sleep. */
const canSleep = (): boolean => isNode || typeof document === "undefined";

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

// Bundlers copy a file that stands in a URL with import.meta.url itself, and the file of Node is not one of a page.
const here = import.meta.url;

/** Code of a worker, next to this file. */
const WORKER: WorkerCode = {
  file: () => new URL("./simd-worker.js", here),
  start: () => new Worker(new URL("./simd-worker.js", import.meta.url), { type: "module" }),
};

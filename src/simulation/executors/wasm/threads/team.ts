import { SpikevineError } from "../../../../errors.js";
import { isNode } from "../../../../in-node.js";
import { openThread, type Thread, type WorkerCode, WorkerMissing } from "../../../../thread.js";
import { CONTROL, FAILED } from "./control.js";
import type { WorkerReady, WorkerStart } from "./simulation-worker.js";

// Bundlers copy a file that stands in a URL with import.meta.url itself, and the file of Node is not one of a page.
const here = import.meta.url;

const WORKER: WorkerCode = {
  file: () => new URL("./simulation-worker.js", here),
  start: () => new Worker(new URL("./simulation-worker.js", import.meta.url), { type: "module" }),
};

/** A worker that takes part in one simulation after the other. */
interface Member {
  readonly thread: Thread<WorkerStart>;
  /** Called when it is ready, or with the reason why it has ended. */
  answer: (gone?: string) => void;
  gone: string | undefined;
}

/** Workers that take part in no simulation. They keep no memory of one, and do not keep the process alive. */
const idle: Member[] = [];

async function openWorker(): Promise<Member> {
  const found = idle.pop();
  if (found !== undefined) return found;
  const worker: Member = {
    gone: undefined,
    answer: () => {},
    thread: await openThread<WorkerStart, WorkerReady>(WORKER, {
      message: () => worker.answer(),
      gone: (reason) => {
        worker.gone = reason;
        const at = idle.indexOf(worker);
        if (at >= 0) idle.splice(at, 1);
        worker.answer(reason);
      },
    }),
  };
  return worker;
}

type Run = (from: number, to: number, thread: number) => number;

/** The threads of a simulation in WebAssembly. The calling thread is the first of them. */
export class Team {
  readonly #module: WebAssembly.Module;
  readonly #memory: WebAssembly.Memory;
  readonly #run: Run;
  readonly #count: number;
  readonly #words: Int32Array;
  #workers: Member[] = [];
  #failure: string | undefined;

  /**
   * @param run The export of the first thread's instance.
   * @param count Number of threads, at least two.
   */
  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, run: Run, count: number) {
    this.#module = module;
    this.#memory = memory;
    this.#run = run;
    this.#count = count;
    this.#words = new Int32Array(memory.buffer);
    // Browsers do not allow the main thread of a page to sleep.
    this.#words[CONTROL.maySleep / 4] = isNode || typeof document === "undefined" ? 1 : 0;
  }

  /**
   * Lets workers take part; they wait for calls of `run` until `stop`.
   * @throws WorkerMissing if a worker cannot start, SpikevineError if it fails later
   */
  async start(): Promise<void> {
    if (this.#workers.length > 0 || this.#failure !== undefined) return;
    const opened = await Promise.allSettled(Array.from({ length: this.#count - 1 }, openWorker));
    const workers = opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const refused = opened.find((result) => result.status === "rejected");
    if (refused !== undefined) {
      idle.push(...workers);
      throw new WorkerMissing(refused.reason);
    }
    const ready = workers.map(
      (worker) =>
        new Promise<void>((resolve) => {
          worker.answer = (gone) => {
            this.#failure ??= gone;
            resolve();
          };
        }),
    );
    workers.forEach(({ thread }, t) => {
      thread.hold();
      thread.post({ module: this.#module, memory: this.#memory, thread: t + 1 });
    });
    this.#workers = workers;
    await Promise.all(ready);
    for (const { thread } of workers) thread.release();
    const missing = workers.find(({ gone }) => gone !== undefined)?.gone;
    if (missing !== undefined) {
      this.stop();
      throw new WorkerMissing(missing);
    }
    if (this.#failure !== undefined || Atomics.load(this.#words, CONTROL.failed / 4) !== 0) throw this.#fail();
  }

  /**
   * Runs steps `from` up to `to` - 1 or fewer on all threads, and returns the step after the last.
   * @throws SpikevineError if a thread fails; no later call is possible then.
   */
  run(from: number, to: number): number {
    const gone = this.#workers.find((worker) => worker.gone !== undefined)?.gone;
    if (gone !== undefined || this.#failure !== undefined) throw this.#fail(gone);
    this.#command(from, to);
    let step = FAILED;
    try {
      step = this.#run(from, to, 0);
    } catch (error) {
      Atomics.store(this.#words, CONTROL.failed / 4, 1);
      throw this.#fail(error instanceof Error ? error.message : String(error));
    }
    if (step === FAILED) throw this.#fail();
    return step >>> 0;
  }

  #command(from: number, to: number): void {
    this.#words[CONTROL.from / 4] = from;
    this.#words[CONTROL.to / 4] = to;
    Atomics.add(this.#words, CONTROL.command / 4, 1);
    Atomics.notify(this.#words, CONTROL.command / 4);
  }

  #fail(reason = this.#reason()): SpikevineError {
    this.#failure ??= reason;
    return new SpikevineError(
      `simulation: a worker thread failed (${this.#failure}); make the simulation again, with threads: 1 if it fails again.`,
    );
  }

  /** The reason that a worker has left. */
  #reason(): string {
    const length = this.#words[CONTROL.reason / 4]!;
    const bytes = new Uint8Array(this.#memory.buffer, CONTROL.reason + 4, length).slice();
    return length === 0 ? "no thread has made progress for a minute" : new TextDecoder().decode(bytes);
  }

  /** Ends the part of the workers, which wait for another simulation then. After a failure they end. */
  stop(): void {
    const workers = this.#workers;
    if (workers.length === 0) return;
    this.#workers = [];
    if (this.#failure === undefined) this.#command(0, 0);
    for (const worker of workers) {
      worker.answer = () => {};
      if (this.#failure !== undefined) void worker.thread.stop();
      else if (worker.gone === undefined) idle.push(worker);
    }
  }
}

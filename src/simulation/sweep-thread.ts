import { SpikevineError } from "../errors.js";
import { openThread, type Thread, type WorkerCode, WorkerMissing } from "../thread.js";
import type { SynapseRun } from "./synapse-task.js";
import type { SweepAnswer, SweepMessage, SweepRequest } from "./synapse-worker.js";

// Bundlers copy a file that stands in a URL with import.meta.url itself, and the file of Node is not one of a page.
const here = import.meta.url;

const WORKER: WorkerCode = {
  file: () => new URL("./synapse-worker.js", here),
  start: () => new Worker(new URL("./synapse-worker.js", import.meta.url), { type: "module" }),
};

/** A thread of a sweep of synapses. It runs one point at a time. */
export class SweepThread {
  #thread: Thread<SweepRequest> | undefined;
  /** Receives the next message, or the reason why none can come. */
  #next: ((message: SweepMessage) => void) | undefined;

  private constructor() {}

  /** @throws WorkerMissing if the worker cannot start */
  static async open(): Promise<SweepThread> {
    const opened = new SweepThread();
    const first = opened.#message();
    try {
      opened.#thread = await openThread<SweepRequest, SweepMessage>(WORKER, {
        message: (message) => opened.#next?.(message),
        gone: (reason) => opened.#next?.({ failure: `a thread of the sweep failed: ${reason}`, isOurs: false }),
      });
    } catch (error) {
      throw new WorkerMissing(error);
    }
    const message = await first;
    if ("failure" in message) throw new WorkerMissing(message.failure);
    return opened;
  }

  /** @throws SpikevineError if the point cannot be computed */
  async run(request: SweepRequest): Promise<SynapseRun> {
    const answer = this.#message();
    this.#thread!.post(request);
    const message = (await answer) as SweepAnswer;
    if ("run" in message) return message.run;
    throw message.isOurs ? new SpikevineError(message.failure) : new Error(message.failure);
  }

  /** Ends the thread, and its run with a failure. */
  async stop(): Promise<void> {
    this.#next?.({ failure: "a thread of the sweep was stopped", isOurs: false });
    this.#next = undefined;
    await this.#thread!.stop();
  }

  #message(): Promise<SweepMessage> {
    return new Promise((resolve) => {
      this.#next = resolve;
    });
  }
}

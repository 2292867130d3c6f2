import { parentOfThread } from "../../../../thread.js";
import { HOST } from "../host-functions.js";
import { CONTROL, REASON_BYTES } from "./control.js";

/** What a worker gets to take part in a simulation. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** From 1 on; the calling thread is number 0. */
  readonly thread: number;
}

/** The answer to a start. */
export interface WorkerReady {
  readonly thread: number;
}

type Run = (from: number, to: number, thread: number) => number;

const word = (address: number): number => address / 4;

/** Tells all threads that this one has failed, and why. */
function fail(memory: WebAssembly.Memory, error: unknown): void {
  const words = new Int32Array(memory.buffer);
  const text = new TextEncoder().encode(error instanceof Error ? error.message : String(error));
  const reason = text.subarray(0, REASON_BYTES);
  new Uint8Array(memory.buffer).set(reason, CONTROL.reason + 4);
  words[word(CONTROL.reason)] = reason.length;
  Atomics.store(words, word(CONTROL.failed), 1);
  Atomics.notify(words, word(CONTROL.passed));
}

/** Takes part in calls until the first thread ends them. */
function serve({ module, memory, thread }: WorkerStart, ready: () => void): void {
  try {
    const run = new WebAssembly.Instance(module, { host: { memory, ...HOST } }).exports.run as Run;
    const words = new Int32Array(memory.buffer);
    let seen = Atomics.load(words, word(CONTROL.command));
    ready();
    for (;;) {
      Atomics.wait(words, word(CONTROL.command), seen);
      const command = Atomics.load(words, word(CONTROL.command));
      if (command === seen) continue;
      seen = command;
      const [from, to] = [words[word(CONTROL.from)]!, words[word(CONTROL.to)]!];
      if (to === 0) return;
      run(from, to, thread);
    }
  } catch (error) {
    fail(memory, error);
    ready();
  }
}

const parent = parentOfThread<WorkerStart, WorkerReady>();
parent.onRequest((start) => serve(start, () => parent.send({ thread: start.thread })));

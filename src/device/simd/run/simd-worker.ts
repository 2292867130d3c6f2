import { parentOfThread } from "../../../thread.js";
import { HEADER, word } from "../compile/header.js";
import type { ProgramImage } from "../compile/image.js";
import { Executor } from "./executor.js";

/** Start message of a worker. */
export interface WorkerStart {
  readonly image: ProgramImage;
  readonly thread: number;
}

/** Message of a worker: that it is ready, or the reason of a failure. */
export type WorkerMessage = { readonly ready: true } | { readonly failure: string };

/** Milliseconds after which a sleeping thread checks whether the run has been aborted. */
const CHECK_MILLISECONDS = 100;
/** Checks of a counter before sleeping on it. */
const SPINS = 2000;

/** Takes part in runs until it is stopped. A run that ends before this thread wakes up was completed by the others. */
function serve({ image, thread }: WorkerStart, send: (message: WorkerMessage) => void): void {
  const executor = new Executor(image, thread);
  const { words } = executor;
  const read = (address: number): number => Atomics.load(words, word(address));
  const isGivenUp = (): boolean => read(HEADER.failed) !== 0 || read(HEADER.stop) !== 0;
  let served = read(HEADER.generation);
  send({ ready: true });
  for (;;) {
    const generation = read(HEADER.generation);
    if (read(HEADER.stop) !== 0) return;
    if (generation === served || (generation & 1) === 0) {
      for (let spin = 0; spin < SPINS && read(HEADER.generation) === generation; spin++);
      Atomics.wait(words, word(HEADER.generation), generation);
      continue;
    }
    // The run can end between reading the generation and registering; after registering it cannot.
    Atomics.add(words, word(HEADER.present), 1);
    if (read(HEADER.generation) === generation) {
      served = generation;
      runPhases(executor, read(HEADER.procedure), isGivenUp);
    }
    Atomics.sub(words, word(HEADER.present), 1);
    Atomics.notify(words, word(HEADER.present));
  }
}

function runPhases(executor: Executor, procedure: number, isGivenUp: () => boolean): void {
  const last = executor.phases(procedure) - 1;
  for (let phase = 0; phase <= last; phase++) {
    if (isGivenUp()) return;
    executor.work(procedure, phase);
    // Only the main thread waits for the end of the last phase.
    if (phase === last) return;
    const done = executor.done(phase);
    for (let spin = 0; spin < SPINS && !executor.isDone(procedure, phase); spin++);
    for (;;) {
      const seen = Atomics.load(executor.words, done);
      if (executor.isDone(procedure, phase)) break;
      if (isGivenUp()) return;
      Atomics.wait(executor.words, done, seen, CHECK_MILLISECONDS);
    }
  }
}

/**
 * Serves, and reports a failure both to the other threads, which must not wait, and to the main thread with its
 * message.
 */
function start(data: WorkerStart, send: (message: WorkerMessage) => void): void {
  try {
    serve(data, send);
  } catch (error) {
    const words = new Int32Array(data.image.memory.buffer);
    Atomics.store(words, word(HEADER.failed), 1);
    send({ failure: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
  }
}

const parent = parentOfThread<WorkerStart, WorkerMessage>();
parent.onRequest((data) => start(data, (message) => parent.send(message)));

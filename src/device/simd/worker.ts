import { Executor } from "./executor.js";
import { HEADER, word } from "./header.js";
import type { ProgramImage } from "./image.js";

/** What a worker is started with. */
export interface WorkerStart {
  readonly image: ProgramImage;
  readonly thread: number;
}

/** What a worker says: that it is ready, or what went wrong. */
export type WorkerMessage = { readonly ready: true } | { readonly failure: string };

/** Milliseconds after which a sleeping thread looks whether the run has been given up. */
const LOOK = 100;
/** Looks at a counter before going to sleep on it. */
const SPINS = 2000;

/** Takes part in every run until told to stop. */
function serve({ image, thread }: WorkerStart, say: (message: WorkerMessage) => void): void {
  const executor = new Executor(image, thread);
  const { words } = executor;
  const read = (address: number): number => Atomics.load(words, word(address));
  let generation = read(HEADER.generation);
  say({ ready: true });
  for (;;) {
    for (let spin = 0; spin < SPINS && read(HEADER.generation) === generation; spin++);
    Atomics.wait(words, word(HEADER.generation), generation);
    if (read(HEADER.stop) !== 0) return;
    generation = read(HEADER.generation);
    runPhases(executor, read(HEADER.procedure), () => read(HEADER.failed) !== 0 || read(HEADER.stop) !== 0);
  }
}

function runPhases(executor: Executor, procedure: number, isGivenUp: () => boolean): void {
  const last = executor.phases(procedure) - 1;
  for (let phase = 0; phase <= last; phase++) {
    if (isGivenUp()) return;
    executor.work(procedure, phase);
    // Nobody waits for a worker after the last phase but the main thread.
    if (phase === last) return;
    for (let spin = 0; spin < SPINS && !executor.isDone(phase); spin++);
    while (!executor.isDone(phase)) {
      if (isGivenUp()) return;
      const arrivals = executor.arrivals(phase);
      const count = Atomics.load(executor.words, arrivals);
      if (count < executor.threads) Atomics.wait(executor.words, arrivals, count, LOOK);
    }
  }
}

/** Serves, and reports a failure both to the other threads, which must not wait, and to the main thread in words. */
function start(data: WorkerStart, say: (message: WorkerMessage) => void): void {
  try {
    serve(data, say);
  } catch (error) {
    const words = new Int32Array(data.image.memory.buffer);
    Atomics.store(words, word(HEADER.failed), 1);
    say({ failure: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
  }
}

const isNode = typeof process !== "undefined" && process.versions?.node !== undefined;
if (isNode) {
  const { parentPort } = await import("node:worker_threads");
  parentPort?.once("message", (data: WorkerStart) => start(data, (message) => parentPort.postMessage(message)));
} else {
  self.addEventListener(
    "message",
    (event: MessageEvent<WorkerStart>) => start(event.data, (m) => self.postMessage(m)),
    {
      once: true,
    },
  );
}

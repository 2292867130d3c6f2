import { availableParallelism } from "node:os";
import { Worker, workerData } from "node:worker_threads";
import { either, fields, made, optional, signature, text, whole } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import type { Point } from "./point.js";
import type { PointOptions, PointResult, Runner } from "./runner.js";
import {
  POINT_WORKER,
  type PointWorkerMessage,
  type PointWorkerRequest,
  type PointWorkerStart,
} from "./worker-messages.js";

/** Milliseconds that a point has to end by itself after the sweep is stopped; then its thread is terminated. */
const GRACE = 2000;

interface WorkerRunnerOptions {
  readonly module: string | URL;
  readonly run: string;
  readonly threads?: number;
}

const check = signature("sweep", {
  options: fields<WorkerRunnerOptions>(
    {
      module: either(text("the URL of a module"), made("a URL", "href")),
      run: text("the name of an exported function"),
      threads: optional(whole(1, 1024)),
    },
    { root: "options" },
  ),
});

/**
 * Runs points in threads of this process, one point per thread at a time. A thread is reused for the next point, so the
 * module loads its data only once per thread. A thread that dies loses only its own point.
 * @param options.module URL of the module with the point function, such as `import.meta.url` of its file. The module is
 * run in every thread: it must not start a sweep itself there.
 * @param options.run name under which the module exports its point function, `(point, { signal, report }) => result`
 * @param options.threads default: one per core, so train with `threads: 1` in the point function
 * @throws SpikevineError in a thread of a sweep
 */
export function threadRunner(options: WorkerRunnerOptions): Runner {
  check([options]);
  const { module, run, threads = availableParallelism() } = options;
  if ((workerData as Partial<PointWorkerStart> | null)?.role === POINT_WORKER) {
    throw new SpikevineError(
      "sweep: a thread of a sweep starts a sweep; put the point function into a module of its own, or start the sweep only if isMainThread of node:worker_threads is true.",
    );
  }
  const idle: PointThread[] = [];
  return {
    slots: threads,
    async start(point, given) {
      let thread = idle.pop();
      while (thread?.isAlive === false) thread = idle.pop();
      thread ??= new PointThread({ role: POINT_WORKER, module: String(module), run });
      try {
        return await thread.work(point, given);
      } finally {
        if (thread.isAlive) idle.push(thread);
      }
    },
    async close() {
      await Promise.all(idle.splice(0).map((thread) => thread.end()));
    },
  };
}

/** A worker thread and its current point. */
class PointThread {
  isAlive = true;
  readonly #worker: Worker;

  constructor(start: PointWorkerStart) {
    // Flags of the process may not be valid for a worker, e.g. --input-type.
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: start, execArgv: [] });
    this.#worker.on("exit", () => {
      this.isAlive = false;
    });
    // Without a listener, an error between two points would end the process.
    this.#worker.on("error", () => {
      this.isAlive = false;
    });
  }

  async work(point: Point, { signal, onProgress }: PointOptions): Promise<PointResult> {
    const worker = this.#worker;
    let forget = (): void => undefined;
    try {
      return await new Promise<PointResult>((resolve, reject) => {
        const onMessage = (message: PointWorkerMessage): void => {
          if ("fraction" in message) onProgress(message.fraction);
          else if ("result" in message) resolve(message.result);
          else reject(revive(message));
        };
        const onError = (error: Error): void => reject(error);
        const onExit = (code: number): void =>
          reject(
            new SpikevineError(`the thread of the point ended with code ${code}; see what ends the process in it.`),
          );
        let patience: NodeJS.Timeout | undefined;
        const onAbort = (): void => {
          worker.postMessage({ abort: true } satisfies PointWorkerRequest);
          patience = setTimeout(() => void worker.terminate(), GRACE);
        };
        forget = () => {
          worker.off("message", onMessage).off("error", onError).off("exit", onExit);
          signal.removeEventListener("abort", onAbort);
          clearTimeout(patience);
        };
        worker.on("message", onMessage).on("error", onError).on("exit", onExit);
        signal.addEventListener("abort", onAbort, { once: true });
        worker.postMessage({ point } satisfies PointWorkerRequest);
      });
    } finally {
      forget();
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Restores an error from the thread; errors that a person can cause stay apart from bugs. */
function revive({ failure, isOurs }: Extract<PointWorkerMessage, { failure: string }>): Error {
  return isOurs ? new SpikevineError(failure) : new Error(failure);
}

/** The part of a worker, of Node or of a browser, that is used here. */
export interface Thread<Request> {
  post(request: Request): void;
  /** Stops the worker from keeping the process alive. */
  release(): void;
  /** Lets the worker keep the process alive again. */
  hold(): void;
  stop(): Promise<unknown>;
}

export interface ThreadListener<Message> {
  message(message: Message): void;
  /** The worker has ended, or failed where it could not report it. */
  gone(reason: string): void;
}

const isNode = typeof process !== "undefined" && process.versions?.node !== undefined;

/** Starts a worker of Node or of a browser. */
export async function openThread<Request, Message>(
  code: URL,
  listener: ThreadListener<Message>,
): Promise<Thread<Request>> {
  if (!isNode) {
    const worker = new Worker(code, { type: "module" });
    worker.addEventListener("message", (event: MessageEvent<Message>) => listener.message(event.data));
    worker.addEventListener("error", (event) => listener.gone(event.message));
    return {
      post: (request) => worker.postMessage(request),
      release() {},
      hold() {},
      stop: async () => worker.terminate(),
    };
  }
  const workers = await import("node:worker_threads");
  // Flags of the process may not suit a worker: --input-type, for one, is refused.
  const worker = new workers.Worker(code, { execArgv: [] });
  worker.on("message", (message: Message) => listener.message(message));
  worker.on("error", (error) => listener.gone(error instanceof Error ? error.message : String(error)));
  worker.on("exit", () => listener.gone("it ended"));
  return {
    post: (request) => worker.postMessage(request),
    release: () => worker.unref(),
    hold: () => worker.ref(),
    stop() {
      // Keep the process alive while the caller awaits termination.
      worker.ref();
      return worker.terminate();
    },
  };
}

/** Answers the requests that a worker receives, one after the other; this is the other side of `openThread`. */
export async function serveThread<Request, Message>(answer: (request: Request) => Message): Promise<void> {
  if (isNode) {
    const { parentPort } = await import("node:worker_threads");
    parentPort?.on("message", (request: Request) => parentPort.postMessage(answer(request)));
  } else {
    self.addEventListener("message", (event: MessageEvent<Request>) => self.postMessage(answer(event.data)));
  }
}

/** Number of threads that the machine runs at the same time. */
export async function coreCount(): Promise<number> {
  if (typeof navigator !== "undefined" && navigator.hardwareConcurrency > 0) return navigator.hardwareConcurrency;
  const { availableParallelism } = await import("node:os");
  return availableParallelism();
}

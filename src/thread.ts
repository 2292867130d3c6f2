import { isNode } from "./in-node.js";

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

/** The code of a worker: in Node its file, in a browser a function that starts it. */
export interface WorkerCode {
  file(): URL;
  /**
   * Contains `new Worker(new URL("./NAME.js", import.meta.url), { type: "module" })` in these words, from which bundlers
   * learn that the file is the entry of a worker.
   */
  start(): Worker;
}

/** A worker cannot start: its file cannot be loaded, or a policy of the page or the machine forbids it. */
export class WorkerMissing extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Starts a worker of Node or of a browser. */
export async function openThread<Request, Message>(
  code: WorkerCode,
  listener: ThreadListener<Message>,
): Promise<Thread<Request>> {
  if (!isNode) {
    const worker = code.start();
    worker.addEventListener("message", (event: MessageEvent<Message>) => listener.message(event.data));
    // A worker whose file is missing or may not be loaded has an event without a message.
    worker.addEventListener("error", ({ message }) => listener.gone(message || "its file could not be loaded"));
    return {
      post: (request) => worker.postMessage(request),
      release() {},
      hold() {},
      stop: async () => worker.terminate(),
    };
  }
  const workers = process.getBuiltinModule("node:worker_threads");
  // Flags of the process may not suit a worker: --input-type, for one, is refused.
  const worker = new workers.Worker(code.file(), { execArgv: [] });
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

/** The messages of a worker's other side. */
interface Port<Request, Message> {
  onRequest(listener: (request: Request) => void): void;
  send(message: Message): void;
}

/** The port of the worker that calls; this is the other side of `openThread`. */
export function parentOfThread<Request, Message>(): Port<Request, Message> {
  if (isNode) {
    const { parentPort } = process.getBuiltinModule("node:worker_threads");
    return {
      onRequest: (listener) => parentPort?.on("message", listener),
      send: (message) => parentPort?.postMessage(message),
    };
  }
  return {
    onRequest: (listener) => self.addEventListener("message", ({ data }: MessageEvent<Request>) => listener(data)),
    send: (message) => self.postMessage(message),
  };
}

/** Number of threads that the machine runs at the same time. */
export function coreCount(): number {
  if (typeof navigator !== "undefined" && navigator.hardwareConcurrency > 0) return navigator.hardwareConcurrency;
  return isNode ? process.getBuiltinModule("node:os").availableParallelism() : 1;
}

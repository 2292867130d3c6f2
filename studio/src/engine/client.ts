import type { FromWorker, TaskContext, TaskFailure, ToWorker } from "./messages.js";
import type { Tasks } from "./worker.js";

type InputOf<T> = T extends (input: infer Input, ...others: never[]) => unknown ? Input : never;
type EventOf<T> = T extends (input: never, context: TaskContext<infer Event>) => unknown ? Event : never;
type ResultOf<T> = T extends (...args: never[]) => Promise<infer Result> ? Result : never;

/** A task that has failed, with its sentence. */
export class TaskError extends Error {
  readonly expected: boolean;

  constructor({ message, expected }: TaskFailure) {
    super(message);
    this.name = "TaskError";
    this.expected = expected;
  }
}

interface Running {
  event(event: unknown): void;
  done(result: unknown): void;
  failed(error: TaskFailure): void;
}

/** A task in progress. */
export interface Call<Result> {
  readonly result: Promise<Result>;
  send(command: string): void;
  abort(): void;
}

/** A worker that computes with the library, so that the page stays responsive. */
export class Engine {
  readonly #running = new Map<number, Running>();
  #worker: Worker | undefined;
  #next = 1;

  /** Starts a task. */
  start<Name extends keyof Tasks>(
    task: Name,
    input: InputOf<Tasks[Name]>,
    onEvent: (event: EventOf<Tasks[Name]>) => void = () => undefined,
  ): Call<ResultOf<Tasks[Name]>> {
    const id = this.#next++;
    const result = new Promise<ResultOf<Tasks[Name]>>((resolve, reject) => {
      this.#running.set(id, {
        event: onEvent as (event: unknown) => void,
        done: resolve as (result: unknown) => void,
        failed: (error) => reject(new TaskError(error)),
      });
    });
    this.#post({ id, task, input });
    return {
      result,
      send: (command) => this.#post({ id, command }),
      abort: () => this.#post({ id, abort: true }),
    };
  }

  /** Runs a task without events. */
  run<Name extends keyof Tasks>(task: Name, input: InputOf<Tasks[Name]>): Promise<ResultOf<Tasks[Name]>> {
    return this.start(task, input).result;
  }

  #post(message: ToWorker): void {
    this.#worker ??= this.#open();
    this.#worker.postMessage(message);
  }

  #open(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      const running = this.#running.get(data.id);
      if (running === undefined) return;
      if ("event" in data) return running.event(data.event);
      this.#running.delete(data.id);
      if ("error" in data) running.failed(data.error);
      else running.done(data.result);
    };
    worker.onerror = (event) => {
      const message = `The worker that computes did not start or has ended: ${event.message || "no reason is known"}.`;
      for (const running of this.#running.values()) running.failed({ message, expected: false });
      this.#running.clear();
      this.#worker = undefined;
    };
    return worker;
  }
}

/** Trains. */
export const trainer = new Engine();
/** Everything else: recordings, synapses, neurons, networks. It is separate, so that nothing waits for a training. */
export const laboratory = new Engine();

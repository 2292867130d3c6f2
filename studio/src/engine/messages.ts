/** Messages between the page and a worker that computes. A task is one call with events on the way and one result. */
export type ToWorker =
  | { readonly id: number; readonly task: string; readonly input: unknown }
  | { readonly id: number; readonly command: string }
  | { readonly id: number; readonly abort: true };

export type FromWorker =
  | { readonly id: number; readonly event: unknown }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: TaskFailure };

/** The reason of a failure. `expected`: one sentence that the user can act on; otherwise it is a bug. */
export interface TaskFailure {
  readonly message: string;
  readonly expected: boolean;
}

/** The connection of a task to the page. */
export interface TaskContext<Event> {
  emit(event: Event, transfer?: Transferable[]): void;
  readonly signal: AbortSignal;
  /** Commands of the page, such as "pause", in the order in which they were sent. */
  onCommand(handler: (command: string) => void): void;
}

export type Task<Input, Event, Result> = (input: Input, context: TaskContext<Event>) => Promise<Result>;

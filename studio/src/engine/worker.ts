import { SpikevineError } from "spikevine";
import type { FromWorker, Task, ToWorker } from "./messages.js";
import { networkLab } from "./tasks/network-lab.js";
import { neuronLab } from "./tasks/neuron-lab.js";
import { present } from "./tasks/present.js";
import { readFiles } from "./tasks/read-files.js";
import { gradientLab, stdpLab } from "./tasks/synapse-lab.js";
import { trainNetwork } from "./tasks/train-network.js";

const tasks = { gradientLab, networkLab, neuronLab, present, readFiles, stdpLab, trainNetwork };

/** The tasks by name; the page imports the type only. */
export type Tasks = typeof tasks;

interface Running {
  readonly abort: AbortController;
  command(command: string): void;
}

const running = new Map<number, Running>();
const post = (message: FromWorker, transfer: Transferable[] = []): void => postMessage(message, { transfer });

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if ("task" in data) void run(data.id, data.task as keyof Tasks, data.input);
  else if ("abort" in data) running.get(data.id)?.abort.abort();
  else running.get(data.id)?.command(data.command);
});

async function run(id: number, name: keyof Tasks, input: unknown): Promise<void> {
  const abort = new AbortController();
  let handler = (_: string): void => undefined;
  running.set(id, { abort, command: (command) => handler(command) });
  try {
    const task = tasks[name] as Task<unknown, unknown, unknown>;
    const result = await task(input, {
      emit: (event, transfer) => post({ id, event }, transfer),
      signal: abort.signal,
      onCommand: (next) => {
        handler = next;
      },
    });
    post({ id, result });
  } catch (error) {
    const expected = error instanceof SpikevineError;
    const message = error instanceof Error ? error.message : String(error);
    post({ id, error: { message, expected } });
  } finally {
    running.delete(id);
  }
}

import { effect, signal } from "@preact/signals";
import { settingsOf } from "../app/link.js";
import { problemIn, readDefinition } from "../definitions/check.js";
import type { EditorProblem } from "../definitions/editor.js";
import { laboratory, TaskError } from "../engine/client.js";
import type { NeuronResult } from "../engine/tasks/neuron-lab.js";
import { NEURON_DEFAULTS, NEURON_LIMITS } from "./settings.js";

export const settings = settingsOf("neuron", NEURON_DEFAULTS, NEURON_LIMITS);
export const result = signal<NeuronResult | undefined>(undefined);
export const problem = signal<EditorProblem | undefined>(undefined);
/** Equations of the last definition that could be read. */
export const equations = signal<readonly string[]>([]);

let isBusy = false;
let isStale = false;

/** Simulates again whenever the definition or the current changes; at most one run waits. */
export function followNeuron(): () => void {
  return effect(() => {
    settings.value;
    if (isBusy) isStale = true;
    else void simulate();
  });
}

async function simulate(): Promise<void> {
  isBusy = true;
  do {
    isStale = false;
    const { text, ...others } = settings.peek();
    const { read, problem: unread } = readDefinition(text);
    if (read === undefined) {
      problem.value = unread;
      continue;
    }
    equations.value = equationsOf(read.value);
    try {
      result.value = await laboratory.run("neuronLab", { spec: read.value, settings: others });
      problem.value = undefined;
    } catch (error) {
      if (!(error instanceof TaskError)) throw error;
      problem.value = problemIn(error.message, text, read);
    }
  } while (isStale);
  isBusy = false;
}

function equationsOf({ dynamics, update }: Readonly<Record<string, unknown>>): string[] {
  const of = (equations: unknown, left: (name: string) => string): string[] =>
    typeof equations === "object" && equations !== null
      ? Object.entries(equations).map(([name, right]) => `${left(name)} = ${String(right)}`)
      : [];
  return [...of(dynamics, (name) => `d${name}/dt`), ...of(update, (name) => `${name}`)];
}

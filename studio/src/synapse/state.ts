import { effect, signal } from "@preact/signals";
import { settingsOf } from "../app/link.js";
import { problemIn, readDefinition } from "../definitions/check.js";
import type { EditorProblem } from "../definitions/editor.js";
import { laboratory, TaskError } from "../engine/client.js";
import type { GradientResult, StdpResult } from "../engine/tasks/synapse-lab.js";
import { SYNAPSE_DEFAULTS, SYNAPSE_LIMITS } from "./settings.js";

export const settings = settingsOf("synapse", SYNAPSE_DEFAULTS, SYNAPSE_LIMITS);
export const traces = signal<GradientResult | undefined>(undefined);
export const curve = signal<StdpResult | undefined>(undefined);
export const problem = signal<EditorProblem | undefined>(undefined);
export const refusal = signal("");

/** Computes again when a setting changes; of several changes during a computation, the last one counts. */
export function followSynapse(): () => void {
  const gradient = latest(async () => {
    const { tauM, tauRho, rhoRest, gradient: drawn } = settings.peek();
    try {
      traces.value = await laboratory.run("gradientLab", { tauM, tauRho, rhoRest, gradient: drawn });
      refusal.value = "";
    } catch (error) {
      if (!(error instanceof TaskError)) throw error;
      refusal.value = error.message;
    }
  });
  const stdp = latest(async () => {
    const { text, pairs, frequency } = settings.peek();
    const { read, problem: unread } = readDefinition(text);
    if (read === undefined) {
      problem.value = unread;
      return;
    }
    try {
      curve.value = await laboratory.run("stdpLab", { spec: read.value, pairs, frequency });
      problem.value = undefined;
    } catch (error) {
      if (!(error instanceof TaskError)) throw error;
      problem.value = problemIn(error.message, text, read);
    }
  });
  let before: readonly unknown[] = [];
  return effect(() => {
    const { tauM, tauRho, rhoRest, gradient: drawn, text, pairs, frequency } = settings.value;
    const first = [tauM, tauRho, rhoRest, drawn];
    if (first.some((value, i) => value !== before[i])) gradient();
    if ([text, pairs, frequency].some((value, i) => value !== before[i + first.length])) stdp();
    before = [...first, text, pairs, frequency];
  });
}

/** Calls a function once at a time; calls in between are one call afterwards. */
function latest(work: () => Promise<void>): () => void {
  let isBusy = false;
  let isStale = false;
  return async () => {
    isStale = isBusy;
    if (isBusy) return;
    isBusy = true;
    do {
      isStale = false;
      await work();
    } while (isStale);
    isBusy = false;
  };
}

import { SpikevineError } from "../errors.js";
import { parentOfThread } from "../thread.js";
import { type PackedTask, runSynapseTask, type SynapseRun, unpackTask } from "./synapse-task.js";

/** Signals as tables: the value of step k and synapse s is at k times the number of synapses + s. */
export interface SignalTables {
  readonly signal: Float64Array | undefined;
  readonly neurons: readonly (readonly [string, Float64Array])[];
}

export interface SweepRequest {
  readonly task: PackedTask;
  readonly tables: SignalTables;
}

/** The result of a request; `isOurs` is true for an error that a person can cause. */
export type SweepMessage = { readonly ready: true } | SweepAnswer;

export type SweepAnswer = { readonly run: SynapseRun } | { readonly failure: string; readonly isOurs: boolean };

/** The request of the present run, which has the lookup tables of its formulas. */
let present: SweepRequest | undefined;

const parent = parentOfThread<SweepRequest, SweepMessage>();
parent.onRequest((request) => parent.send(answer(request)));
parent.send({ ready: true });

function answer(request: SweepRequest): SweepAnswer {
  present = request;
  const { task, tables } = present;
  try {
    return { run: runSynapseTask(unpackTask(task), ofTables(tables, task.machine.synapses)) };
  } catch (error) {
    if (error instanceof SpikevineError) return { failure: error.message, isOurs: true };
    return { failure: (error instanceof Error && error.stack) || String(error), isOurs: false };
  }
}

function ofTables({ signal, neurons }: SignalTables, synapses: number) {
  const from = (table: Float64Array) => (step: number, synapse: number) => table[step * synapses + synapse]!;
  return {
    signal: signal === undefined ? () => 0 : from(signal),
    neurons: neurons.map(([name, table]) => [name, from(table)] as const),
  };
}

import type { SynapseKernel, SynapsePathway } from "../equations/kernels/kernels.js";
import { type PackedFormulas, packFormulas, unpackFormulas } from "../equations/language/packed-formulas.js";
import { type MachineOptions, SynapseMachine } from "./synapse-machine.js";

/** A run of synapses as plain data: everything but the signals. */
export interface SynapseTask {
  readonly kernel: SynapseKernel;
  readonly machine: MachineOptions;
  readonly steps: number;
  /** Every k-th step is recorded. */
  readonly every: number;
  readonly record: readonly string[];
  /** The synapses that a spike reaches at the end of each step, by pathway. */
  readonly spikes: readonly ReadonlyMap<number, readonly number[]>[];
}

/** Numbers from outside, for the step that begins and a synapse. */
type Given = (step: number, synapse: number) => number;

export interface GivenSignals {
  readonly signal: Given;
  /** Variables of neurons, by name. */
  readonly neurons: readonly (readonly [string, Given])[];
}

/** The result of a run. */
export interface SynapseRun {
  /** `[records]`, ms, from 0. */
  readonly times: Float64Array;
  readonly synapses: number;
  /** For each recorded name `[records, synapses]`, in internal units. */
  readonly values: Readonly<Record<string, Float64Array>>;
}

/** Runs a task; its errors are those of `simulateSynapses`. */
export function runSynapseTask(task: SynapseTask, { signal, neurons }: GivenSignals): SynapseRun {
  const { kernel, steps, every, record, spikes } = task;
  const { dt, synapses } = task.machine;
  const machine = new SynapseMachine(kernel, task.machine);
  const records = Math.floor(steps / every) + 1;
  const times = Float64Array.from({ length: records }, (_, r) => Number((r * every * dt).toPrecision(14)));
  const values = Object.fromEntries(record.map((name) => [name, new Float64Array(records * synapses)]));
  for (let step = 0; step <= steps; step++) {
    if (step > 0) for (let s = 0; s < synapses; s++) machine.step(s, step - 1, signal(step - 1, s));
    for (const [name, value] of neurons) {
      for (let s = 0; s < synapses; s++) machine.setNeuron(s, name, value(step, s));
    }
    spikes.forEach((byStep, pathway) => {
      for (const s of byStep.get(step) ?? []) machine.change(pathway, s);
    });
    machine.checkFinite(step);
    if (step % every === 0) machine.read(values, (step / every) * synapses);
  }
  return { times, synapses, values };
}

/** The groups of formulas of a kernel, packed. */
type Groups = Readonly<Record<"initial" | "step" | "derived" | "summed" | "growths" | "stiffness", PackedFormulas>>;

/** A task with its formulas in a form that can be sent to another thread. */
export type PackedTask = Omit<SynapseTask, "kernel"> & {
  readonly kernel: Omit<SynapseKernel, keyof Groups | "pathways">;
  readonly groups: Groups;
  readonly pathways: readonly (Omit<SynapsePathway, "changes"> & { readonly changes: PackedFormulas })[];
};

export function packTask({ kernel, ...task }: SynapseTask): PackedTask {
  const { initial, step, derived, summed, growths, stiffness, pathways, ...rest } = kernel;
  return {
    ...task,
    kernel: rest,
    groups: {
      initial: packFormulas(initial),
      step: packFormulas(step),
      derived: packFormulas(derived),
      summed: packFormulas(summed),
      growths: packFormulas(growths),
      stiffness: packFormulas(stiffness),
    },
    pathways: pathways.map((pathway) => ({ ...pathway, changes: packFormulas(pathway.changes) })),
  };
}

export function unpackTask({ kernel, groups, pathways, ...task }: PackedTask): SynapseTask {
  return {
    ...task,
    kernel: {
      ...kernel,
      initial: unpackFormulas(groups.initial),
      step: unpackFormulas(groups.step),
      derived: unpackFormulas(groups.derived),
      summed: unpackFormulas(groups.summed),
      growths: unpackFormulas(groups.growths),
      stiffness: unpackFormulas(groups.stiffness),
      pathways: pathways.map((pathway) => ({ ...pathway, changes: unpackFormulas(pathway.changes) })),
    },
  };
}

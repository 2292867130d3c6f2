import type { Loss } from "../../contract.js";
import type { SignalShape } from "../compile/layout.js";
import type { KernelContext } from "../kernels/codegen/kernel-context.js";

/**
 * Name of a resource that a task reads or writes, e.g. `signal:input`, `tensor:weights`, `region:weights.transposed`.
 */
export type Resource = string;

interface TaskBase {
  /** Export name of the kernel. */
  readonly name: string;
  readonly reads: readonly Resource[];
  readonly writes: readonly Resource[];
}

/** Work that treats each sample separately. `emit` writes the kernel; a loss is computed in JavaScript instead. */
export interface SampleTask extends TaskBase {
  readonly axis: "sample";
  readonly work: { readonly emit: (context: KernelContext) => void } | { readonly loss: Loss };
}

/** Work on tensors, in `items` that threads share, `grain` items at a time. */
export interface SynapseTask extends TaskBase {
  readonly axis: "synapse";
  readonly items: number;
  readonly grain: number;
  readonly work: { readonly emit: (context: KernelContext) => void };
}

export type Task = SampleTask | SynapseTask;

/** Tasks that may run without a barrier in between: those of one sample in order, those of synapses in any order. */
export type Phase =
  | { readonly axis: "sample"; readonly tasks: SampleTask[] }
  | { readonly axis: "synapse"; readonly tasks: SynapseTask[] };

/** A procedure as tasks, with the memory that it needs besides tensors. */
export interface LoweredProcedure {
  readonly tasks: readonly Task[];
  /** Shapes of all signals, including those that the lowering adds. */
  readonly shapes: ReadonlyMap<string, SignalShape>;
  /** Bytes of the regions that tasks share. */
  readonly regions: ReadonlyMap<string, number>;
  /** Per input of spikes, the signal whose memory receives its bits. */
  readonly inputBits: ReadonlyMap<string, string>;
}

const touches = (a: Task, b: Task): boolean => {
  const shares = (x: readonly Resource[], y: readonly Resource[]): boolean => x.some((r) => y.includes(r));
  return shares(a.writes, b.reads) || shares(a.writes, b.writes) || shares(a.reads, b.writes);
};

/**
 * Sorts tasks into phases, each task into the first possible phase: after every phase with a task that it depends on
 * or whose data it overwrites. Such tasks share a phase only if both run sample by sample.
 */
export function makePhases(tasks: readonly Task[]): Phase[] {
  const phases: Phase[] = [];
  const phaseOf = new Map<Task, number>();
  tasks.forEach((task, index) => {
    let earliest = 0;
    for (const before of tasks.slice(0, index)) {
      if (!touches(before, task)) continue;
      const together = before.axis === "sample" && task.axis === "sample";
      earliest = Math.max(earliest, phaseOf.get(before)! + (together ? 0 : 1));
    }
    let at = phases.findIndex((phase, i) => i >= earliest && phase.axis === task.axis);
    if (at < 0)
      at = phases.push(task.axis === "sample" ? { axis: "sample", tasks: [] } : { axis: "synapse", tasks: [] }) - 1;
    const phase = phases[at]!;
    if (phase.axis === "sample" && task.axis === "sample") phase.tasks.push(task);
    if (phase.axis === "synapse" && task.axis === "synapse") phase.tasks.push(task);
    phaseOf.set(task, at);
  });
  return phases;
}

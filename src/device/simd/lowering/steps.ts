import type { Loss } from "../../contract.js";
import type { SignalShape } from "../compile/layout.js";
import type { KernelContext } from "../kernels/codegen/kernel-context.js";

/** Names of what a step reads and writes, e.g. `signal:input`, `tensor:weights`, `region:weights.transposed`. */
export type Resource = string;

interface StepBase {
  /** Export name of the kernel. */
  readonly name: string;
  readonly reads: readonly Resource[];
  readonly writes: readonly Resource[];
}

/** Work that treats every sample on its own. `emit` writes the kernel; a loss is computed in JavaScript instead. */
export interface SampleStep extends StepBase {
  readonly axis: "sample";
  readonly work: { readonly emit: (context: KernelContext) => void } | { readonly loss: Loss };
}

/** Work on tensors, in `items` that threads share out, `grain` items at a time. */
export interface SynapseStep extends StepBase {
  readonly axis: "synapse";
  readonly items: number;
  readonly grain: number;
  readonly work: { readonly emit: (context: KernelContext) => void };
}

export type Step = SampleStep | SynapseStep;

/** Steps that may run without a barrier in between: those of one sample in order, those of synapses in any order. */
export type Phase =
  | { readonly axis: "sample"; readonly steps: SampleStep[] }
  | { readonly axis: "synapse"; readonly steps: SynapseStep[] };

/** A procedure as steps, with the memory that it needs besides tensors. */
export interface LoweredProcedure {
  readonly steps: readonly Step[];
  /** Shapes of all signals, those that the lowering adds included. */
  readonly shapes: ReadonlyMap<string, SignalShape>;
  /** Bytes of the regions that steps share. */
  readonly regions: ReadonlyMap<string, number>;
}

const touches = (a: Step, b: Step): boolean => {
  const shares = (x: readonly Resource[], y: readonly Resource[]): boolean => x.some((r) => y.includes(r));
  return shares(a.writes, b.reads) || shares(a.writes, b.writes) || shares(a.reads, b.writes);
};

/**
 * Sorts steps into phases, each step into the first phase that may hold it: after every phase with a step that it depends on
 * or that depends on what it overwrites; in the same phase only where both go sample by sample.
 */
export function makePhases(steps: readonly Step[]): Phase[] {
  const phases: Phase[] = [];
  const phaseOf = new Map<Step, number>();
  steps.forEach((step, index) => {
    let earliest = 0;
    for (const before of steps.slice(0, index)) {
      if (!touches(before, step)) continue;
      const together = before.axis === "sample" && step.axis === "sample";
      earliest = Math.max(earliest, phaseOf.get(before)! + (together ? 0 : 1));
    }
    let at = phases.findIndex((phase, i) => i >= earliest && phase.axis === step.axis);
    if (at < 0)
      at = phases.push(step.axis === "sample" ? { axis: "sample", steps: [] } : { axis: "synapse", steps: [] }) - 1;
    const phase = phases[at]!;
    if (phase.axis === "sample" && step.axis === "sample") phase.steps.push(step);
    if (phase.axis === "synapse" && step.axis === "synapse") phase.steps.push(step);
    phaseOf.set(step, at);
  });
  return phases;
}

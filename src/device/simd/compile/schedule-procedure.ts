import type { Plan, Procedure } from "../../contract.js";
import { lower } from "../lowering/lower.js";
import { checkUnits } from "../lowering/spiking-images.js";
import { type LoweredProcedure, makePhases, type Phase } from "../lowering/tasks.js";
import { BLOCK_SAMPLES, type SignalLayout } from "./layout.js";

/** A procedure after lowering and phase scheduling, before its memory is allocated. */
export interface ScheduledProcedure {
  readonly name: string;
  readonly procedure: Procedure;
  readonly blockSamples: number;
  readonly lowered: LoweredProcedure;
  readonly phases: readonly Phase[];
  readonly signals: Map<string, SignalLayout>;
  readonly scalars: Map<string, number>;
}

/** Throws a SpikevineError if a signal of spikes is too wide (see `checkUnits`). */
export function scheduled(plan: Plan, name: string, procedure: Procedure, threads: number): ScheduledProcedure {
  const { batch } = procedure;
  checkUnits(procedure);
  // A few blocks per thread; results do not depend on the assignment of samples to threads.
  const fair = Math.max(1, Math.ceil(batch / (threads * 4)));
  const blockSamples = Math.min(BLOCK_SAMPLES, fair);
  const lowered = lower(plan, name, procedure, blockSamples);
  return {
    name,
    procedure,
    blockSamples,
    lowered,
    phases: makePhases(lowered.tasks),
    signals: new Map(),
    scalars: new Map(),
  };
}

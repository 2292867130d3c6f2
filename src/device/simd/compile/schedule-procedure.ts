import type { Operation, Plan, Procedure } from "../../contract.js";
import { lower } from "../lowering/lower.js";
import { checkUnits } from "../lowering/spiking-images.js";
import { type LoweredProcedure, makePhases, type Phase } from "../lowering/tasks.js";
import { BLOCK_SAMPLES, type SignalLayout, signalShape } from "./layout.js";

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

/** Bytes of a signal of a block of samples that a second-level cache holds besides others. */
const BLOCK_BYTES = 512 * 1024;

const hasImages = (operations: readonly Operation[]): boolean =>
  operations.some((operation) => "convolution" in operation || "windows" in operation);

/** Samples of a block whose largest signal fits into the cache. Only images are too large for the usual number. */
function mostSamples({ signals, steps, operations }: Procedure): number {
  if (!hasImages(operations)) return BLOCK_SAMPLES;
  const bytes = Object.values(signals).map((spec) => signalShape(spec, steps).sampleBytes);
  return Math.max(1, Math.floor(BLOCK_BYTES / Math.max(1, ...bytes)));
}

/** Throws a SpikevineError if a signal of spikes is too wide (see `checkUnits`). */
export function scheduled(plan: Plan, name: string, procedure: Procedure, threads: number): ScheduledProcedure {
  const { batch } = procedure;
  checkUnits(procedure);
  // A few blocks per thread; results do not depend on the assignment of samples to threads.
  const fair = Math.max(1, Math.ceil(batch / (threads * 4)));
  const blockSamples = Math.min(BLOCK_SAMPLES, fair, mostSamples(procedure));
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

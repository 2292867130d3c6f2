import type { Procedure, SignalSpec, TensorSpec } from "../../contract.js";
import type { Chunk } from "./chunks.js";
import type { KernelSet } from "./kernel-cache.js";
import type { ProcedureMemory } from "./memory.js";

/** One compiled operation. */
export type CompiledOperation = (memory: ProcedureMemory) => Promise<void>;

/**
 * Everything that compiling the operations of one procedure needs. The plan has been checked, so every requested name
 * exists.
 */
export interface CompileContext {
  readonly kernels: KernelSet;
  /** True if arrays are JavaScript's and a CPU does the work. */
  readonly hostArrays: boolean;
  readonly batch: number;
  readonly steps: number;
  /** Chunks of the run's steps; signals with rows "steps" have one array per chunk. */
  readonly chunks: readonly Chunk[];
  signal(name: string): SignalSpec;
  tensor(name: string): TensorSpec;
  /** The chunks of a signal: those of the run, or a single step for one row per sample. */
  chunksOf(signal: string): readonly Chunk[];
  isKept(signal: string): boolean;
}

export function createCompileContext(
  procedure: Procedure,
  tensors: Readonly<Record<string, TensorSpec>>,
  shared: Pick<CompileContext, "kernels" | "hostArrays" | "chunks">,
): CompileContext {
  const signal = (name: string): SignalSpec => procedure.signals[name]!;
  return {
    ...shared,
    batch: procedure.batch,
    steps: procedure.steps,
    signal,
    tensor: (name) => tensors[name]!,
    chunksOf: (name) => (signal(name).rows === "steps" ? shared.chunks : [{ first: 0, steps: 1 }]),
    isKept: (name) => signal(name).role === "kept",
  };
}

/** The step of a signal in kernel code: `t`, or 0 if one row holds at every step. */
export const stepOf = (spec: SignalSpec, t: string): string => (spec.rows === "steps" ? t : "0");

import type { Plan } from "../../contract.js";
import { checkMachine, machineMemory } from "../../host/index.js";
import type { KernelContext } from "../kernels/codegen/kernel-context.js";
import { importHostFunctions } from "../kernels/codegen/math.js";
import { importPortableFunctions } from "../kernels/codegen/portable-lanes.js";
import { listTables, TABLE_BYTES } from "../kernels/spikes/index-lists.js";
import type { Phase } from "../lowering/tasks.js";
import { ModuleBuilder } from "../wasm/module.js";
import { allocateRegions, allocateSignals, allocateTensors } from "./allocation.js";
import { HEADER, PHASE_BYTES } from "./header.js";
import type { LossLayout, PhaseImage, ProcedureImage, ProcedureMap, ProgramImage, ProgramMap } from "./image.js";
import { Arena, type TensorLayout, transposedBytes } from "./layout.js";
import { allocate, PAGE } from "./memory.js";
import { type ScheduledProcedure, scheduled } from "./schedule-procedure.js";

/** Bytes after all data: the last pixel of an image is read four channels at a time, even if it has fewer. */
const OVERREAD = 64;

interface CompiledPlan {
  readonly image: ProgramImage;
  readonly map: ProgramMap;
}

/** Target of a compilation. */
export interface Target {
  readonly threads: number;
  /** True if threads can share the memory. */
  readonly shared: boolean;
  /** True if V8 should use 256-bit vectors (`wide.ts`). */
  readonly wide?: boolean;
  /** True if products are added in one instruction (`fused.ts`). */
  readonly fused?: boolean;
}

/**
 * Compiles a plan: sorts its operations into phases, allocates one memory of exactly the required size, and writes a
 * kernel per task. Throws a SpikevineError if the plan needs more than the 4 GiB that WebAssembly can address, or if a
 * signal of spikes is wider than 65535 units.
 */
export async function compilePlan(
  plan: Plan,
  { threads, shared, wide = false, fused = false }: Target,
): Promise<CompiledPlan> {
  const scheduledProcedures = Object.entries(plan.procedures).map(([name, procedure]) =>
    scheduled(plan, name, procedure, threads),
  );
  const arena = new Arena(
    HEADER.phases + PHASE_BYTES * Math.max(1, ...scheduledProcedures.map((d) => d.phases.length)),
  );
  const tables = arena.take(TABLE_BYTES);
  const sampleIds = arena.take(4 * Math.max(1, ...scheduledProcedures.map((d) => d.procedure.batch)));
  const tensors = allocateTensors(plan, arena);
  const regions = allocateRegions(scheduledProcedures, arena);
  const scratchBytes = allocateSignals(scheduledProcedures, arena);
  const scratch = { address: arena.take(scratchBytes * threads), bytes: scratchBytes };

  const bytes = arena.end + OVERREAD;
  const name = fused ? "simd:fused" : wide ? "simd:wide" : "simd";
  checkMachine(bytes, machineMemory(), Object.values(plan.procedures), name);
  const memory = allocate(bytes, shared, scheduledProcedures, tensors);
  new Uint8Array(memory.buffer).set(listTables(), tables);

  const module = new ModuleBuilder({ fused });
  const host = importHostFunctions(module);
  const portable = importPortableFunctions(module);
  const procedures = scheduledProcedures.map((d) =>
    emit(d, { module, host, portable, wide, listTables: tables, sampleIds, tensors, regions }),
  );
  const binary = module.encode(memory.buffer.byteLength / PAGE, shared, wide ? "256-bit vectors" : undefined);
  const compiled = await WebAssembly.compile(binary);
  const maps = scheduledProcedures.map(({ name, lowered, signals, scalars }, index): [string, ProcedureMap] => {
    const inputBits = new Map([...lowered.inputBits].map(([input, bits]) => [input, signals.get(bits)!]));
    return [name, { index, signals, inputBits, scalars }];
  });
  return {
    image: { module: compiled, memory, threads, scratch, procedures },
    map: { tensors, sampleIds, procedures: new Map(maps) },
  };
}

interface MemoryLayout
  extends Pick<KernelContext, "module" | "host" | "portable" | "wide" | "listTables" | "sampleIds"> {
  readonly tensors: ReadonlyMap<string, TensorLayout>;
  readonly regions: ReadonlyMap<string, number>;
}

function emit(scheduled: ScheduledProcedure, { tensors, regions, ...layout }: MemoryLayout): ProcedureImage {
  const { name, procedure, blockSamples, phases, signals, scalars } = scheduled;
  const find = <T>(map: ReadonlyMap<string, T>, kind: string) => {
    return (key: string): T => {
      const found = map.get(key);
      if (found === undefined) throw new Error(`procedure "${name}": no ${kind} "${key}"`);
      return found;
    };
  };
  const context: KernelContext = {
    ...layout,
    steps: procedure.steps,
    blockSamples,
    signal: find(signals, "signal"),
    tensor: find(tensors, "tensor"),
    region: find(regions, "region"),
    transposed: (tensor, region) => {
      const { rows, columns } = find(tensors, "tensor")(tensor);
      const { panelBytes } = transposedBytes(rows, columns);
      return { address: find(regions, "region")(region), rows: columns, columns: rows, panelBytes };
    },
    scalar: find(scalars, "scalar"),
  };
  return { name, blockSamples, phases: phases.map((phase) => emitPhase(phase, context)) };
}

function emitPhase(phase: Phase, context: KernelContext): PhaseImage {
  if (phase.axis === "synapse") {
    const tasks = phase.tasks.map(({ name, items, grain, work }) => {
      work.emit(context);
      return { kernel: name, items, grain };
    });
    return { axis: "synapse", tasks };
  }
  const tasks = phase.tasks.map(({ name, work }) => {
    if ("loss" in work) {
      const { loss, divisor, overSamples, from, target, gradient, value } = work.loss;
      const layouts: LossLayout = {
        from: context.signal(from),
        target: target === undefined ? undefined : context.signal(target),
        gradient: context.signal(gradient),
        value: context.signal(value),
      };
      return { loss: { loss, divisor, overSamples }, steps: context.steps, layouts };
    }
    work.emit(context);
    return { kernel: name };
  });
  return { axis: "sample", tasks };
}

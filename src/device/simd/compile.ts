import { SpikevineError } from "../../errors.js";
import type { Plan, Procedure } from "../contract.js";
import { HEADER, PHASE_BYTES } from "./header.js";
import type { LossPlaces, PhaseImage, ProcedureImage, ProcedureMap, ProgramImage, ProgramMap } from "./image.js";
import type { KernelContext } from "./kernels/context.js";
import { importHostFunctions } from "./kernels/math.js";
import { SHUFFLE_BYTES, shuffleTable } from "./kernels/spike-list.js";
import {
  Arena,
  type Lifetime,
  packedRows,
  packLifetimes,
  roundUp,
  type SignalPlace,
  type SignalShape,
  type TensorPlace,
  tensorBytes,
  transposedBytes,
} from "./layout.js";
import { lower } from "./lowering/lower.js";
import { type LoweredProcedure, makePhases, type Phase, type Step } from "./lowering/steps.js";
import { ModuleBuilder } from "./wasm/module.js";

const PAGE = 65536;
const MOST_PAGES = 65536;
/** Samples of a block; a row of a block is numbered with 15 bits. */
const BLOCK_SAMPLES = 8;
const MOST_ROWS = 32768;
/** Lists of units are counted with 16 bits. */
const MOST_UNITS = 65535;

interface CompiledPlan {
  readonly image: ProgramImage;
  readonly map: ProgramMap;
}

/** One procedure on its way from operations to memory and kernels. */
interface Draft {
  readonly name: string;
  readonly procedure: Procedure;
  readonly blockSamples: number;
  readonly lowered: LoweredProcedure;
  readonly phases: readonly Phase[];
  readonly signals: Map<string, SignalPlace>;
  readonly scalars: Map<string, number>;
}

/**
 * Compiles a plan: sorts its operations into phases, places everything in one memory of exactly the size it takes, and writes
 * a kernel for every step. Throws a SpikevineError if that is more than the 4 GiB that WebAssembly can address, or if a
 * signal of spikes is wider than 65535 units.
 */
export async function compilePlan(plan: Plan, threads: number, shared: boolean): Promise<CompiledPlan> {
  const drafts = Object.entries(plan.procedures).map(([name, procedure]) => draft(plan, name, procedure, threads));
  const arena = new Arena(HEADER.phases + PHASE_BYTES * Math.max(1, ...drafts.map((d) => d.phases.length)));
  const shuffles = arena.take(SHUFFLE_BYTES);
  const sampleIds = arena.take(4 * Math.max(1, ...drafts.map((d) => d.procedure.batch)));
  const tensors = placeTensors(plan, arena);
  const regions = placeRegions(drafts, arena);
  const scratchBytes = placeSignals(drafts, arena);
  const scratch = { address: arena.take(scratchBytes * threads), bytes: scratchBytes };

  const pages = Math.ceil(arena.end / PAGE);
  if (pages > MOST_PAGES) throw tooLarge(arena.end, drafts, tensors);
  const memory = allocate(pages, shared, drafts);
  new Uint8Array(memory.buffer).set(shuffleTable(), shuffles);

  const module = new ModuleBuilder();
  const host = importHostFunctions(module);
  const procedures = drafts.map((d) => emit(d, { module, host, shuffles, sampleIds, tensors, regions }));
  const compiled = await WebAssembly.compile(module.encode(pages, shared));
  const maps = drafts.map(({ name, signals, scalars }, index): [string, ProcedureMap] => [
    name,
    { index, signals, scalars },
  ]);
  return {
    image: { module: compiled, memory, threads, scratch, procedures },
    map: { tensors, sampleIds, procedures: new Map(maps) },
  };
}

function draft(plan: Plan, name: string, procedure: Procedure, threads: number): Draft {
  const { batch, steps, signals } = procedure;
  for (const [signal, { kind, width }] of Object.entries(signals)) {
    if (kind === "spikes" && width > MOST_UNITS) {
      throw new SpikevineError(
        `simd: signal "${signal}" has ${width} units; lists of spikes number up to ${MOST_UNITS}: use fewer, or another device.`,
      );
    }
  }
  if (packedRows(steps) > MOST_ROWS) {
    throw new SpikevineError(
      `simd: procedure "${name}" has ${steps} steps; give at most ${MOST_ROWS - 1} in one run and stream the rest.`,
    );
  }
  // A few blocks for every thread; results do not depend on how samples are dealt out.
  const fair = Math.max(1, Math.ceil(batch / (threads * 4)));
  const blockSamples = Math.min(BLOCK_SAMPLES, fair, Math.floor(MOST_ROWS / packedRows(steps)));
  const lowered = lower(plan, name, procedure, blockSamples);
  return {
    name,
    procedure,
    blockSamples,
    lowered,
    phases: makePhases(lowered.steps),
    signals: new Map(),
    scalars: new Map(),
  };
}

function placeTensors(plan: Plan, arena: Arena): ReadonlyMap<string, TensorPlace> {
  return new Map(
    Object.entries(plan.tensors).map(([name, { rows, columns }]) => {
      const { bytes, panelBytes } = tensorBytes(rows, columns);
      return [name, { address: arena.take(bytes), rows, columns, panelBytes }];
    }),
  );
}

function placeRegions(drafts: readonly Draft[], arena: Arena): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const { lowered } of drafts) {
    for (const [name, size] of lowered.regions) bytes.set(name, Math.max(size, bytes.get(name) ?? 0));
  }
  return new Map([...bytes].map(([name, size]) => [name, arena.take(size)]));
}

/** Places signals and scalars; returns the bytes of scratch memory that a thread needs. */
function placeSignals(drafts: readonly Draft[], arena: Arena): number {
  let scratch = 0;
  for (const draft of drafts) {
    for (const operation of draft.procedure.operations) {
      if (operation.op !== "update") continue;
      for (const scalar of Object.values(operation.uniforms)) {
        if (!draft.scalars.has(scalar)) draft.scalars.set(scalar, arena.take(4));
      }
    }
    const { lowered, blockSamples, procedure, signals } = draft;
    const passing = passingSignals(draft);
    const samples = Math.ceil(procedure.batch / blockSamples) * blockSamples;
    for (const [name, shape] of lowered.shapes) {
      const isDeclared = procedure.signals[name] !== undefined && procedure.signals[name].role !== "scratch";
      if (passing.has(name) || !(isDeclared || isTouched(name, lowered.steps))) continue;
      signals.set(name, { ...shape, memory: "batch", address: arena.take(shape.sampleBytes * samples) });
    }
    for (const phase of draft.phases) {
      const lifetimes = lifetimesIn(phase, passing, lowered.shapes, blockSamples);
      const { offsets, bytes } = packLifetimes(lifetimes);
      for (const [name, address] of offsets) {
        signals.set(name, { ...lowered.shapes.get(name)!, memory: "thread", address });
      }
      scratch = Math.max(scratch, bytes);
    }
  }
  return roundUp(scratch, 64);
}

const signalsOf = (step: Step): string[] =>
  [...step.reads, ...step.writes].flatMap((r) => (r.startsWith("signal:") ? [r.slice("signal:".length)] : []));

const isTouched = (name: string, steps: readonly Step[]): boolean =>
  steps.some((step) => signalsOf(step).includes(name));

/** Signals that live and die within one sample phase, so that a thread needs room for one block only. */
function passingSignals({ procedure, phases, lowered }: Draft): ReadonlySet<string> {
  const passing = new Set<string>();
  for (const name of lowered.shapes.keys()) {
    const role = procedure.signals[name]?.role ?? "scratch";
    const users = phases.filter((phase) => isTouched(name, phase.steps));
    if (role === "scratch" && users.length === 1 && users[0]!.axis === "sample") passing.add(name);
  }
  return passing;
}

function lifetimesIn(
  phase: Phase,
  passing: ReadonlySet<string>,
  shapes: ReadonlyMap<string, SignalShape>,
  blockSamples: number,
): Lifetime[] {
  const lifetimes = new Map<string, Lifetime>();
  phase.steps.forEach((step, index) => {
    for (const name of signalsOf(step)) {
      if (!passing.has(name)) continue;
      const first = lifetimes.get(name)?.first ?? index;
      lifetimes.set(name, { name, bytes: shapes.get(name)!.sampleBytes * blockSamples, first, last: index });
    }
  });
  return [...lifetimes.values()];
}

interface Places extends Pick<KernelContext, "module" | "host" | "shuffles" | "sampleIds"> {
  readonly tensors: ReadonlyMap<string, TensorPlace>;
  readonly regions: ReadonlyMap<string, number>;
}

function emit(draft: Draft, { tensors, regions, ...places }: Places): ProcedureImage {
  const { name, procedure, blockSamples, phases, signals, scalars } = draft;
  const find = <T>(map: ReadonlyMap<string, T>, kind: string) => {
    return (key: string): T => {
      const found = map.get(key);
      if (found === undefined) throw new Error(`procedure "${name}": no ${kind} "${key}"`);
      return found;
    };
  };
  const context: KernelContext = {
    ...places,
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
    const steps = phase.steps.map(({ name, items, grain, work }) => {
      work.emit(context);
      return { kernel: name, items, grain };
    });
    return { axis: "synapse", steps };
  }
  const steps = phase.steps.map(({ name, work }) => {
    if ("loss" in work) {
      const { loss, reduction, from, target, gradient, value } = work.loss;
      const places: LossPlaces = {
        from: context.signal(from),
        target: context.signal(target),
        gradient: context.signal(gradient),
        value: context.signal(value),
      };
      return { loss: { loss, reduction }, places };
    }
    work.emit(context);
    return { kernel: name };
  });
  return { axis: "sample", steps };
}

/** The memory of a program. Throws a SpikevineError if the system does not give that much. */
function allocate(pages: number, shared: boolean, drafts: readonly Draft[]): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const mib = Math.ceil((pages * PAGE) / 2 ** 20);
    const batch = Math.max(1, ...drafts.map(({ procedure }) => procedure.batch));
    throw new SpikevineError(
      `simd: the system does not give ${mib} MiB of memory: close other programs, or give a smaller batch than ${batch}.`,
      { cause: error },
    );
  }
}

function tooLarge(bytes: number, drafts: readonly Draft[], tensors: ReadonlyMap<string, TensorPlace>): SpikevineError {
  const gib = (n: number): string => `${(n / 2 ** 30).toFixed(1)} GiB`;
  const weights = [...tensors.values()].reduce((sum, t) => sum + tensorBytes(t.rows, t.columns).bytes, 0);
  const largest = drafts.reduce((a, b) => (a.procedure.batch > b.procedure.batch ? a : b));
  const { batch, steps } = largest.procedure;
  return new SpikevineError(
    `simd: the plan needs ${gib(bytes)} of memory, ${gib(weights)} of it for tensors, and WebAssembly addresses 4 GiB: ` +
      `give a smaller batch than ${batch} or fewer steps than ${steps} in procedure "${largest.name}".`,
  );
}

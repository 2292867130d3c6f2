import type { Plan } from "../../contract.js";
import type { Phase, Task } from "../lowering/tasks.js";
import {
  type Arena,
  type Lifetime,
  packLifetimes,
  roundUp,
  type SignalShape,
  type TensorLayout,
  tensorBytes,
} from "./layout.js";
import type { ScheduledProcedure } from "./schedule-procedure.js";

export function allocateTensors(plan: Plan, arena: Arena): ReadonlyMap<string, TensorLayout> {
  return new Map(
    Object.entries(plan.tensors).map(([name, { rows, columns }]) => {
      const { bytes, panelBytes } = tensorBytes(rows, columns);
      return [name, { address: arena.take(bytes), rows, columns, panelBytes }];
    }),
  );
}

/** Allocates the regions that tasks share. Procedures share them too, since only one runs at a time. */
export function allocateRegions(
  scheduledProcedures: readonly ScheduledProcedure[],
  arena: Arena,
): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const { lowered } of scheduledProcedures) {
    for (const [name, size] of lowered.regions) bytes.set(name, Math.max(size, bytes.get(name) ?? 0));
  }
  return new Map([...bytes].map(([name, size]) => [name, arena.take(size)]));
}

/** Allocates signals and scalars; returns the bytes of scratch memory per thread. */
export function allocateSignals(scheduledProcedures: readonly ScheduledProcedure[], arena: Arena): number {
  let scratch = 0;
  for (const scheduled of scheduledProcedures) {
    for (const operation of scheduled.procedure.operations) {
      if (operation.op !== "update") continue;
      for (const scalar of Object.values(operation.uniforms)) {
        if (!scheduled.scalars.has(scalar)) scheduled.scalars.set(scalar, arena.take(4));
      }
    }
    const { lowered, blockSamples, procedure, signals } = scheduled;
    const passing = passingSignals(scheduled);
    const touched = signalsOfAll(lowered.tasks);
    for (const [name, shape] of lowered.shapes) {
      const isDeclared = procedure.signals[name] !== undefined && procedure.signals[name].role !== "scratch";
      if (passing.has(name) || !(isDeclared || touched.has(name))) continue;
      const bytes = shape.sampleBytes * roundUp(procedure.batch, shape.together);
      signals.set(name, { ...shape, memory: "batch", address: arena.take(bytes) });
    }
    for (const phase of scheduled.phases) {
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

const signalsOf = (task: Task): string[] =>
  [...task.reads, ...task.writes].flatMap((r) => (r.startsWith("signal:") ? [r.slice("signal:".length)] : []));

const signalsOfAll = (tasks: readonly Task[]): ReadonlySet<string> => new Set(tasks.flatMap(signalsOf));

/** Signals that are used within one sample phase only, so that a thread needs memory for one block. */
function passingSignals({ procedure, phases, lowered }: ScheduledProcedure): ReadonlySet<string> {
  const passing = new Set<string>();
  const touched = phases.map(({ axis, tasks }) => ({ axis, signals: signalsOfAll(tasks) }));
  const fromHost = new Set(lowered.inputBits.values());
  for (const name of lowered.shapes.keys()) {
    const role = procedure.signals[name]?.role ?? "scratch";
    const users = touched.filter(({ signals }) => signals.has(name));
    if (role === "scratch" && !fromHost.has(name) && users.length === 1 && users[0]!.axis === "sample")
      passing.add(name);
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
  phase.tasks.forEach((task, index) => {
    for (const name of signalsOf(task)) {
      if (!passing.has(name)) continue;
      const first = lifetimes.get(name)?.first ?? index;
      lifetimes.set(name, { name, bytes: shapes.get(name)!.sampleBytes * blockSamples, first, last: index });
    }
  });
  return [...lifetimes.values()];
}

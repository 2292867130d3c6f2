import { TYPE } from "../../../device/simd/wasm/encoding.js";
import { get, i32, set } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../device/simd/wasm/module.js";
import type { EventModel, RecorderModel } from "../../model.js";
import { type EventLayout, type PopulationLayout, type RecorderLayout, recorded } from "./memory-layout.js";
import { takeListed } from "./spike-ring.js";
import { isOwn, ownNumber, type Thread } from "./threads/ranges.js";

interface Recording {
  readonly model: RecorderModel;
  readonly layout: RecorderLayout;
  readonly population: PopulationLayout;
  readonly thread: Thread;
}

interface Listing {
  readonly model: EventModel;
  readonly layout: EventLayout;
  readonly population: PopulationLayout;
  readonly thread: Thread;
}

/** Records the part of a row that is of the thread's own neurons, if this step is due. */
export function record(
  f: FunctionBuilder,
  step: number,
  { model: { neurons, every, variable }, layout, population, thread }: Recording,
): void {
  const { real, address } = recorded(population, variable);
  const isDue = i32.eqz(i32.remU(get(step), i32.const(every)));
  f.if(isDue, () => {
    const own = i32.shl(ownNumber(thread), i32.const(2));
    const rows = f.let(TYPE.i32, i32.load(layout.rows, own));
    const to = f.let(TYPE.i32, i32.mul(get(rows), i32.const(neurons.length * real.bytes)));
    f.range(i32.const(0), i32.const(neurons.length * 4), 4, (at) => {
      const neuron = f.let(TYPE.i32, i32.load(layout.neurons, get(at)));
      const value = real.load(address, i32.shl(get(neuron), i32.const(real.shift)));
      const isRecorded = isOwn(get(neuron), thread, population);
      const write = (): void => f.emit(real.store(layout.values, get(to), value));
      if (isRecorded === undefined) write();
      else f.if(isRecorded, write);
      f.emit(set(to, i32.add(get(to), i32.const(real.bytes))));
    });
    f.emit(i32.store(layout.rows, own, i32.add(get(rows), i32.const(1))));
  });
}

/** Adds the listed events of this step to their state. */
export function applyEvents(f: FunctionBuilder, step: number, { model, layout, population, thread }: Listing): void {
  const { real, address } = population.states[model.state]!;
  takeListed(f, step, layout, model.steps.length, thread, population, (neuron) => {
    const byte = f.let(TYPE.i32, i32.shl(get(neuron), i32.const(real.shift)));
    f.emit(real.store(address, get(byte), real.add(real.load(address, get(byte)), real.const(model.weight))));
  });
}

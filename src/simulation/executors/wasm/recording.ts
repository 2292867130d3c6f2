import { TYPE } from "../../../device/simd/wasm/encoding.js";
import { get, i32, set } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../device/simd/wasm/module.js";
import type { EventModel, RecorderModel } from "../../model.js";
import { type EventLayout, type PopulationLayout, type RecorderLayout, recorded } from "./memory-layout.js";
import { takeListed } from "./spike-ring.js";

interface Recording {
  readonly model: RecorderModel;
  readonly layout: RecorderLayout;
  readonly population: PopulationLayout;
}

interface Listing {
  readonly model: EventModel;
  readonly layout: EventLayout;
  readonly population: PopulationLayout;
}

/** Records one row of a variable, if this step is due. */
export function record(
  f: FunctionBuilder,
  step: number,
  { model: { neurons, every, variable }, layout, population }: Recording,
): void {
  const { real, address } = recorded(population, variable);
  const isDue = i32.eqz(i32.remU(get(step), i32.const(every)));
  f.if(isDue, () => {
    const rows = f.let(TYPE.i32, i32.load(layout.rows, i32.const(0)));
    const to = f.let(TYPE.i32, i32.mul(get(rows), i32.const(neurons.length * real.bytes)));
    f.range(i32.const(0), i32.const(neurons.length * 4), 4, (at) => {
      const neuron = i32.shl(i32.load(layout.neurons, get(at)), i32.const(real.shift));
      f.emit(real.store(layout.values, get(to), real.load(address, neuron)));
      f.emit(set(to, i32.add(get(to), i32.const(real.bytes))));
    });
    f.emit(i32.store(layout.rows, i32.const(0), i32.add(get(rows), i32.const(1))));
  });
}

/** Adds the listed events of this step to their state. */
export function applyEvents(f: FunctionBuilder, step: number, { model, layout, population }: Listing): void {
  const { real, address } = population.states[model.state]!;
  takeListed(f, step, layout, model.steps.length, (neuron) => {
    const byte = f.let(TYPE.i32, i32.shl(get(neuron), i32.const(real.shift)));
    f.emit(real.store(address, get(byte), real.add(real.load(address, get(byte)), real.const(model.weight))));
  });
}

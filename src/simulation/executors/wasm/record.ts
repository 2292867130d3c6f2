import { TYPE } from "../../../device/simd/wasm/encoding.js";
import { f32, get, i32, set } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../device/simd/wasm/module.js";
import type { EventModel, RecorderModel } from "../../model.js";
import type { EventPlace, PopulationPlace, RecorderPlace } from "./layout.js";
import { takeListed } from "./spike-ring.js";

/** Takes one row of a state, if this is a step for it. */
export function record(
  f: FunctionBuilder,
  step: number,
  { units, every, state }: RecorderModel,
  place: RecorderPlace,
  population: PopulationPlace,
): void {
  const isDue = i32.eqz(i32.remU(get(step), i32.const(every)));
  f.if(isDue, () => {
    const rows = f.let(TYPE.i32, i32.load(place.rows, i32.const(0)));
    const to = f.let(TYPE.i32, i32.mul(get(rows), i32.const(units.length * 4)));
    f.range(i32.const(0), i32.const(units.length * 4), 4, (at) => {
      const unit = i32.shl(i32.load(place.units, get(at)), i32.const(2));
      f.emit(f32.store(place.values, get(to), f32.load(population.states[state]!, unit)));
      f.emit(set(to, i32.add(get(to), i32.const(4))));
    });
    f.emit(i32.store(place.rows, i32.const(0), i32.add(get(rows), i32.const(1))));
  });
}

/** Adds the listed events of this step to their state. */
export function applyEvents(
  f: FunctionBuilder,
  step: number,
  model: EventModel,
  place: EventPlace,
  population: PopulationPlace,
): void {
  const state = population.states[model.state]!;
  takeListed(f, step, place, model.steps.length, (unit) => {
    const byte = f.let(TYPE.i32, i32.shl(get(unit), i32.const(2)));
    f.emit(f32.store(state, get(byte), f32.add(f32.load(state, get(byte)), f32.const(model.weight))));
  });
}

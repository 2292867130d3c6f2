import { f64 } from "../../../device/simd/wasm/doubles.js";
import type { Code } from "../../../device/simd/wasm/encoding.js";
import { f32, get, i32 } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../device/simd/wasm/module.js";
import type { StateLayout } from "./memory-layout.js";
import type { Real } from "./real.js";

interface Copy {
  readonly from: StateLayout;
  /** Address and precision of the drive, and its number of values. */
  readonly to: { readonly address: number; readonly real: Real; readonly size: number };
  /** Address of the indices of the values in the state; undefined if they are the same. */
  readonly neurons: number | undefined;
}

/** Writes a drive that is a copy of a state. */
export function copyState(f: FunctionBuilder, { from, to, neurons }: Copy): void {
  f.range(i32.const(0), i32.const(4 * to.size), 4, (at) => {
    const scaled = (index: Code, shift: number): Code => i32.shl(index, i32.const(shift));
    const index = neurons === undefined ? i32.shrU(get(at), i32.const(2)) : i32.load(neurons, get(at));
    const value = from.real.load(from.address, scaled(index, from.real.shift));
    f.emit(to.real.store(to.address, scaled(get(at), to.real.shift - 2), converted(value, from.real, to.real)));
  });
}

function converted(value: Code, from: Real, to: Real): Code {
  if (from.bytes === to.bytes) return value;
  return to.bytes === 4 ? f32.demoteF64(value) : f64.promoteF32(value);
}

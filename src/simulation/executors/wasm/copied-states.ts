import { f64 } from "../../../device/simd/wasm/doubles.js";
import { type Code, TYPE } from "../../../device/simd/wasm/encoding.js";
import { f32, get, i32, set } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../device/simd/wasm/module.js";
import type { StateLayout } from "./memory-layout.js";
import type { Real } from "./real.js";
import { ownRange, type Thread } from "./threads/ranges.js";

interface Copy {
  readonly from: StateLayout;
  /** Address and precision of the drive, and its number of values. */
  readonly to: {
    readonly address: number;
    readonly real: Real;
    readonly size: number;
    readonly ranges: number;
    readonly padded: number;
  };
  /** Address of the indices of the values in the state; undefined if they are the same. */
  readonly neurons: number | undefined;
  readonly thread: Thread;
}

/** Writes the thread's own values of a drive that is a copy of a state. */
export function copyState(f: FunctionBuilder, { from, to, neurons, thread }: Copy): void {
  const own = ownRange(thread, to);
  const size = i32.const(4 * to.size);
  // The padding has no indices.
  const last = f.let(TYPE.i32, thread.count === 1 ? size : i32.shl(own.to, i32.const(2)));
  if (thread.count > 1) f.if(i32.gtU(get(last), size), () => f.emit(set(last, size)));
  const first = thread.count === 1 ? i32.const(0) : i32.shl(own.from, i32.const(2));
  f.range(first, get(last), 4, (at) => {
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

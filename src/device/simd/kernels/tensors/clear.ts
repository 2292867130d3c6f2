import { f32x4, get, i32, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";

/** Sets bytes to zero, a multiple of 16, from the address in local `start`. */
export function clear(f: FunctionBuilder, start: number, bytes: number): void {
  f.range(get(start), i32.add(get(start), i32.const(bytes)), 16, (at) => {
    f.emit(v128.store(0, get(at), f32x4.const(0)));
  });
}

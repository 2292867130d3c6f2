import { LINE } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { get, i32, set } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";

/**
 * Reads one number per cache line of some bytes from the address in local `from`. Data that is about to be read in an
 * order that no processor predicts is loaded into the cache in one sequential pass, instead of line by line with a
 * stall for each.
 */
export function prefetch(f: FunctionBuilder, from: number, bytes: number): void {
  const end: Code = i32.add(get(from), i32.const(bytes));
  const read = f.local(TYPE.i32);
  f.range(get(from), end, LINE, (line) => f.emit(set(read, i32.load(0, get(line)))));
}

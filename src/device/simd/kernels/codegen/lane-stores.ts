import type { Code } from "../../wasm/encoding.js";
import { get, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";

/** Stores the first `valid` lanes (1 to 4) of a local at an address plus an offset, and nothing after them. */
export function storeLanes(f: FunctionBuilder, offset: number, address: Code, value: number, valid: number): void {
  if (valid >= 4) {
    f.emit(v128.store(offset, address, get(value)));
    return;
  }
  if (valid >= 2) f.emit(v128.store64Lane(offset, 0, address, get(value)));
  if (valid % 2 === 1) f.emit(v128.store32Lane(offset + 4 * (valid - 1), valid - 1, address, get(value)));
}

import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { laneBits, type Numbers, sixteenBits, unitNumbers } from "../spikes/index-lists.js";

/** Stores the lane masks of a group's quads as bits. `row` is a local with the address of the step's bitmap. */
export function storeBits(
  f: FunctionBuilder,
  fired: readonly Code[],
  { row, unit, valid }: { row: number; unit: number; valid: number },
): void {
  const silent = f32x4.const(0);
  const bytes = f.let(TYPE.i32, i32.add(get(row), i32.shrU(get(unit), i32.const(5))));
  for (let first = 0; first < fired.length; first += 4) {
    const masks = [0, 1, 2, 3].map((h) => fired[first + h] ?? silent);
    f.emit(i32.store16(first / 2, get(bytes), sixteenBits(masks, valid - 4 * first)));
  }
}

/** Converts the lane masks of a group's quads to bits of eight units, with the numbers for listing them. */
export const unitGroups = (
  f: FunctionBuilder,
  fired: readonly Code[],
  unit: number,
  valid: number,
): { bits: number; numbers: Numbers }[] =>
  fired.flatMap((low, h) => {
    if (h % 2 === 1) return [];
    const bits = f.let(TYPE.i32, laneBits(low, fired[h + 1]!, valid - 4 * h));
    return [{ bits, numbers: unitNumbers(unit, 4 * h) }];
  });

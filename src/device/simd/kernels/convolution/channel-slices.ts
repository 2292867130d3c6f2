import { PANEL_COLUMNS, PANEL_ROW, type TensorLayout } from "../../compile/layout.js";
import { TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { storeLanes } from "../codegen/lane-stores.js";
import { inPairs, upperFirst } from "../codegen/unit-groups.js";

/** Up to 32 channels of an image that a kernel computes in registers, of four channels each. */
export interface ChannelSlice {
  /** Local with the address of the panel of a tensor that holds the slice's columns. */
  readonly panel: number;
  /** Local with the byte offset of the slice in a pixel. */
  readonly column: number;
  readonly channels: number;
  readonly registers: number;
}

/** Slices of so many channels. */
export const sliceCount = (channels: number): number => Math.ceil(channels / PANEL_COLUMNS);

/** Runs the body for one slice (a local) of a tensor whose columns are channels. */
export function forSlice(
  f: FunctionBuilder,
  { address, panelBytes, columns }: Pick<TensorLayout, "address" | "panelBytes" | "columns">,
  slice: number,
  body: (slice: ChannelSlice) => void,
): void {
  const full = Math.floor(columns / PANEL_COLUMNS);
  const rest = columns - full * PANEL_COLUMNS;
  const run = (channels: number): void => {
    const panel = f.let(TYPE.i32, i32.add(i32.const(address), i32.mul(get(slice), i32.const(panelBytes))));
    const column = f.let(TYPE.i32, i32.mul(get(slice), i32.const(PANEL_ROW)));
    body({ panel, column, channels, registers: Math.ceil(channels / 4) });
  };
  if (full === 0) run(rest);
  else if (rest === 0) run(PANEL_COLUMNS);
  else
    f.ifElse(
      i32.ltU(get(slice), i32.const(full)),
      () => run(PANEL_COLUMNS),
      () => run(rest),
    );
}

/** Stores the channels of a slice of one pixel at the address in a local. */
export const storeChannels = (
  f: FunctionBuilder,
  { channels }: Pick<ChannelSlice, "channels">,
  sums: readonly number[],
  at: number,
): void =>
  inPairs(sums, (pair, first) => {
    upperFirst(pair, (sum, i) => {
      const quad = first + i;
      storeLanes(f, 16 * quad, get(at), sum, channels - 4 * quad);
    });
  });

export const clearSums = (f: FunctionBuilder, sums: readonly number[]): void =>
  sums.forEach((sum) => {
    f.emit(set(sum, f32x4.const(0)));
  });

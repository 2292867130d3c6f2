import { PANEL_COLUMNS, PANEL_ROW, type TensorLayout } from "../../compile/layout.js";
import { TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { storeLanes } from "../codegen/lane-stores.js";
import { inPairs, upperFirst } from "../codegen/unit-groups.js";

/** Channels of an image that a kernel computes in registers, of four channels each. */
export interface ChannelSlice {
  /** Local with the address of the first panel of a tensor that holds the slice's columns. */
  readonly panel: number;
  /** Local with the byte offset of the slice in a pixel. */
  readonly column: number;
  readonly channels: number;
  readonly registers: number;
  /** Offset of a register's columns in a row of the tensor. */
  readonly offset: (register: number) => number;
}

/** Panels, of 32 channels each, that fill the registers as sums: eight of 128 bits, or eight of 256 bits. */
export const panelsTogether = (wide: boolean): number => (wide ? 2 : 1);

/** Slices of so many channels. */
export const sliceCount = (channels: number, panels: number): number => Math.ceil(channels / (PANEL_COLUMNS * panels));

const PANEL_REGISTERS = PANEL_COLUMNS / 4;

/** Runs the body for one slice (a local has its index) of so many panels of a tensor whose columns are channels. */
export function forSlice(
  f: FunctionBuilder,
  { address, panelBytes, columns }: Pick<TensorLayout, "address" | "panelBytes" | "columns">,
  { index, panels }: { index: number; panels: number },
  body: (slice: ChannelSlice) => void,
): void {
  const most = PANEL_COLUMNS * panels;
  const full = Math.floor(columns / most);
  const rest = columns - full * most;
  const offset = (register: number): number =>
    Math.floor(register / PANEL_REGISTERS) * panelBytes + 16 * (register % PANEL_REGISTERS);
  const run = (channels: number): void => {
    const first = i32.mul(get(index), i32.const(panels * panelBytes));
    const panel = f.let(TYPE.i32, i32.add(i32.const(address), first));
    const column = f.let(TYPE.i32, i32.mul(get(index), i32.const(panels * PANEL_ROW)));
    body({ panel, column, channels, registers: Math.ceil(channels / 4), offset });
  };
  if (full === 0) run(rest);
  else if (rest === 0) run(most);
  else
    f.ifElse(
      i32.ltU(get(index), i32.const(full)),
      () => run(most),
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

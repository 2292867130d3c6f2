import type { Windows } from "../../../contract.js";
import { roundUp, type SignalLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, select, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { eachStep, loadNumber } from "../spikes/index-lists.js";

/**
 * Pixel tables: per step of a sample, the address in its list of spikes at which each pixel begins. A list is ascending,
 * so the spikes of neighboring pixels in a row of the image are one piece of the list, from the beginning of the first
 * pixel to that of the pixel after the last. The table includes the padding of a convolution, where nobody spikes.
 */
export interface PixelTable {
  /** Entries per row. */
  readonly pitch: number;
  /** Bytes of the table of one step. */
  readonly stepBytes: number;
  /** Rows and columns of padding before the image. */
  readonly padding: readonly [y: number, x: number];
}

/** Size of a window with its dilation. */
export const extent = ({ size, dilation }: Pick<Windows, "size" | "dilation">, axis: 0 | 1): number =>
  (size[axis] - 1) * dilation[axis] + 1;

/** The table that windows need. */
export function pixelTable(windows: Windows): PixelTable {
  const { input, output, stride, padding } = windows;
  const rows = Math.max(padding[0] + input.height, (output.height - 1) * stride[0] + extent(windows, 0));
  const columns = Math.max(padding[1] + input.width, (output.width - 1) * stride[1] + extent(windows, 1));
  const pitch = columns + 1;
  return { pitch, stepBytes: roundUp(rows * pitch * 4, 16), padding };
}

/** Windows with equal names need equal tables. */
export const tableName = (windows: Windows): string => {
  const { pitch, stepBytes, padding } = pixelTable(windows);
  return `pixels ${pitch} ${stepBytes} ${padding}`;
};

/** Writes the pixel tables of a signal of spikes, for every step. */
export function pixelStarts(
  context: KernelContext,
  name: string,
  { from, starts, windows }: { from: string; starts: string; windows: Windows },
): void {
  const spikes = context.signal(from);
  const table = pixelTable(windows);
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => {
      const sample = f.let(TYPE.i32, block.sample(spikes, get(b)));
      const at = f.let(TYPE.i32, block.sample(context.signal(starts), get(b)));
      eachStep(f, sample, { first: 0, last: spikes.rows }, ({ added }) => {
        writeTable(f, spikes, { table, windows, at, ...added });
        f.emit(set(at, i32.add(get(at), i32.const(table.stepBytes))));
      });
    });
  });
}

interface StepTable {
  readonly table: PixelTable;
  readonly windows: Windows;
  /** Locals with the address of the table and with the ends of the list of spikes. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** Every spike writes the end of its pixel; then pixels without spikes take the end of the pixel before. */
function writeTable(f: FunctionBuilder, spikes: SignalLayout, { table, windows, at, from, to }: StepTable): void {
  const { channels, width } = windows.input;
  const { pitch, stepBytes, padding } = table;
  const end = f.let(TYPE.i32, i32.add(get(at), i32.const(stepBytes)));
  f.range(get(at), get(end), 16, (four) => f.emit(v128.store(0, get(four), f32x4.const(0))));
  const start = f.let(TYPE.i32, get(from));
  const origin = 4 * (padding[0] * pitch + padding[1] + 1);
  const bytes = spikes.numberBytes;
  f.stride({ pointer: from, end: to, bytes, unroll: 4 }, (k) => {
    const pixel = f.let(TYPE.i32, i32.divU(loadNumber(spikes)(bytes * k, get(from)), i32.const(channels)));
    const skipped = i32.mul(i32.divU(get(pixel), i32.const(width)), i32.const(pitch - width));
    const cell: Code = i32.add(get(at), i32.shl(i32.add(get(pixel), skipped), i32.const(2)));
    f.emit(i32.store(origin, cell, i32.add(get(from), i32.const(bytes * (k + 1)))));
  });
  const entry = f.i32();
  f.range(get(at), get(end), 16, (four) => {
    for (let k = 0; k < 4; k++) {
      f.emit(set(entry, i32.load(4 * k, get(four))));
      f.emit(set(start, select(get(entry), get(start), get(entry))));
      f.emit(i32.store(4 * k, get(four), get(start)));
    }
  });
}

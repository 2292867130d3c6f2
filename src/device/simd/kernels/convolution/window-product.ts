import type { Convolution } from "../../../contract.js";
import { PANEL_ROW, roundUp, type SignalLayout, type TensorLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i8x16, i32, i32x4, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { addMultiples, ENTRY, interleave } from "../products/input-sparse-product.js";
import { loadSums } from "../spikes/gather-rows.js";
import { quadShuffle } from "../spikes/index-lists.js";
import { forSlice, panelsTogether, sliceCount, storeChannels } from "./channel-slices.js";
import { extent } from "./sparse-pixels.js";

/** Memory for one step of the input gradient from errors that are not 0. */
export interface WindowMemory {
  /** Bytes of a row and of the whole image, with its padding. */
  readonly rowBytes: number;
  readonly imageBytes: number;
  /** Offsets of the image, of the ends of the lists of the pixels, and of the lists. */
  readonly image: number;
  readonly ends: number;
  readonly entries: number;
  readonly bytes: number;
}

export function windowMemory(convolution: Convolution): WindowMemory {
  const { input, output, stride, padding } = convolution;
  const length = (axis: 0 | 1, size: number, windows: number): number =>
    Math.max(padding[axis] + size, (windows - 1) * stride[axis] + extent(convolution, axis));
  const rowBytes = length(1, input.width, output.width) * input.channels * 4;
  // The last register of a window may reach past its row.
  const imageBytes = roundUp(length(0, input.height, output.height) * rowBytes + 16, 16);
  const ends = imageBytes;
  const entries = roundUp(ends + output.height * output.width * 4, 16);
  const units = output.channels * output.height * output.width;
  return { rowBytes, imageBytes, image: 0, ends, entries, bytes: entries + units * ENTRY + 32 };
}

interface Operands {
  readonly listTables: number;
  /** True for vectors of 256 bits. */
  readonly wide: boolean;
  readonly convolution: Convolution;
  readonly input: SignalLayout;
  readonly output: SignalLayout;
  /** Layout of `windowWeights`. */
  readonly weights: TensorLayout;
  /** Locals with the addresses of the sample's rows, and of the workspace of `windowMemory`. */
  readonly from: number;
  readonly to: number;
  readonly workspace: number;
}

/**
 * The input gradient of a convolution from the errors that are not 0: each adds a multiple of a row of weights to every row
 * of its window. A piece of a row of a window stays in registers for all errors of a pixel.
 */
export function windowProduct(f: FunctionBuilder, operands: Operands): void {
  const { convolution, input, output, workspace } = operands;
  const memory = windowMemory(convolution);
  const source = f.let(TYPE.i32, get(operands.from));
  const target = f.let(TYPE.i32, get(operands.to));
  f.range(i32.const(0), i32.const(output.rows), 1, () => {
    const end = i32.add(get(workspace), i32.const(memory.imageBytes));
    f.range(get(workspace), end, 16, (at) => f.emit(v128.store(0, get(at), f32x4.const(0))));
    listErrors(f, operands, memory, source);
    f.range(i32.const(0), i32.const(convolution.size[0]), 1, (windowRow) =>
      addWindowRow(f, operands, memory, windowRow),
    );
    copyImage(f, operands, memory, target);
    f.emit(set(source, i32.add(get(source), i32.const(input.rowBytes))));
    f.emit(set(target, i32.add(get(target), i32.const(output.rowBytes))));
  });
}

/** Lists the errors of a step that are not 0, pixel by pixel: the offset of a row of weights, then the error. */
function listErrors(
  f: FunctionBuilder,
  { convolution: { output }, listTables, workspace }: Operands,
  memory: WindowMemory,
  source: number,
): void {
  const { channels } = output;
  const entry = f.let(TYPE.i32, i32.add(get(workspace), i32.const(memory.entries)));
  const pixel = f.let(TYPE.i32, get(source));
  const [values, offsets, shuffle, at, value] = [f.v128(), f.v128(), f.v128(), f.v128(), f.v128()];
  const bits = f.i32();
  const list = (quad: Code, valid: number): void => {
    f.emit(set(values, v128.load(0, i32.add(get(pixel), i32.shl(quad, i32.const(4))))));
    const there = i32x4.bitmask(f32x4.ne(get(values), f32x4.const(0)));
    f.emit(set(bits, valid >= 4 ? there : i32.and(there, i32.const((1 << valid) - 1))));
    f.emit(set(shuffle, quadShuffle(listTables, bits)));
    f.emit(set(at, i8x16.swizzle(get(offsets), get(shuffle))), set(value, i8x16.swizzle(get(values), get(shuffle))));
    f.emit(v128.store(0, get(entry), interleave(0, get(at), get(value))));
    f.emit(v128.store(16, get(entry), interleave(2, get(at), get(value))));
    f.emit(set(entry, i32.add(get(entry), i32.mul(i32.popcnt(get(bits)), i32.const(ENTRY)))));
    f.emit(set(offsets, i32x4.add(get(offsets), i32x4.const(4 * PANEL_ROW))));
  };
  const whole = Math.floor(channels / 4);
  const ends = f.let(TYPE.i32, i32.add(get(workspace), i32.const(memory.ends)));
  f.range(get(ends), i32.add(get(ends), i32.const(4 * output.height * output.width)), 4, (end) => {
    f.emit(set(offsets, i32x4.lanes(0, PANEL_ROW, 2 * PANEL_ROW, 3 * PANEL_ROW)));
    f.range(i32.const(0), i32.const(whole), 1, (quad) => list(get(quad), 4));
    if (channels % 4 > 0) list(i32.const(whole), channels % 4);
    f.emit(i32.store(0, get(end), get(entry)), set(pixel, i32.add(get(pixel), i32.const(4 * channels))));
  });
}

/** Adds to one row (a local) of every window. */
function addWindowRow(
  f: FunctionBuilder,
  { convolution, weights, workspace, wide }: Operands,
  memory: WindowMemory,
  windowRow: number,
): void {
  const { input, output, stride, dilation } = convolution;
  const panels = panelsTogether(wide);
  f.range(i32.const(0), i32.const(sliceCount(weights.columns, panels)), 1, (index) => {
    forSlice(f, weights, { index, panels }, (slice) => {
      const { panel, column, registers, offset } = slice;
      const sums = Array.from({ length: registers }, () => f.v128());
      const base = f.let(
        TYPE.i32,
        i32.add(get(panel), i32.mul(get(windowRow), i32.const(output.channels * PANEL_ROW))),
      );
      const first = i32.add(get(column), i32.mul(get(windowRow), i32.const(dilation[0] * memory.rowBytes)));
      const imageRow = f.let(TYPE.i32, i32.add(get(workspace), first));
      const end = f.let(TYPE.i32, i32.add(get(workspace), i32.const(memory.ends)));
      const entry = f.let(TYPE.i32, i32.add(get(workspace), i32.const(memory.entries)));
      const last = f.i32();
      f.range(i32.const(0), i32.const(output.height), 1, () => {
        const at = f.let(TYPE.i32, get(imageRow));
        f.range(i32.const(0), i32.const(output.width), 1, () => {
          f.emit(set(last, i32.load(0, get(end))));
          f.if(i32.ltU(get(entry), get(last)), () => {
            loadSums(f, sums, at);
            addMultiples(f, sums, { entry, end: last, base, offset });
            storeChannels(f, slice, sums, at);
            f.emit(set(entry, get(last)));
          });
          f.emit(set(end, i32.add(get(end), i32.const(4))));
          f.emit(set(at, i32.add(get(at), i32.const(4 * stride[1] * input.channels))));
        });
        f.emit(set(imageRow, i32.add(get(imageRow), i32.const(stride[0] * memory.rowBytes))));
      });
    });
  });
}

/** Copies the image without its padding to a row of the result. */
function copyImage(
  f: FunctionBuilder,
  { convolution: { input, padding }, workspace }: Operands,
  { rowBytes }: WindowMemory,
  target: number,
): void {
  const bytes = input.width * input.channels * 4;
  const origin = padding[0] * rowBytes + padding[1] * input.channels * 4;
  const from = f.let(TYPE.i32, i32.add(get(workspace), i32.const(origin)));
  const to = f.let(TYPE.i32, get(target));
  f.range(i32.const(0), i32.const(input.height), 1, () => {
    // Rows are copied in order, so a register that reaches past a row is overwritten.
    f.range(i32.const(0), i32.const(bytes), 16, (offset) => {
      f.emit(v128.store(0, i32.add(get(to), get(offset)), v128.load(0, i32.add(get(from), get(offset)))));
    });
    f.emit(set(from, i32.add(get(from), i32.const(rowBytes))), set(to, i32.add(get(to), i32.const(bytes))));
  });
}

import type { Convolution } from "../../../contract.js";
import { PANEL_ROW, type SignalLayout, type TensorLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { accumulateRows, loadSums } from "../spikes/gather-rows.js";
import { loadNumber } from "../spikes/index-lists.js";
import { type ChannelSlice, clearSums, forSlice, panelsTogether, sliceCount, storeChannels } from "./channel-slices.js";
import { pixelTable } from "./sparse-pixels.js";

/** Bytes of weights of one slice that stay in the first-level cache while a row of the image is computed. */
const PASS_BYTES = 40 * 1024;

interface Operands {
  readonly from: string;
  /** Signal of the pixel tables of `from`. */
  readonly starts: string;
  readonly weights: string;
  readonly bias: string | undefined;
  readonly to: string;
  readonly convolution: Convolution;
}

/**
 * Convolution of spikes, without groups: to[b, t, y, x, :] = bias + the sum of the weight rows of the spikes in the
 * window. The spikes of a row of the window are a piece of the step's list, and their weight rows are one block of the
 * weights, so the sum is that of a dense layer with another base address. Padding costs nothing.
 */
export function sparseConvolution(context: KernelContext, name: string, operands: Operands): void {
  const { from, starts, weights, bias, to, convolution } = operands;
  const spikes = context.signal(from);
  const matrix = context.tensor(weights);
  const output = context.signal(to);
  const panels = panelsTogether(context.wide);
  const stepBytes = pixelTable(convolution).stepBytes;
  sampleKernel(context, name, (f, block) => {
    f.range(i32.const(0), i32.const(sliceCount(matrix.columns, panels)), 1, (index) => {
      forSlice(f, matrix, { index, panels }, (slice) => {
        block.each(f, (b) => {
          const table = f.let(TYPE.i32, block.sample(context.signal(starts), get(b)));
          const image = f.let(TYPE.i32, i32.add(block.sample(output, get(b)), get(slice.column)));
          f.range(i32.const(0), i32.const(spikes.rows), 1, () => {
            const start = bias === undefined ? undefined : context.tensor(bias);
            sumImage(f, convolution, { spikes, slice, table, image, bias: start });
            f.emit(set(table, i32.add(get(table), i32.const(stepBytes))));
            f.emit(set(image, i32.add(get(image), i32.const(output.rowBytes))));
          });
        });
      });
    });
  });
}

interface Image {
  readonly spikes: SignalLayout;
  readonly slice: ChannelSlice;
  /** Locals with the addresses of the pixel table and of the slice in the first pixel of the output. */
  readonly table: number;
  readonly image: number;
  readonly bias: TensorLayout | undefined;
}

/** One slice of one image. Rows of the window are summed in passes, so that the weights of a pass stay in the cache. */
function sumImage(f: FunctionBuilder, convolution: Convolution, image: Image): void {
  const { input, size } = convolution;
  const rows = Math.min(size[0], Math.max(1, Math.floor(PASS_BYTES / (size[1] * input.channels * PANEL_ROW))));
  if (rows === size[0]) sumPass(f, convolution, image, { first: i32.const(0), last: i32.const(rows), passes: "one" });
  else {
    f.range(i32.const(0), i32.const(size[0]), rows, (first) => {
      const last = f.let(TYPE.i32, i32.add(get(first), i32.const(rows)));
      f.if(i32.gtU(get(last), i32.const(size[0])), () => f.emit(set(last, i32.const(size[0]))));
      sumPass(f, convolution, image, { first: get(first), last: get(last), passes: "several" });
    });
  }
}

/** Rows of the window, from `first` to before `last`. */
interface Pass {
  readonly first: Code;
  readonly last: Code;
  readonly passes: "one" | "several";
}

function sumPass(
  f: FunctionBuilder,
  convolution: Convolution,
  { spikes, slice, table, image, bias }: Image,
  { first, last, passes }: Pass,
): void {
  const { input, output, size, stride, dilation } = convolution;
  const { pitch, padding } = pixelTable(convolution);
  const sums = Array.from({ length: slice.registers }, () => f.v128());
  const rowUnits = input.width * input.channels;
  const windowRow = size[1] * input.channels * PANEL_ROW;
  const pixelBytes = output.channels * 4;
  const target = f.let(TYPE.i32, get(image));
  const numbers = { bytes: spikes.numberBytes, load: loadNumber(spikes) };
  const next = f.i32();
  f.range(i32.const(0), i32.const(output.height), 1, (y) => {
    const row = i32.add(i32.mul(get(y), i32.const(stride[0])), i32.mul(first, i32.const(dilation[0])));
    const rowCell = f.let(TYPE.i32, i32.add(get(table), i32.mul(row, i32.const(4 * pitch))));
    // Address in the weights of unit 0, if the list named units of this row of the window only.
    const unit = i32.add(
      i32.mul(row, i32.const(rowUnits)),
      i32.const(-padding[0] * rowUnits - padding[1] * input.channels),
    );
    const weights = i32.add(get(slice.panel), i32.mul(first, i32.const(windowRow)));
    const rowBase = f.let(TYPE.i32, i32.sub(weights, i32.mul(unit, i32.const(PANEL_ROW))));
    f.range(i32.const(0), i32.const(output.width), 1, () => {
      if (passes === "one") clearSums(f, sums);
      else
        f.ifElse(
          first,
          () => loadSums(f, sums, target),
          () => clearSums(f, sums),
        );
      const cell = f.let(TYPE.i32, get(rowCell));
      const base = f.let(TYPE.i32, get(rowBase));
      const piece = (column: number, width: number): void => {
        const ends = {
          from: f.let(TYPE.i32, i32.load(4 * column * dilation[1], get(cell))),
          to: f.let(TYPE.i32, i32.load(4 * (column * dilation[1] + width), get(cell))),
        };
        const skipped = column * (dilation[1] - 1) * input.channels * PANEL_ROW;
        const at = skipped === 0 ? base : f.let(TYPE.i32, i32.sub(get(base), i32.const(skipped)));
        accumulateRows(f, sums, ends, { base: at, rowBytes: PANEL_ROW, offset: slice.offset, numbers });
      };
      f.range(first, last, 1, () => {
        // With a dilation, the pixels of a window are not neighbors.
        if (dilation[1] === 1) piece(0, size[1]);
        else for (let column = 0; column < size[1]; column++) piece(column, 1);
        f.emit(set(cell, i32.add(get(cell), i32.const(4 * dilation[0] * pitch))));
        f.emit(set(base, i32.add(get(base), i32.const(windowRow - dilation[0] * rowUnits * PANEL_ROW))));
      });
      if (bias !== undefined) {
        const add = (): void => addBias(f, bias, output.channels, { sums, column: slice.column, target, image });
        if (passes === "one") add();
        else {
          f.emit(set(next, last));
          f.if(i32.eq(get(next), i32.const(size[0])), add);
        }
      }
      storeChannels(f, slice, sums, target);
      f.emit(set(target, i32.add(get(target), i32.const(pixelBytes))));
      f.emit(set(rowCell, i32.add(get(rowCell), i32.const(4 * stride[1]))));
      f.emit(set(rowBase, i32.sub(get(rowBase), i32.const(stride[1] * input.channels * PANEL_ROW))));
    });
  });
}

/** Adds a bias per layer, channel or unit. It comes last, so that without spikes the current equals the bias. */
function addBias(
  f: FunctionBuilder,
  { address, columns }: TensorLayout,
  channels: number,
  { sums, column, target, image }: { sums: readonly number[]; column: number; target: number; image: number },
): void {
  const ofUnit = i32.add(get(column), i32.sub(get(target), get(image)));
  const offset = f.let(TYPE.i32, columns === channels ? get(column) : ofUnit);
  sums.forEach((sum, j) => {
    const value = columns === 1 ? v128.load32Splat(address, i32.const(0)) : v128.load(address + 16 * j, get(offset));
    f.emit(set(sum, f32x4.add(get(sum), value)));
  });
}

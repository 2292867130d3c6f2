import type { Convolution } from "../../../contract.js";
import { computedColumns, PANEL_COLUMNS, PANEL_ROW, type TensorLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, select, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { type KernelContext, runSamples, synapseKernel } from "../codegen/kernel-context.js";
import { prefetch } from "../codegen/prefetch.js";
import { accumulateRows, loadSums, storeSums } from "../spikes/gather-rows.js";
import { type AxisPhases, axisPhases, cellBytes, type ErrorPlanes, GROUP_BYTES } from "./sparse-planes.js";
import { transposedImages } from "./sparse-transposed-lists.js";

interface Operands {
  readonly convolution: Convolution;
  readonly planes: ErrorPlanes;
  /** Signal of the spikes. */
  readonly from: string;
  /** Regions of the transposed lists and of the error planes. */
  readonly lists: string;
  readonly packed: string;
  readonly to: string;
  /** Region of the gradients of the parts of the batch, if there are several. */
  readonly partial: string | undefined;
}

/** Bytes of the gradient of one part. */
export const partialBytes = (convolution: Convolution): number =>
  gradientRows(convolution) * Math.ceil(convolution.output.channels / PANEL_COLUMNS) * PANEL_ROW;

const gradientRows = ({ size, input }: Convolution): number => size[0] * size[1] * input.channels;

/**
 * gradient[tap, c, :] = the sum of the errors at the outputs to which the tap connects the spikes of input channel c.
 * Items are slices of columns, for each part of the batch. For each group of images, tap and channel the errors are
 * summed in registers, and nothing is multiplied.
 */
export function sparseWeightGradient(context: KernelContext, name: string, operands: Operands): void {
  const { convolution, planes, to, partial } = operands;
  const matrix = context.tensor(to);
  const rows = gradientRows(convolution);
  const target: Pick<TensorLayout, "address" | "panelBytes"> =
    partial === undefined ? matrix : { address: context.region(partial), panelBytes: rows * PANEL_ROW };
  synapseKernel(context, name, (f, first, last) => {
    f.range(get(first), get(last), 1, (item) => {
      const slice = f.let(TYPE.i32, i32.remU(get(item), i32.const(planes.slices)));
      const part = f.let(TYPE.i32, i32.divU(get(item), i32.const(planes.slices)));
      const panel = partial === undefined ? slice : item;
      const at = i32.add(i32.const(target.address), i32.mul(get(panel), i32.const(target.panelBytes)));
      const gradient = f.let(TYPE.i32, at);
      const full = Math.floor(computedColumns(planes.channels) / PANEL_COLUMNS);
      const sum = (kind: number): void =>
        sumSlice(f, context, operands, { slice, part, gradient, bytes: cellBytes(planes.channels, kind) });
      if (full === planes.slices) sum(0);
      else if (full === 0) sum(0);
      else
        f.ifElse(
          i32.ltU(get(slice), i32.const(full)),
          () => sum(0),
          () => sum(full),
        );
    });
  });
}

interface SliceOperands {
  /** Locals with the indices of the slice and of the part, and with the address of the gradient. */
  readonly slice: number;
  readonly part: number;
  readonly gradient: number;
  /** Bytes of the errors of a pixel. */
  readonly bytes: number;
}

function sumSlice(
  f: FunctionBuilder,
  context: KernelContext,
  { convolution, planes, from, lists, packed }: Operands,
  { slice, part, gradient, bytes }: SliceOperands,
): void {
  const { channels } = convolution.input;
  const rows = gradientRows(convolution);
  const sums = Array.from({ length: bytes / 16 }, () => f.v128());
  f.range(get(gradient), i32.add(get(gradient), i32.const(rows * PANEL_ROW)), PANEL_ROW, (row) => {
    sums.forEach((_, j) => {
      f.emit(v128.store(16 * j, get(row), f32x4.const(0)));
    });
  });
  const images = i32.mul(runSamples(), i32.const(context.signal(from).rows));
  const groups = i32.divU(i32.add(images, i32.const(planes.together - 1)), i32.const(planes.together));
  const firstGroup = f.let(TYPE.i32, i32.mul(get(part), i32.const(planes.groupsPerPart)));
  const lastGroup = f.let(TYPE.i32, i32.add(get(firstGroup), i32.const(planes.groupsPerPart)));
  f.if(i32.gtU(get(lastGroup), groups), () => f.emit(set(lastGroup, groups)));
  const { rows: rowKeys, phases, groupBytes, numbers } = transposedImages(convolution, planes);
  const [vertical, horizontal] = [axisPhases(convolution, 0), axisPhases(convolution, 1)];
  f.range(get(firstGroup), get(lastGroup), 1, (group) => {
    const tables = i32.add(i32.const(context.region(lists)), i32.mul(get(group), i32.const(groupBytes)));
    const table = f.let(TYPE.i32, tables);
    const groupAt = i32.add(i32.const(context.region(packed)), i32.mul(get(group), i32.const(planes.groupBytes)));
    const sliceOffset = i32.mul(get(slice), i32.const(planes.cells * cellBytes(planes.channels, 0)));
    const errors = f.let(TYPE.i32, i32.add(groupAt, sliceOffset));
    eachBand(f, planes, bytes, (band) => {
      prefetch(f, f.let(TYPE.i32, i32.add(get(errors), band.offset)), band.bytes);
      const channelTable = f.let(TYPE.i32, get(table));
      const channelRow = f.let(TYPE.i32, get(gradient));
      f.range(i32.const(0), i32.const(channels), 1, () => {
        const row = f.let(TYPE.i32, get(channelRow));
        f.range(i32.const(0), i32.const(convolution.size[0]), 1, (tapY) => {
          const y = tapShift(f, vertical, tapY);
          const { first, last } = inputRows(f, vertical, y, band);
          const plane = i32.add(get(errors), i32.const(planes.border * bytes));
          const shifted = f.let(TYPE.i32, i32.sub(plane, i32.mul(get(y.shift), i32.const(planes.pitch * bytes))));
          const rowTable = i32.mul(get(y.phase), i32.const(vertical.perPhase));
          f.range(i32.const(0), i32.const(convolution.size[1]), 1, (tapX) => {
            const x = tapShift(f, horizontal, tapX);
            const list = i32.add(i32.mul(get(x.phase), i32.const(rowKeys)), rowTable);
            const at = (q: number): Code =>
              i32.load(0, i32.add(get(channelTable), i32.shl(i32.add(list, get(q)), i32.const(2))));
            const ends = { from: f.let(TYPE.i32, at(first)), to: f.let(TYPE.i32, at(last)) };
            f.if(i32.ltU(get(ends.from), get(ends.to)), () => {
              const base = f.let(TYPE.i32, i32.sub(get(shifted), i32.mul(get(x.shift), i32.const(bytes))));
              loadSums(f, sums, row);
              accumulateRows(f, sums, ends, { base, rowBytes: bytes, numbers });
              storeSums(f, sums, row);
            });
            f.emit(set(row, i32.add(get(row), i32.const(channels * PANEL_ROW))));
          });
        });
        f.emit(set(channelRow, i32.add(get(channelRow), i32.const(PANEL_ROW))));
        f.emit(set(channelTable, i32.add(get(channelTable), i32.const(4 * phases * rowKeys))));
      });
    });
  });
}

/** A tap of the window on one axis, in locals (see `axisPhases`); the shift may be negative. */
interface Tap {
  readonly shift: number;
  readonly phase: number;
}

function tapShift(f: FunctionBuilder, { stride, dilation, padding }: AxisPhases, tap: number): Tap {
  const whole = Math.ceil(padding / stride);
  const above = i32.add(i32.mul(get(tap), i32.const(dilation)), i32.const(whole * stride - padding));
  const position = f.let(TYPE.i32, above);
  const quotient = f.let(TYPE.i32, stride === 1 ? get(position) : i32.divU(get(position), i32.const(stride)));
  return {
    shift: f.let(TYPE.i32, i32.sub(get(quotient), i32.const(whole))),
    phase: f.let(TYPE.i32, i32.sub(get(position), i32.mul(get(quotient), i32.const(stride)))),
  };
}

/** Rows of the planes that are summed before the others, so that they stay in the first-level cache. */
interface Band {
  /** First row, and the row after the last one. */
  readonly first: Code;
  readonly last: Code;
  /** Offset and size in a plane. */
  readonly offset: Code;
  readonly bytes: number;
}

/** Runs the body for every band: all rows of all planes of a group if they fit, else some rows of the only plane. */
function eachBand(f: FunctionBuilder, planes: ErrorPlanes, bytes: number, body: (band: Band) => void): void {
  const height = planes.planeCells / planes.pitch;
  const rowBytes = planes.pitch * bytes;
  const rows = Math.max(1, Math.floor(GROUP_BYTES / rowBytes));
  if (rows >= height) {
    body({ first: i32.const(0), last: i32.const(height), offset: i32.const(0), bytes: planes.cells * bytes });
    return;
  }
  f.range(i32.const(0), i32.const(height), rows, (first) => {
    const last = f.let(TYPE.i32, i32.add(get(first), i32.const(rows)));
    f.if(i32.gtU(get(last), i32.const(height)), () => f.emit(set(last, i32.const(height))));
    const offset = i32.mul(get(first), i32.const(rowBytes));
    body({ first: get(first), last: get(last), offset, bytes: rows * rowBytes });
  });
}

/** The rows of a phase that a tap connects to outputs of a band, and that exist. */
function inputRows(
  f: FunctionBuilder,
  { perPhase }: AxisPhases,
  { shift }: Tap,
  band: Band,
): { first: number; last: number } {
  const within = (row: Code): number => {
    const value = f.let(TYPE.i32, row);
    f.emit(set(value, select(get(value), i32.const(0), i32.gtS(get(value), i32.const(0)))));
    f.emit(set(value, select(get(value), i32.const(perPhase), i32.ltU(get(value), i32.const(perPhase)))));
    return value;
  };
  return { first: within(i32.add(get(shift), band.first)), last: within(i32.add(get(shift), band.last)) };
}

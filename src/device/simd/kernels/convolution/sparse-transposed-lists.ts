import type { Convolution } from "../../../contract.js";
import { roundUp, type SignalLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { type KernelContext, runSamples, synapseKernel } from "../codegen/kernel-context.js";
import { loadNumber, STEP_ENDS, stepLists } from "../spikes/index-lists.js";
import type { RowNumbers } from "../spikes/transposed-lists.js";
import { axisPhases, type ErrorPlanes } from "./sparse-planes.js";

/**
 * Transposed lists of the spikes of images: per group of images and input channel, the cells of the error planes that
 * the channel's spikes select, in order of the row of the image. With a stride, the rows and columns of a phase come
 * together, since a tap of the window meets one phase. So the spikes that a tap meets are one piece of a list.
 */
export interface TransposedImages {
  /** Rows of an image, sorted by phase. */
  readonly rows: number;
  /** Phases of columns per channel. */
  readonly phases: number;
  readonly tableBytes: number;
  readonly groupBytes: number;
  readonly numbers: RowNumbers;
}

export function transposedImages(convolution: Convolution, planes: ErrorPlanes): TransposedImages {
  const { channels, height, width } = convolution.input;
  const [y, x] = [axisPhases(convolution, 0), axisPhases(convolution, 1)];
  const rows = y.stride * y.perPhase;
  const tableBytes = roundUp((channels * x.stride * rows + 1) * 4, 16);
  const mostCells = planes.together * planes.planeCells + y.perPhase * planes.pitch;
  const numbers: RowNumbers =
    mostCells <= 2 ** 16
      ? { bytes: 2, load: i32.load16u, store: i32.store16 }
      : { bytes: 4, load: i32.load, store: i32.store };
  const groupBytes = roundUp(tableBytes + planes.together * channels * height * width * numbers.bytes, 16);
  return { rows, phases: x.stride, tableBytes, groupBytes, numbers };
}

/** The key of a spike, which is the index of its list, and its cell in the plane of its image. */
interface Place {
  readonly key: number;
  readonly cell: number;
}

/** Transposes the lists of images; items are groups. */
export function transposedImageLists(
  context: KernelContext,
  name: string,
  {
    from,
    region,
    planes,
    convolution,
  }: { from: string; region: string; planes: ErrorPlanes; convolution: Convolution },
): void {
  const spikes = context.signal(from);
  const { tableBytes, groupBytes, numbers } = transposedImages(convolution, planes);
  synapseKernel(context, name, (f, first, last) => {
    f.range(get(first), get(last), 1, (group) => {
      const table = f.let(
        TYPE.i32,
        i32.add(i32.const(context.region(region)), i32.mul(get(group), i32.const(groupBytes))),
      );
      const lists = f.let(TYPE.i32, i32.add(get(table), i32.const(tableBytes)));
      f.range(get(table), get(lists), 16, (at) => f.emit(v128.store(0, get(at), f32x4.const(0))));
      const entryOf = (place: Place): number =>
        f.let(TYPE.i32, i32.add(get(table), i32.shl(get(place.key), i32.const(2))));
      const size = i32.const(numbers.bytes);
      const images = { spikes, group, planes };
      eachImage(f, images, (list) =>
        eachPlace(f, spikes, convolution, planes, list, (place) => {
          const entry = entryOf(place);
          f.emit(i32.store(4, get(entry), i32.add(i32.load(4, get(entry)), size)));
        }),
      );
      // The entry after that of a list holds the end of the list while it grows.
      const end = f.let(TYPE.i32, get(lists));
      const bytes = f.i32();
      f.emit(i32.store(0, get(table), get(end)));
      f.range(i32.add(get(table), i32.const(4)), get(lists), 4, (at) => {
        f.emit(set(bytes, i32.load(0, get(at))), i32.store(0, get(at), get(end)));
        f.emit(set(end, i32.add(get(end), get(bytes))));
      });
      eachImage(f, images, (list) =>
        eachPlace(f, spikes, convolution, planes, list, (place) => {
          const entry = entryOf(place);
          const at = f.let(TYPE.i32, i32.load(4, get(entry)));
          f.emit(numbers.store(0, get(at), i32.add(get(list.plane), get(place.cell))));
          f.emit(i32.store(4, get(entry), i32.add(get(at), size)));
        }),
      );
    });
  });
}

/** The spikes of an image, and the first cell of its plane: locals. */
interface ImageList {
  readonly from: number;
  readonly to: number;
  readonly plane: number;
}

/** Runs the body for every image of a group (a local) that is part of the run. */
function eachImage(
  f: FunctionBuilder,
  { spikes, group, planes }: { spikes: SignalLayout; group: number; planes: ErrorPlanes },
  body: (list: ImageList) => void,
): void {
  const first = f.let(TYPE.i32, i32.mul(get(group), i32.const(planes.together)));
  const last = f.let(TYPE.i32, i32.add(get(first), i32.const(planes.together)));
  const images = f.let(TYPE.i32, i32.mul(runSamples(), i32.const(spikes.rows)));
  f.if(i32.gtU(get(last), get(images)), () => f.emit(set(last, get(images))));
  const plane = f.let(TYPE.i32, i32.const(0));
  f.range(get(first), get(last), 1, (image) => {
    const b = i32.divU(get(image), i32.const(spikes.rows));
    const t = i32.remU(get(image), i32.const(spikes.rows));
    const sample = f.let(TYPE.i32, i32.add(i32.const(spikes.address), i32.mul(b, i32.const(spikes.sampleBytes))));
    const ends = f.let(TYPE.i32, i32.add(get(sample), i32.mul(t, i32.const(STEP_ENDS))));
    body({ ...stepLists(f, sample, ends).added, plane });
    f.emit(set(plane, i32.add(get(plane), i32.const(planes.planeCells))));
  });
}

/** Runs the body for every spike of a list. */
function eachPlace(
  f: FunctionBuilder,
  spikes: SignalLayout,
  convolution: Convolution,
  { pitch }: ErrorPlanes,
  { from, to }: ImageList,
  body: (place: Place) => void,
): void {
  const { channels, width } = convolution.input;
  const [vertical, horizontal] = [axisPhases(convolution, 0), axisPhases(convolution, 1)];
  const bytes = spikes.numberBytes;
  /** Splits a number into quotient and remainder. */
  const split = (value: number, by: number): [quotient: Code, remainder: Code] => {
    if (by === 1) return [get(value), i32.const(0)];
    const quotient = f.let(TYPE.i32, i32.divU(get(value), i32.const(by)));
    return [get(quotient), i32.sub(get(value), i32.mul(get(quotient), i32.const(by)))];
  };
  f.stride({ pointer: from, end: to, bytes, unroll: 2 }, (k) => {
    const unit = f.let(TYPE.i32, loadNumber(spikes)(bytes * k, get(from)));
    const [pixelCode, channelCode] = split(unit, channels);
    const [pixel, channel] = [f.let(TYPE.i32, pixelCode), f.let(TYPE.i32, channelCode)];
    const [yCode, xCode] = split(pixel, width);
    const [y, x] = [f.let(TYPE.i32, yCode), f.let(TYPE.i32, xCode)];
    const [row, rowPhase] = split(y, vertical.stride);
    const [column, columnPhase] = split(x, horizontal.stride);
    const phased = i32.add(i32.mul(get(channel), i32.const(horizontal.stride)), columnPhase);
    const list = i32.add(i32.mul(phased, i32.const(vertical.stride)), rowPhase);
    body({
      key: f.let(TYPE.i32, i32.add(i32.mul(list, i32.const(vertical.perPhase)), row)),
      cell: f.let(TYPE.i32, i32.add(i32.mul(row, i32.const(pitch)), column)),
    });
  });
}

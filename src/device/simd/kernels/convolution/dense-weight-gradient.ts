import type { Convolution } from "../../../contract.js";
import { PANEL_ROW, type SignalLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32, f32x4, get, i32, set, tee, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { columnOffset, type KernelContext, runSamples, synapseKernel } from "../codegen/kernel-context.js";
import { forwardSweep, groupChannels, type Plane } from "./geometry.js";
import type { GradientLayout } from "./gradient-layout.js";

/** Bytes of the errors of a panel that are multiplied together, so that they stay in the first-level cache. */
const ERROR_BYTES = 12 * 1024;
/** Weight rows of a tile; with two registers of columns its eight sums hide the latency of an addition. */
const TILE_ROWS = 4;
const TILE_SUMS = 8;
const UNROLL = 4;

interface GradientNames {
  /** Signal of values: the images with their borders. */
  readonly planes: string;
  /** Signal of errors, in panels (see `packedErrorShape`). */
  readonly errors: string;
  /** Region of the sums of groups of samples, unless work items write the gradient itself. */
  readonly partials: string | undefined;
  readonly to: string;
}

/** Sizes and strides of the sums over the pixels of one image. */
interface Pixels extends GradientLayout {
  readonly height: number;
  readonly width: number;
  readonly from: { readonly start: number; readonly y: number; readonly x: number };
  readonly errorPixel: number;
}

/**
 * gradient[(i, j, k), n] = the sum over samples, rows and pixels of from[b, t, y, x, i, j, k] * error[b, t, y, x, n]; items
 * as in `GradientLayout`. The pixels of a few lines are summed in registers, then added to the gradient.
 */
export function denseWeightGradient(
  context: KernelContext,
  name: string,
  convolution: Convolution,
  plane: Plane,
  layout: GradientLayout,
  { planes, errors, partials, to }: GradientNames,
): void {
  const input = context.signal(planes);
  const error = context.signal(errors);
  const tensor = context.tensor(to);
  const { inputs } = groupChannels(convolution);
  const { height, width } = convolution.output;
  const { from } = forwardSweep(convolution, plane);
  const pixels: Pixels = { ...layout, height, width, from, errorPixel: layout.panelColumns * 4 };
  const panelBytes = partials === undefined ? tensor.panelBytes : layout.rows * PANEL_ROW;
  const base = partials === undefined ? tensor.address : context.region(partials);
  const perSampleGroup = layout.panels * layout.pieces;
  synapseKernel(context, name, (f, first, last) => {
    f.range(get(first), get(last), 1, (item) => {
      const sampleGroup = f.let(TYPE.i32, i32.divU(get(item), i32.const(perSampleGroup)));
      const within = f.let(TYPE.i32, i32.remU(get(item), i32.const(perSampleGroup)));
      const panel = f.let(TYPE.i32, i32.divU(get(within), i32.const(layout.pieces)));
      const k0 = f.let(
        TYPE.i32,
        i32.mul(i32.remU(get(within), i32.const(layout.pieces)), i32.const(layout.pieceDepth)),
      );
      const k1 = f.let(TYPE.i32, i32.add(get(k0), i32.const(layout.pieceDepth)));
      f.if(i32.gtU(get(k1), i32.const(layout.depth)), () => f.emit(set(k1, i32.const(layout.depth))));
      const partial = i32.add(i32.mul(get(sampleGroup), i32.const(layout.panels)), get(panel));
      const sums = f.let(TYPE.i32, i32.add(i32.const(base), i32.mul(partial, i32.const(panelBytes))));
      clearSums(f, layout, sums, k0, k1);
      const channel = i32.mul(i32.divU(get(panel), i32.const(layout.panelsPerGroup)), i32.const(inputs * 4));
      const image = f.let(TYPE.i32, i32.add(i32.const(input.address + from.start), channel));
      const start = i32.mul(get(panel), i32.const(error.rows * error.rowBytes));
      const panelErrors = f.let(TYPE.i32, i32.add(i32.const(error.address), start));
      const b0 = f.let(TYPE.i32, i32.mul(get(sampleGroup), i32.const(layout.groupSamples)));
      const b1 = f.let(TYPE.i32, i32.add(get(b0), i32.const(layout.groupSamples)));
      f.if(i32.gtU(get(b1), runSamples()), () => f.emit(set(b1, runSamples())));
      f.range(get(b0), get(b1), 1, (b) => {
        const at = (base: number, { sampleBytes }: SignalLayout): number =>
          f.let(TYPE.i32, i32.add(get(base), i32.mul(get(b), i32.const(sampleBytes))));
        const [source, errorImage] = [at(image, input), at(panelErrors, error)];
        f.range(i32.const(0), i32.const(error.rows), 1, () => {
          addImage(f, pixels, { source, errorImage, sums, k0, k1 });
          f.emit(set(source, i32.add(get(source), i32.const(input.rowBytes))));
          f.emit(set(errorImage, i32.add(get(errorImage), i32.const(error.rowBytes))));
        });
      });
    });
  });
}

/** Runs the body for each tap: its weight row of depth 0, and the offset of its numbers in the plane. */
function eachTap(
  f: FunctionBuilder,
  { taps, depth, strides }: GradientLayout,
  body: (row: Code, offset: Code) => void,
): void {
  f.range(i32.const(0), i32.const(taps[0]), 1, (i) => {
    f.range(i32.const(0), i32.const(taps[1]), 1, (j) => {
      const tap = i32.add(i32.mul(get(i), i32.const(taps[1])), get(j));
      const offset = i32.add(i32.mul(get(i), i32.const(strides.i)), i32.mul(get(j), i32.const(strides.j)));
      body(i32.mul(tap, i32.const(depth)), offset);
    });
  });
}

function clearSums(f: FunctionBuilder, layout: GradientLayout, sums: number, k0: number, k1: number): void {
  eachTap(f, layout, (row) => {
    const first = f.let(TYPE.i32, i32.add(get(sums), i32.mul(i32.add(row, get(k0)), i32.const(PANEL_ROW))));
    const bytes = i32.mul(i32.sub(get(k1), get(k0)), i32.const(PANEL_ROW));
    f.range(get(first), i32.add(get(first), bytes), PANEL_ROW, (at) => {
      for (let quad = layout.panelColumns / 4 - 1; quad >= 0; quad--) {
        f.emit(v128.store(16 * quad, get(at), f32x4.const(0)));
      }
    });
  });
}

/** Locals of a work item: addresses of the image, of its errors and of the sums, and the piece of the depth. */
interface Operands {
  readonly source: number;
  readonly errorImage: number;
  readonly sums: number;
  readonly k0: number;
  readonly k1: number;
}

function addImage(f: FunctionBuilder, pixels: Pixels, { source, errorImage, sums, k0, k1 }: Operands): void {
  const { height, width, from, errorPixel, depth } = pixels;
  const errorLine = width * errorPixel;
  const most = Math.max(1, Math.min(height, Math.floor(ERROR_BYTES / errorLine)));
  // Lines in even parts.
  const lines = Math.ceil(height / Math.ceil(height / most));
  f.range(i32.const(0), i32.const(height), lines, (y) => {
    const count = f.let(TYPE.i32, i32.sub(i32.const(height), get(y)));
    f.if(i32.gtU(get(count), i32.const(lines)), () => f.emit(set(count, i32.const(lines))));
    const lineStart = f.let(TYPE.i32, i32.add(get(source), i32.mul(get(y), i32.const(from.y))));
    const errors = f.let(TYPE.i32, i32.add(get(errorImage), i32.mul(get(y), i32.const(errorLine))));
    const rowsAt = (k: number, rows: number): void => {
      const group = Math.max(1, Math.floor(TILE_SUMS / rows / 2)) * 2;
      const quads = pixels.panelColumns / 4;
      // As many columns per tile as there are sums to hide the latency, in equal tiles.
      const perTile = quads % group === 0 ? group : Math.min(quads, 2);
      eachTap(f, pixels, (row, offset) => {
        const target = f.let(TYPE.i32, i32.add(get(sums), i32.mul(i32.add(row, get(k)), i32.const(PANEL_ROW))));
        const a = f.let(TYPE.i32, i32.add(get(lineStart), i32.add(offset, i32.shl(get(k), i32.const(2)))));
        f.range(i32.const(0), i32.const(quads * 16), perTile * 16, (column) => {
          const tile = { a, errors, target, column, count };
          addTile(f, pixels, { rows, quads: perTile }, tile);
        });
      });
    };
    const whole = f.let(TYPE.i32, i32.add(get(k0), i32.and(i32.sub(get(k1), get(k0)), i32.const(-TILE_ROWS))));
    f.range(get(k0), get(whole), TILE_ROWS, (k) => rowsAt(k, TILE_ROWS));
    const rest = depth % TILE_ROWS;
    if (rest > 0) f.if(i32.ltU(get(whole), get(k1)), () => rowsAt(whole, rest));
  });
}

/** Locals of a tile: addresses of the first number, error and sum, the offset of its columns, and the number of lines. */
interface Tile {
  readonly a: number;
  readonly errors: number;
  readonly target: number;
  readonly column: number;
  readonly count: number;
}

function addTile(
  f: FunctionBuilder,
  { width, from, errorPixel }: Pixels,
  { rows, quads }: { rows: number; quads: number },
  { a, errors, target, column, count }: Tile,
): void {
  const sums = Array.from({ length: rows }, () =>
    Array.from({ length: quads }, () => f.let(TYPE.v128, f32x4.const(0))),
  );
  const line = f.let(TYPE.i32, get(a));
  const pa = f.i32();
  const pb = f.let(TYPE.i32, i32.add(get(errors), get(column)));
  const end = f.i32();
  const x = f.v128();
  const error = Array.from({ length: quads }, () => f.v128());
  const unroll = Math.min(UNROLL, width);
  f.range(i32.const(0), get(count), 1, () => {
    f.emit(set(pa, get(line)), set(end, i32.add(get(pb), i32.const(width * errorPixel))));
    f.stride(
      { pointer: pb, end, bytes: errorPixel, unroll },
      (step) => {
        error.forEach((local, quad) => {
          f.emit(set(local, v128.load(step * errorPixel + 16 * quad, get(pb))));
        });
        sums.forEach((row, r) => {
          const element = v128.load32Splat(step * from.x + 4 * r, get(pa));
          row.forEach((sum, quad) => {
            const factor = quad === 0 ? tee(x, element) : get(x);
            f.emit(set(sum, f.multiplyAdd(factor, get(error[quad]!), get(sum))));
          });
        });
      },
      () => f.emit(set(pa, i32.add(get(pa), i32.const(unroll * from.x)))),
    );
    // The loop may end within an iteration, before it has moved the pointer.
    f.emit(set(pb, get(end)), set(line, i32.add(get(line), i32.const(from.y))));
  });
  const at = f.let(TYPE.i32, i32.add(get(target), get(column)));
  sums.forEach((row, r) => {
    for (let quad = quads - 1; quad >= 0; quad--) {
      const offset = r * PANEL_ROW + 16 * quad;
      f.emit(v128.store(offset, get(at), f32x4.add(v128.load(offset, get(at)), get(row[quad]!))));
    }
  });
}

/** Adds up the sums of the groups of samples; items are rows of the weights. */
export function sumPartials(
  context: KernelContext,
  name: string,
  convolution: Convolution,
  { rows, panels, panelsPerGroup, panelColumns, sampleGroups }: GradientLayout,
  { partials, to }: { partials: string; to: string },
): void {
  const { outputs } = groupChannels(convolution);
  const tensor = context.tensor(to);
  const panelBytes = rows * PANEL_ROW;
  const next = panels * panelBytes;
  synapseKernel(context, name, (f, first, last) => {
    f.range(i32.mul(get(first), i32.const(PANEL_ROW)), i32.mul(get(last), i32.const(PANEL_ROW)), PANEL_ROW, (row) => {
      for (let panel = 0; panel < panels; panel++) {
        const start = context.region(partials) + panel * panelBytes;
        const column = Math.floor(panel / panelsPerGroup) * outputs + (panel % panelsPerGroup) * 32;
        const columns = Math.min(panelColumns, outputs - (panel % panelsPerGroup) * 32);
        for (let quad = 0; quad < Math.ceil(columns / 4); quad++) {
          const sum = f.let(TYPE.v128, v128.load(start + 16 * quad, get(row)));
          f.range(i32.const(next), i32.const(sampleGroups * next), next, (offset) => {
            f.emit(set(sum, f32x4.add(get(sum), v128.load(start + 16 * quad, i32.add(get(row), get(offset))))));
          });
          const target = i32.add(i32.const(tensor.address), get(row));
          for (let lane = 0; lane < Math.min(4, columns - 4 * quad); lane++) {
            const offset = columnOffset(tensor, i32.const((column + 4 * quad + lane) * 4));
            f.emit(f32.store(0, i32.add(target, offset), f32x4.extract(lane, get(sum))));
          }
        }
      }
    });
  });
}

import { type Code, TYPE } from "../../wasm/encoding.js";
import { branchIf, f32x4, get, i32, set, tee, v128, whenElse } from "../../wasm/instructions.js";
import type { FunctionBuilder, ModuleBuilder } from "../../wasm/module.js";
import { storeLanes } from "../codegen/lane-stores.js";

/**
 * A dense convolution of one image, or one phase of a transposed one: for every pixel (y, x) of the output and every output
 * channel n, the sum over taps (i, j) and channels k of from[y, x, i, j, k] times weights[i, j, k, n]. Strides are in bytes.
 */
export interface Sweep {
  /** Pixels of the output that are computed. */
  readonly rows: number;
  readonly columns: number;
  /** The first number read, and the distances to the next row, pixel and tap. */
  readonly from: {
    readonly start: number;
    readonly y: number;
    readonly x: number;
    readonly i: number;
    readonly j: number;
  };
  readonly to: { readonly start: number; readonly y: number; readonly x: number };
  readonly taps: readonly [number, number];
  /** Channels that are summed, contiguous in memory. */
  readonly depth: number;
  /** Output channels, contiguous in memory. */
  readonly outputs: number;
  /**
   * Lines of the image that tap i of output row y reads: first + y * step + i. Lines outside 0 .. count - 1 are border.
   * Undefined if taps are further apart.
   */
  readonly lines: { readonly first: number; readonly step: number; readonly count: number } | undefined;
}

/** Output channels of a block of packed weights. */
export const BLOCK_OUTPUTS = 8;
const BLOCK_ROW = BLOCK_OUTPUTS * 4;

/** Bytes of a block of packed weights: eight weights per tap and channel. */
export const blockBytes = ({ taps, depth }: Pick<Sweep, "taps" | "depth">): number =>
  taps[0] * taps[1] * depth * BLOCK_ROW;

/** Bytes of the packed weights of a sweep. */
export const sweepBytes = (sweep: Pick<Sweep, "taps" | "depth" | "outputs">): number =>
  Math.ceil(sweep.outputs / BLOCK_OUTPUTS) * blockBytes(sweep);

/** Sums per tile: they hide the latency of an addition. */
const TILE_SUMS = 8;
/** Weight rows that are summed before the next pixels start, so that they stay in the first-level cache. */
const DEPTH = 320;
const UNROLL = 4;
/** Elements that are loaded together: see `accumulateRows` in gather-rows.ts. */
const TOGETHER = 4;

/** The same sweep with as few loops as possible: neighbors in memory become one loop. */
function merged(sweep: Sweep): Sweep {
  const { from, to, taps, depth, rows, columns } = sweep;
  if (taps[1] > 1 && from.j === depth * 4) return merged({ ...sweep, taps: [taps[0], 1], depth: depth * taps[1] });
  if (taps[1] === 1 && taps[0] > 1 && from.i === depth * 4)
    return merged({ ...sweep, taps: [1, 1], depth: depth * taps[0] });
  if (rows > 1 && from.y === columns * from.x && to.y === columns * to.x)
    return merged({ ...sweep, rows: 1, columns: rows * columns, lines: undefined });
  return sweep;
}

/** Taps and channels that are summed together. */
function chunkOf({ taps: [ni, nj], depth }: Sweep): { i: number; j: number; k: number } {
  const even = (count: number, each: number): number => {
    const chunks = Math.ceil((count * each) / DEPTH);
    return Math.max(1, Math.ceil(count / chunks));
  };
  if (nj * depth <= DEPTH) return { i: even(ni, nj * depth), j: nj, k: depth };
  if (depth <= DEPTH) return { i: 1, j: even(nj, depth), k: depth };
  return { i: 1, j: 1, k: even(depth, 1) };
}

/** Images that are swept together, while a part of the weights is in the cache: the distances from one to the next. */
export interface ImageStrides {
  readonly from: number;
  readonly to: number;
}

/** Starting values of the sums: zero, one number, or one per output channel. */
export type SweepStart = "zero" | "one" | "each";

/**
 * Function (from, weights, to, start, images): a sweep of several images, from planes in which no window leaves the memory;
 * `start` is the address of the starting values. Every output is summed in the order of taps and channels.
 */
export function sweepFunction(module: ModuleBuilder, sweep: Sweep, strides: ImageStrides, start: SweepStart): number {
  return module.once(`sweep ${JSON.stringify([sweep, strides, start])}`, () => {
    const signature = { parameters: Array(5).fill(TYPE.i32), results: [] };
    return module.function(signature, (f, from, weights, to, startAt, images) => {
      const names = { from: from!, weights: weights!, to: to!, start: startAt!, images: images! };
      writeSweep(f, { ...merged(sweep), strides, start }, names);
    });
  });
}

interface ImageSweep extends Sweep {
  readonly strides: ImageStrides;
  readonly start: SweepStart;
}

/** Parameters of the function. */
type Names = Readonly<Record<"from" | "weights" | "to" | "start" | "images", number>>;

function writeSweep(f: FunctionBuilder, sweep: ImageSweep, { from, weights, to, start: startAt, images }: Names): void {
  const { from: source, to: target, taps, depth, outputs } = sweep;
  const chunk = chunkOf(sweep);
  const block = f.let(TYPE.i32, get(weights));
  const column = f.let(TYPE.i32, i32.add(get(to), i32.const(target.start)));
  const writeBlock = (valid: number): void => {
    f.range(i32.const(0), i32.const(taps[0]), chunk.i, (i) => {
      f.range(i32.const(0), i32.const(taps[1]), chunk.j, (j) => {
        f.range(i32.const(0), i32.const(depth), chunk.k, (k) => {
          const offset = sum(times(i, source.i), times(j, source.j), times(k, 4));
          const tap = i32.add(i32.mul(get(i), i32.const(taps[1])), get(j));
          const row = i32.add(i32.mul(tap, i32.const(depth)), get(k));
          const part = {
            startAt,
            weights: f.let(TYPE.i32, sum(get(block), i32.mul(row, i32.const(BLOCK_ROW)))),
            isLater: f.let(TYPE.i32, i32.or(get(i), i32.or(get(j), get(k)))),
            firstTap: i,
            i: limited(f, taps[0], chunk.i, i),
            j: limited(f, taps[1], chunk.j, j),
            k: limited(f, depth, chunk.k, k),
          };
          const image = f.let(TYPE.i32, sum(get(from), i32.const(source.start), offset));
          const result = f.let(TYPE.i32, get(column));
          f.range(i32.const(0), get(images), 1, () => {
            writePixels(f, sweep, part, image, result, valid);
            f.emit(set(image, i32.add(get(image), i32.const(sweep.strides.from))));
            f.emit(set(result, i32.add(get(result), i32.const(sweep.strides.to))));
          });
        });
      });
    });
    f.emit(set(block, i32.add(get(block), i32.const(blockBytes(sweep)))));
    f.emit(set(column, i32.add(get(column), i32.const(BLOCK_ROW))));
    if (sweep.start === "each") f.emit(set(startAt, i32.add(get(startAt), i32.const(BLOCK_ROW))));
  };
  const full = Math.floor(outputs / BLOCK_OUTPUTS);
  if (full > 0) f.range(i32.const(0), i32.const(full), 1, () => writeBlock(BLOCK_OUTPUTS));
  if (outputs % BLOCK_OUTPUTS > 0) writeBlock(outputs % BLOCK_OUTPUTS);
}

/** A chunk of taps and channels: locals, except for counts that are known. */
interface Part {
  readonly startAt: number;
  readonly weights: number;
  /** Local: not 0 if an earlier chunk has written the sums. */
  readonly isLater: number;
  /** Local: the first tap along the height. */
  readonly firstTap: number;
  readonly i: Code;
  readonly j: Code;
  readonly k: Code;
}

/** Number of items of a chunk that starts at local `first`. */
function limited(f: FunctionBuilder, count: number, chunk: number, first: number): Code {
  if (count % chunk === 0) return i32.const(chunk);
  const left = f.let(TYPE.i32, i32.sub(i32.const(count), get(first)));
  f.if(i32.gtU(get(left), i32.const(chunk)), () => f.emit(set(left, i32.const(chunk))));
  return get(left);
}

/** Code of a local times a number. */
const times = (local: number, by: number): Code => i32.mul(get(local), i32.const(by));
const sum = (...codes: readonly Code[]): Code => codes.reduce((a, b) => i32.add(a, b));

function writePixels(
  f: FunctionBuilder,
  sweep: ImageSweep,
  part: Part,
  start: number,
  column: number,
  valid: number,
): void {
  const { from, to, rows, columns } = sweep;
  const pixels = TILE_SUMS / (valid > 4 ? 2 : 1);
  f.range(i32.const(0), i32.const(rows), 1, (y) => {
    const a = f.let(TYPE.i32, i32.add(get(start), times(y, from.y)));
    const c = f.let(TYPE.i32, i32.add(get(column), times(y, to.y)));
    const inside = tapsInside(f, sweep, part, y, a);
    const tile = (count: number): void => {
      writeTile(f, sweep, inside, { a, c, pixels: count, valid });
      f.emit(set(a, i32.add(get(a), i32.const(count * from.x))), set(c, i32.add(get(c), i32.const(count * to.x))));
    };
    const full = Math.floor(columns / pixels);
    if (full > 0) f.range(i32.const(0), i32.const(full), 1, () => tile(pixels));
    if (columns % pixels > 0) tile(columns % pixels);
  });
}

/** The part without the taps whose line is border in output row `y`; moves local `a` to the first tap that is left. */
function tapsInside(
  f: FunctionBuilder,
  { lines, from, taps, depth }: ImageSweep,
  part: Part,
  y: number,
  a: number,
): Part {
  if (lines === undefined || taps[0] === 1) return part;
  const { first, step, count } = lines;
  const line = f.let(TYPE.i32, i32.add(i32.const(first), i32.add(times(y, step), get(part.firstTap))));
  // Lines before the image, and taps up to the end of the image; both may be negative.
  const before = f.let(TYPE.i32, i32.sub(i32.const(0), get(line)));
  f.if(i32.gtS(i32.const(0), get(before)), () => f.emit(set(before, i32.const(0))));
  const i = f.let(TYPE.i32, i32.sub(i32.const(count), get(line)));
  f.if(i32.gtS(get(i), part.i), () => f.emit(set(i, part.i)));
  f.emit(set(i, i32.sub(get(i), get(before))));
  f.if(i32.gtS(i32.const(0), get(i)), () => f.emit(set(i, i32.const(0)), set(before, i32.const(0))));
  f.emit(set(a, i32.add(get(a), times(before, from.i))));
  const skipped = times(before, taps[1] * depth * BLOCK_ROW);
  return { ...part, i: get(i), weights: f.let(TYPE.i32, i32.add(get(part.weights), skipped)) };
}

function writeTile(
  f: FunctionBuilder,
  { from, to, depth, start }: ImageSweep,
  { startAt, weights, isLater, i, j, k }: Part,
  { a, c, pixels, valid }: { a: number; c: number; pixels: number; valid: number },
): void {
  const halves = valid > 4 ? [0, 1] : [0];
  const sums = Array.from({ length: pixels }, () => halves.map(() => f.v128()));
  const initial = (half: number): Code => {
    if (start === "zero") return f32x4.const(0);
    return start === "one" ? v128.load32Splat(0, get(startAt)) : v128.load(16 * half, get(startAt));
  };
  const fill = (value: (pixel: number, half: number) => Code): Code =>
    sums.flatMap((pair, pixel) => pair.flatMap((local, half) => [...set(local, value(pixel, half))]));
  f.emit(
    whenElse(
      get(isLater),
      fill((pixel, half) => v128.load(pixel * to.x + 16 * half, get(c))),
      fill((_, half) => initial(half)),
    ),
  );
  const pa = f.i32();
  const pb = f.let(TYPE.i32, get(weights));
  const x = f.v128();
  const rows = halves.map(() => f.v128());
  const end = f.i32();
  const bytes = f.let(TYPE.i32, i32.mul(k, i32.const(BLOCK_ROW)));
  const unroll = Math.min(UNROLL, depth);
  const tapRow = f.let(TYPE.i32, get(a));
  const tap = f.i32();
  f.range(i32.const(0), i, 1, () => {
    f.emit(set(tap, get(tapRow)));
    f.range(i32.const(0), j, 1, () => {
      f.emit(set(pa, get(tap)), set(end, i32.add(get(pb), get(bytes))));
      f.stride(
        { pointer: pb, end, bytes: BLOCK_ROW, unroll },
        (step) => {
          rows.forEach((row, half) => {
            f.emit(set(row, v128.load(step * BLOCK_ROW + 16 * half, get(pb))));
          });
          sums.forEach((pair, pixel) => {
            if (pixel > 0 && pixel % TOGETHER === 0) f.emit(branchIf(1, i32.eqz(get(pa))));
            const element = v128.load32Splat(4 * step + pixel * from.x, get(pa));
            pair.forEach((local, half) => {
              const factor = half === 0 ? tee(x, element) : get(x);
              f.emit(set(local, f.multiplyAdd(factor, get(rows[half]!), get(local))));
            });
          });
        },
        () => f.emit(set(pa, i32.add(get(pa), i32.const(4 * unroll)))),
      );
      // The loop may end within an iteration, before it has moved the pointer.
      f.emit(set(pb, get(end)), set(tap, i32.add(get(tap), i32.const(from.j))));
    });
    f.emit(set(tapRow, i32.add(get(tapRow), i32.const(from.i))));
  });
  sums.forEach((pair, pixel) => {
    for (const half of [...halves].reverse()) {
      storeLanes(f, pixel * to.x + 16 * half, get(c), pair[half]!, Math.min(4, valid - 4 * half));
    }
  });
}

import { PANEL_ROW, type TensorLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set, tee, v128, whenElse } from "../../wasm/instructions.js";
import type { FunctionBuilder, ModuleBuilder } from "../../wasm/module.js";

/** Layout of a matrix in panels of 32 columns. The rows of a signal count as adjacent panels in the row. */
export interface PanelShape {
  /** Bytes from one row to the next. */
  readonly row: number;
  /** Bytes from one panel to the next. */
  readonly panel: number;
}

export const tensorPanels = ({ panelBytes }: TensorLayout): PanelShape => ({ row: PANEL_ROW, panel: panelBytes });
export const rowPanels = (rowBytes: number): PanelShape => ({ row: rowBytes, panel: PANEL_ROW });

/** Initial value of the rows of a product: zero, or the bias at this address (one number, or one per column). */
export type Start = "zero" | { readonly address: number; readonly columns: number };

/** Four columns of a start: register `register` of the columns from byte offset `column` of a row. */
export function startOf(start: Start, column: number, register: number): Code {
  if (start === "zero") return f32x4.const(0);
  if (start.columns === 1) return v128.load32Splat(start.address, i32.const(0));
  return v128.load(start.address + 16 * register, get(column));
}

/** Strides in bytes of c[r, n] = start + sum_k a[r, k] b[k, n]. */
export interface ProductShape {
  /** From a[r, k] to a[r + 1, k]. */
  readonly aRow: number;
  /** From a[r, k] to a[r, k + 1]. */
  readonly aDepth: number;
  readonly b: PanelShape;
  readonly c: PanelShape;
  /** Columns of c, a multiple of 8. */
  readonly columns: number;
  /** Initial value of c; `present`: the value in memory. */
  readonly start: Start | "present";
}

/** Rows per tile; with two registers of columns its eight sums hide the latency of an addition. */
const TILE_ROWS = 4;
/** Depth that is summed before the next rows start, so that a slice of b stays in the first-level cache. */
const DEPTH = 128;
/** Depth steps per iteration of the inner loop. */
const UNROLL = 4;

/**
 * Function (a, b, c, rows, depth) that computes a product of the given shape with tiles of 4 rows by 8 columns. Every
 * element is summed in order of depth, for any number of rows, so threads may share the rows in any way.
 */
export function productFunction(module: ModuleBuilder, shape: ProductShape): number {
  return module.once(`product ${JSON.stringify(shape)}`, () => {
    const { i32: word } = TYPE;
    return module.function({ parameters: [word, word, word, word, word], results: [] }, (f, a, b, c, rows, depth) =>
      writeProduct(f, shape, { a: a!, b: b!, c: c!, rows: rows!, depth: depth! }),
    );
  });
}

interface Operands {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly rows: number;
  readonly depth: number;
}

function writeProduct(f: FunctionBuilder, shape: ProductShape, { a, b, c, rows, depth }: Operands): void {
  const chunk = f.i32();
  const tail = f.i32();
  const minimum = (x: Code, limit: number): void => {
    f.emit(set(chunk, x));
    f.if(i32.gtU(get(chunk), i32.const(limit)), () => f.emit(set(chunk, i32.const(limit))));
  };
  const first = f.let(TYPE.i32, i32.const(0));
  const slice = (): void => {
    minimum(i32.sub(get(depth), get(first)), DEPTH);
    f.range(i32.const(0), i32.const(shape.columns * 4), 32, (column) => {
      const aRow = f.let(TYPE.i32, i32.add(get(a), i32.mul(get(first), i32.const(shape.aDepth))));
      const bFirst = i32.add(get(b), i32.mul(get(first), i32.const(shape.b.row)));
      const bStart = f.let(TYPE.i32, i32.add(bFirst, inPanels(shape.b, column)));
      const cRow = f.let(TYPE.i32, i32.add(get(c), inPanels(shape.c, column)));
      f.emit(set(tail, get(rows)));
      const tile = (tileRows: number) => (): void => {
        writeTile(f, shape, tileRows, { aRow, bStart, cRow, column, first, chunk });
        f.emit(set(aRow, i32.add(get(aRow), i32.const(shape.aRow * tileRows))));
        f.emit(set(cRow, i32.add(get(cRow), i32.const(shape.c.row * tileRows))));
        f.emit(set(tail, i32.sub(get(tail), i32.const(tileRows))));
      };
      f.while(i32.geU(get(tail), i32.const(TILE_ROWS)), tile(TILE_ROWS));
      f.while(get(tail), tile(1));
    });
    f.emit(set(first, i32.add(get(first), i32.const(DEPTH))));
  };
  // The first slice runs even if the depth is 0, so that c is always written.
  slice();
  f.while(i32.ltU(get(first), get(depth)), slice);
}

/** Offset of the column at byte offset `column` of a row of numbers. */
function inPanels({ panel }: PanelShape, column: number): Code {
  if (panel === PANEL_ROW) return get(column);
  const index = i32.shrU(get(column), i32.const(Math.log2(PANEL_ROW)));
  return i32.add(i32.mul(index, i32.const(panel)), i32.and(get(column), i32.const(PANEL_ROW - 1)));
}

interface Tile {
  readonly aRow: number;
  readonly bStart: number;
  readonly cRow: number;
  readonly column: number;
  readonly first: number;
  readonly chunk: number;
}

function writeTile(f: FunctionBuilder, shape: ProductShape, rows: number, tile: Tile): void {
  const { aRow, bStart, cRow, column, first, chunk } = tile;
  const sums = Array.from({ length: rows * 2 }, () => f.v128());
  const fill = (value: (r: number, half: number) => Code): Code =>
    sums.flatMap((sum, i) => [...set(sum, value(i >> 1, i & 1))]);
  const present = (r: number, half: number): Code => v128.load(r * shape.c.row + 16 * half, get(cRow));
  const { start } = shape;
  const initial = start === "present" ? present : (_: number, half: number): Code => startOf(start, column, half);
  f.emit(whenElse(get(first), fill(present), fill(initial)));

  const pa = f.let(TYPE.i32, get(aRow));
  const pb = f.let(TYPE.i32, get(bStart));
  const end = f.let(TYPE.i32, i32.add(get(pb), i32.mul(get(chunk), i32.const(shape.b.row))));
  const [low, high, x] = [f.v128(), f.v128(), f.v128()];
  f.stride(
    { pointer: pb, end, bytes: shape.b.row, unroll: UNROLL },
    (k) => {
      f.emit(set(low, v128.load(k * shape.b.row, get(pb))), set(high, v128.load(k * shape.b.row + 16, get(pb))));
      for (let r = 0; r < rows; r++) {
        const element = v128.load32Splat(k * shape.aDepth + r * shape.aRow, get(pa));
        f.emit(set(sums[2 * r]!, f.multiplyAdd(tee(x, element), get(low), get(sums[2 * r]!))));
        f.emit(set(sums[2 * r + 1]!, f.multiplyAdd(get(x), get(high), get(sums[2 * r + 1]!))));
      }
    },
    () => f.emit(set(pa, i32.add(get(pa), i32.const(UNROLL * shape.aDepth)))),
  );
  sums.forEach((sum, i) => {
    f.emit(v128.store((i >> 1) * shape.c.row + 16 * (i & 1), get(cRow), get(sum)));
  });
}

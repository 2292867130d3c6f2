import { computedColumns, type SignalLayout } from "../../compile/layout.js";
import { TYPE } from "../../wasm/encoding.js";
import { call, get, i32 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import type { Block, KernelContext } from "../codegen/kernel-context.js";
import { productFunction, rowPanels, tensorPanels } from "./gemm.js";
import { type RowOperands, sparseBytes, sparseProduct, whereSparse } from "./input-sparse-product.js";

/** Smallest width at which checking for zeros is worthwhile. */
const WIDE = 32;

/** Bytes of the workspace per sample that the choice of a product needs; undefined if it is not worthwhile. */
export const choiceBytes = ({ rows, width }: Pick<SignalLayout, "rows" | "width">): number | undefined =>
  width >= WIDE ? sparseBytes(rows) : undefined;

/** Index of the function of the dense product of rows of values and a matrix. */
export const denseProduct = (
  { module }: KernelContext,
  { input, output, matrix, start }: Omit<RowOperands, "rows" | "from" | "to">,
): number =>
  productFunction(module, {
    aRow: input.rowBytes,
    aDepth: 4,
    b: tensorPanels(matrix),
    c: rowPanels(output.rowBytes),
    columns: computedColumns(output.width),
    start: start === "zero" ? "zero" : { address: start.address, columns: start.columns },
  });

/** Runs the body for the rows of a block: all rows at once if a sample is one row, else the rows of each sample. */
export function eachRowRange(
  f: FunctionBuilder,
  block: Block,
  rows: number,
  body: (sample: number, rows: number) => void,
): void {
  if (rows === 1) body(block.b0, f.let(TYPE.i32, i32.sub(get(block.b1), get(block.b0))));
  else block.each(f, (b) => body(b, f.let(TYPE.i32, i32.const(rows))));
}

/** A dense or sparse product of some rows, whichever is faster for the actual values. */
export function denseOrSparseProduct(
  f: FunctionBuilder,
  context: KernelContext,
  dense: number,
  operands: RowOperands,
  workspace: number | undefined,
): void {
  const { matrix, rows, from, to } = operands;
  const callDense = (): void =>
    f.emit(call(dense, get(from), i32.const(matrix.address), get(to), get(rows), i32.const(matrix.rows)));
  if (workspace === undefined) callDense();
  else {
    const sparse = (): void => sparseProduct(f, { ...operands, listTables: context.listTables, workspace });
    whereSparse(f, operands, { sparse, dense: callDense });
  }
}

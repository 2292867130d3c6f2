import { computedColumns, PANEL_ROW, roundUp, type SignalLayout } from "../../compile/layout.js";
import { TYPE } from "../../wasm/encoding.js";
import { call, f32, f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { columnOffset, eachSlice, type KernelContext, runSamples, synapseKernel } from "../codegen/kernel-context.js";
import { productFunction, rowPanels, tensorPanels } from "./gemm.js";
import { addMultiples, ENTRY, WORTH_LISTING } from "./input-sparse-product.js";

interface GradientNames {
  readonly from: string;
  readonly error: string;
  readonly delayed: boolean;
  readonly to: string;
  /** Region for the non-zero values of each input (see `listedBytes`), if samples are one row. */
  readonly listed: string | undefined;
}

const inputBytes = (batch: number): number => roundUp(4 + batch * ENTRY, 16);

/** Bytes of the lists of all inputs: for each the end of its entries, then the entries. */
export const listedBytes = (inputs: number, batch: number): number => inputs * inputBytes(batch);

/**
 * gradient[i, :] = the sum over rows of from[row, i] times error[row, :]; items are inputs. With `delayed`, the value
 * of step t - 1 is multiplied by the error of step t, and the error of step 0 by nothing. If samples are one row and
 * enough values of some inputs are 0, only the others are multiplied; the sums are bit-identical.
 */
export function gradedWeightGradient(context: KernelContext, name: string, names: GradientNames, batch: number): void {
  const input = context.signal(names.from);
  const errors = context.signal(names.error);
  const matrix = context.tensor(names.to);
  const shape = {
    aRow: 4,
    aDepth: input.rowBytes,
    b: rowPanels(errors.rowBytes),
    c: tensorPanels(matrix),
    columns: computedColumns(matrix.columns),
  };
  const fresh = productFunction(context.module, { ...shape, start: "zero" });
  const onTop = productFunction(context.module, { ...shape, start: "present" });
  synapseKernel(context, name, (f, first, last) => {
    const a = f.let(TYPE.i32, i32.add(i32.const(input.address), i32.shl(get(first), i32.const(2))));
    const c = f.let(TYPE.i32, i32.add(i32.const(matrix.address), i32.mul(get(first), i32.const(PANEL_ROW))));
    const rows = f.let(TYPE.i32, i32.sub(get(last), get(first)));
    if (names.delayed) {
      const depth = i32.const(input.rows - 1);
      const b = f.let(TYPE.i32, i32.const(errors.address + errors.rowBytes));
      f.emit(call(fresh, get(a), get(b), get(c), get(rows), depth));
      f.range(i32.const(1), runSamples(), 1, () => {
        f.emit(set(a, i32.add(get(a), i32.const(input.sampleBytes))));
        f.emit(set(b, i32.add(get(b), i32.const(errors.sampleBytes))));
        f.emit(call(onTop, get(a), get(b), get(c), get(rows), depth));
      });
      return;
    }
    const dense = (): void => {
      const depth = i32.mul(runSamples(), i32.const(input.rows));
      f.emit(call(fresh, get(a), i32.const(errors.address), get(c), get(rows), depth));
    };
    if (names.listed === undefined) {
      dense();
      return;
    }
    const lists = f.let(
      TYPE.i32,
      i32.add(i32.const(context.region(names.listed)), i32.mul(get(first), i32.const(inputBytes(batch)))),
    );
    const entries = listValues(f, input, errors, { a, rows, lists, batch });
    const most = i32.mul(i32.mul(get(rows), runSamples()), i32.const(Math.floor(WORTH_LISTING * 256)));
    const sparse = (): void => {
      const list = f.i32();
      const target = f.i32();
      eachSlice(f, matrix.columns, (column, registers) => {
        const sums = Array.from({ length: registers }, () => f.v128());
        const base = f.let(TYPE.i32, i32.add(i32.const(errors.address), get(column)));
        f.emit(set(list, get(lists)), set(target, i32.add(get(c), columnOffset(matrix, get(column)))));
        f.range(i32.const(0), get(rows), 1, () => {
          for (const sum of sums) f.emit(set(sum, f32x4.const(0)));
          const entry = f.let(TYPE.i32, i32.add(get(list), i32.const(4)));
          addMultiples(f, sums, { entry, end: f.let(TYPE.i32, i32.load(0, get(list))), base });
          sums.forEach((sum, j) => {
            f.emit(v128.store(16 * j, get(target), get(sum)));
          });
          f.emit(set(list, i32.add(get(list), i32.const(inputBytes(batch)))));
          f.emit(set(target, i32.add(get(target), i32.const(PANEL_ROW))));
        });
      });
    };
    f.ifElse(i32.ltU(i32.shl(get(entries), i32.const(8)), most), sparse, dense);
  });
}

/** Lists, for some inputs, the samples in which their value is not 0; returns a local with the number of entries. */
function listValues(
  f: FunctionBuilder,
  input: SignalLayout,
  errors: SignalLayout,
  { a, rows, lists, batch }: { a: number; rows: number; lists: number; batch: number },
): number {
  const entries = f.let(TYPE.i32, i32.const(0));
  const list = f.let(TYPE.i32, get(lists));
  const column = f.let(TYPE.i32, get(a));
  f.range(i32.const(0), get(rows), 1, () => {
    const entry = f.let(TYPE.i32, i32.add(get(list), i32.const(4)));
    const value = f.let(TYPE.i32, get(column));
    f.range(i32.const(0), i32.mul(runSamples(), i32.const(errors.rowBytes)), errors.rowBytes, (offset) => {
      const x = f.let(TYPE.f32, f32.load(0, get(value)));
      f.emit(i32.store(0, get(entry), get(offset)), f32.store(4, get(entry), get(x)));
      f.emit(set(entry, i32.add(get(entry), i32.shl(f32.ne(get(x), f32.const(0)), i32.const(3)))));
      f.emit(set(value, i32.add(get(value), i32.const(input.rowBytes))));
    });
    f.emit(i32.store(0, get(list), get(entry)));
    const written = i32.shrU(i32.sub(get(entry), i32.add(get(list), i32.const(4))), i32.const(3));
    f.emit(set(entries, i32.add(get(entries), written)));
    f.emit(set(list, i32.add(get(list), i32.const(inputBytes(batch)))));
    f.emit(set(column, i32.add(get(column), i32.const(4))));
  });
  return entries;
}

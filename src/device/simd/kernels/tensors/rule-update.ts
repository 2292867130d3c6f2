import type { Update } from "../../../contract.js";
import { PANEL_ROW, roundUp, type TensorLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { get, i32, i32x4, set, v128 } from "../../wasm/instructions.js";
import { FormulaEmitter } from "../codegen/formulas.js";
import { columnOffset, eachSlice, type KernelContext, synapseKernel } from "../codegen/kernel-context.js";
import { hoist, lookUp } from "../codegen/unit-groups.js";

/** The elementwise update of an optimizer; items are rows of the tensor. */
export function update(context: KernelContext, name: string, operation: Update): void {
  const { rule, states, factor } = operation;
  const weight = context.tensor(operation.weight);
  const read = new Map<string, TensorLayout>([
    ["weight", weight],
    ["gradient", context.tensor(operation.gradient)],
    ...rule.states.map((state): [string, TensorLayout] => [state, context.tensor(states[state]!)]),
  ]);
  const factors = factor === undefined ? undefined : context.tensor(factor);
  const written = ["weight", ...rule.states];
  synapseKernel(context, name, (f, first, last) => {
    const uniforms = new Map<string, Code>(
      rule.uniforms.map((uniform) => {
        const address = context.scalar(operation.uniforms[uniform]!);
        return [uniform, get(f.let(TYPE.v128, v128.load32Splat(address, i32.const(0))))];
      }),
    );
    const hoisted = hoist(f, context, uniforms, Object.values(rule.formulas));
    const step = (at: number, column: number): void => {
      const symbols = new Map<string, Code>();
      for (const [symbol, { address }] of read) {
        symbols.set(symbol, get(f.let(TYPE.v128, v128.load(address, get(at)))));
      }
      if (factors !== undefined) {
        const value =
          factors.columns === 1
            ? v128.load32Splat(factors.address, i32.const(0))
            : v128.load(factors.address, get(column));
        symbols.set("factor", get(f.let(TYPE.v128, value)));
      }
      const emitter = new FormulaEmitter(f, lookUp(symbols, uniforms), context.host);
      emitter.adopt(hoisted);
      const values = written.map((result) => emitter.value(rule.formulas[result]!));
      written.forEach((result, index) => {
        f.emit(v128.store(read.get(result)!.address, get(at), values[index]!));
      });
    };
    // Panel after panel, so that memory is read in order.
    eachSlice(f, weight.columns, (slice, registers) => {
      const start = f.let(TYPE.i32, columnOffset(weight, get(slice)));
      f.range(get(first), get(last), 1, (row) => {
        const at = f.let(TYPE.i32, i32.add(get(start), i32.mul(get(row), i32.const(PANEL_ROW))));
        f.range(get(slice), i32.add(get(slice), i32.const(16 * registers)), 16, (column) => {
          step(at, column);
          f.emit(set(at, i32.add(get(at), i32.const(16))));
        });
      });
    });
  });
}

/** Copies a tensor, transposed, to a region; items are groups of four rows of the tensor. */
export function transpose(context: KernelContext, name: string, tensor: string, region: string): void {
  const from = context.tensor(tensor);
  const to = context.transposed(tensor, region);
  synapseKernel(context, name, (f, first, last) => {
    const rows = [0, 1, 2, 3].map(() => f.v128());
    f.range(get(first), get(last), 1, (group) => {
      const source = f.let(TYPE.i32, i32.mul(get(group), i32.const(4 * PANEL_ROW)));
      const target = f.let(TYPE.i32, columnOffset(to, i32.shl(get(group), i32.const(4))));
      f.range(i32.const(0), i32.const(roundUp(from.columns, 4) * 4), 16, (column) => {
        const at = f.let(TYPE.i32, i32.add(get(source), columnOffset(from, get(column))));
        rows.forEach((row, i) => {
          f.emit(set(row, v128.load(from.address + i * PANEL_ROW, get(at))));
        });
        transposed(rows.map((row) => get(row))).forEach((column, i) => {
          f.emit(v128.store(to.address + i * PANEL_ROW, get(target), column));
        });
        f.emit(set(target, i32.add(get(target), i32.const(4 * PANEL_ROW))));
      });
    });
  });
}

/** The columns of a square of sixteen numbers, given by its rows. */
export function transposed(rows: readonly Code[]): Code[] {
  const [r0, r1, r2, r3] = rows as [Code, Code, Code, Code];
  const low = [i32x4.shuffle([0, 4, 1, 5], r0, r1), i32x4.shuffle([0, 4, 1, 5], r2, r3)] as const;
  const high = [i32x4.shuffle([2, 6, 3, 7], r0, r1), i32x4.shuffle([2, 6, 3, 7], r2, r3)] as const;
  return [
    i32x4.shuffle([0, 1, 4, 5], ...low),
    i32x4.shuffle([2, 3, 6, 7], ...low),
    i32x4.shuffle([0, 1, 4, 5], ...high),
    i32x4.shuffle([2, 3, 6, 7], ...high),
  ];
}

import type { Rescale } from "../../../contract.js";
import { f64x2 } from "../../wasm/doubles.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32, f32x4, get, i32, i32x4, set, v128 } from "../../wasm/instructions.js";
import { FormulaEmitter, keepValid } from "../codegen/formulas.js";
import { eachGroup, type KernelContext, runSamples, sampleKernel, synapseKernel } from "../codegen/kernel-context.js";
import { lookUp } from "../codegen/unit-groups.js";
import { doubles, singles } from "./channel-sums.js";

/** Bytes of a sample's sum: a vector of two doubles. */
export const SUM_BYTES = 16;
/** Bytes of the factor: a vector of four times the same number. */
export const RESCALE_BYTES = 16;

/** The sum of the sizes of each sample's values, in double precision. */
export function sumOfSizes(context: KernelContext, name: string, signal: string, sums: string): void {
  const from = context.signal(signal);
  const to = context.signal(sums);
  sampleKernel(context, name, (f, block) => {
    const sum = f.v128();
    block.each(f, (b) => {
      const row = f.let(TYPE.i32, block.sample(from, get(b)));
      f.emit(set(sum, f64x2.const(0)));
      f.range(i32.const(0), i32.const(from.rows), 1, () => {
        eachGroup(f, from.width, (unit, valid) => {
          for (const half of [0, 1] as const) {
            const loaded = v128.load(16 * half, i32.add(get(row), get(unit)));
            const size = f.let(TYPE.v128, f32x4.abs(keepValid(loaded, valid, 4 * half)));
            for (const part of doubles(size)) f.emit(set(sum, f64x2.add(get(sum), part)));
          }
        });
        f.emit(set(row, i32.add(get(row), i32.const(from.rowBytes))));
      });
      f.emit(v128.store(0, block.sample(to, get(b)), get(sum)));
    });
  });
}

/** The factor of the run, from the sums of its samples in their order; one item. */
export function rescaleFactor(
  context: KernelContext,
  name: string,
  { from, formula, reference, size }: Rescale,
  { sums, factor }: { sums: string; factor: string },
): void {
  const { rows, width } = context.signal(from);
  const layout = context.signal(sums);
  synapseKernel(context, name, (f) => {
    const sum = f.let(TYPE.v128, f64x2.const(0));
    const at = f.let(TYPE.i32, i32.const(layout.address));
    f.range(i32.const(0), runSamples(), 1, () => {
      f.emit(set(sum, f64x2.add(get(sum), v128.load(0, get(at)))));
      f.emit(set(at, i32.add(get(at), i32.const(layout.sampleBytes))));
    });
    const swapped = i32x4.shuffle([2, 3, 0, 1], get(sum), get(sum));
    const total = f64x2.add(get(sum), swapped);
    const count = f64x2.mul(f64x2.convertLow(i32x4.splat(runSamples())), f64x2.const(rows * width));
    const both = f.let(TYPE.v128, f64x2.div(total, count));
    const mean = get(f.let(TYPE.v128, singles([get(both), get(both)])));
    const symbols = new Map<string, Code>([["mean", mean]]);
    if (reference !== undefined) {
      const other = v128.load32Splat(context.tensor(reference).address, i32.const(0));
      symbols.set("reference", get(f.let(TYPE.v128, other)));
    }
    const scale = f.let(TYPE.v128, new FormulaEmitter(f, lookUp(symbols), context.host).value(formula));
    f.emit(v128.store(context.region(factor), i32.const(0), get(scale)));
    const mass = f32x4.extract(0, f32x4.mul(mean, f32x4.abs(get(scale))));
    f.emit(f32.store(context.tensor(size).address, i32.const(0), mass));
  });
}

/** to = factor * from. */
export function rescale(context: KernelContext, name: string, operation: Rescale, factor: string): void {
  const from = context.signal(operation.from);
  const to = context.signal(operation.to);
  sampleKernel(context, name, (f, block) => {
    const scale = f.let(TYPE.v128, v128.load(context.region(factor), i32.const(0)));
    block.each(f, (b) => {
      const source = f.let(TYPE.i32, block.sample(from, get(b)));
      const target = f.let(TYPE.i32, block.sample(to, get(b)));
      f.range(i32.const(0), i32.const(from.rows), 1, () => {
        eachGroup(f, from.width, (unit, valid) => {
          for (const half of [1, 0]) {
            const loaded = v128.load(16 * half, i32.add(get(source), get(unit)));
            const scaled = keepValid(f32x4.mul(loaded, get(scale)), valid, 4 * half);
            f.emit(v128.store(16 * half, i32.add(get(target), get(unit)), scaled));
          }
        });
        f.emit(set(source, i32.add(get(source), i32.const(from.rowBytes))));
        f.emit(set(target, i32.add(get(target), i32.const(to.rowBytes))));
      });
    });
  });
}

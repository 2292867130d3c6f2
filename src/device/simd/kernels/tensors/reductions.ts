import type { Readout, Reduce } from "../../../contract.js";
import { PANEL_ROW, type SignalLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32, f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { keepValid } from "../codegen/formulas.js";
import {
  columnOffset,
  eachGroup,
  firstStep,
  type KernelContext,
  runSamples,
  sampleKernel,
  synapseKernel,
} from "../codegen/kernel-context.js";
import { baselineList, eachStep, type ListEnds } from "../spikes/index-lists.js";
import { clear } from "./clear.js";

/**
 * to[b, :] = scale times the sum over steps, or the last step. With `accumulate`, the sum is added to the earlier
 * value if the run continues a stream. `workspace` names one row per sample in which spikes are counted.
 */
export function readout(
  context: KernelContext,
  name: string,
  operation: Readout,
  { accumulate, workspace }: { accumulate: boolean; workspace: string },
): void {
  const from = context.signal(operation.from);
  const to = context.signal(operation.to);
  const first = operation.kind === "last" ? from.rows - 1 : 0;
  const { scale } = operation;
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => {
      const source = f.let(TYPE.i32, block.sample(from, get(b)));
      const target = f.let(TYPE.i32, block.sample(to, get(b)));
      if (operation.kind === "sum" && accumulate) {
        f.if(i32.eqz(firstStep()), () => clear(f, target, to.rowBytes));
      } else clear(f, target, to.rowBytes);
      if (from.kind === "values") {
        sumRows(f, from, { source, target, first, scale });
        return;
      }
      const layout = context.signal(workspace);
      const counts = f.let(TYPE.i32, block.sample(layout, get(b)));
      clear(f, counts, layout.rowBytes);
      countSpikes(f, from, { source, counts, first });
      sumRows(f, layout, { source: counts, target, first: 0, scale });
    });
  });
}

/** Counts the spikes of every unit. */
function countSpikes(
  f: FunctionBuilder,
  from: SignalLayout,
  { source, counts, first }: { source: number; counts: number; first: number },
): void {
  const add = (ends: ListEnds, spikes: number): void =>
    f.range(get(ends.from), get(ends.to), 2, (at) => {
      const address = f.let(TYPE.i32, i32.add(get(counts), i32.shl(i32.load16u(0, get(at)), i32.const(2))));
      f.emit(f32.store(0, get(address), f32.add(f32.load(0, get(address)), f32.const(spikes))));
    });
  add(baselineList(f, from, source), from.rows - first);
  eachStep(f, source, { first, last: from.rows }, ({ added, removed }) => {
    add(added, 1);
    add(removed, -1);
  });
}

interface Sum {
  readonly source: number;
  readonly target: number;
  readonly first: number;
  readonly scale: number;
}

function sumRows(f: FunctionBuilder, from: SignalLayout, { source, target, first, scale }: Sum): void {
  f.range(i32.const(0), i32.const(from.padded * 4), 16, (unit) => {
    const sum = f.let(TYPE.v128, f32x4.const(0));
    f.range(i32.const(first * from.rowBytes), i32.const(from.rows * from.rowBytes), from.rowBytes, (row) => {
      f.emit(set(sum, f32x4.add(get(sum), v128.load(0, i32.add(i32.add(get(source), get(unit)), get(row))))));
    });
    const at = i32.add(get(target), get(unit));
    f.emit(v128.store(0, at, f32x4.add(v128.load(0, at), f32x4.mul(get(sum), f32x4.const(scale)))));
  });
}

/**
 * to[b, :] = the sum of a signal over steps from `first`: the error for a presynaptic value that is the same at every
 * step.
 */
export function sumOverSteps(
  context: KernelContext,
  name: string,
  { from, to, first }: { from: string; to: string; first: number },
): void {
  const source = context.signal(from);
  const layout = context.signal(to);
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => {
      const target = f.let(TYPE.i32, block.sample(layout, get(b)));
      clear(f, target, layout.rowBytes);
      sumRows(f, source, { source: f.let(TYPE.i32, block.sample(source, get(b))), target, first, scale: 1 });
    });
  });
}

/** Sums a signal over samples and steps, into the address `target`; items are groups of eight units. */
export function unitGradient(context: KernelContext, name: string, signal: string, target: number): void {
  const from = context.signal(signal);
  synapseKernel(context, name, (f, first, last) => {
    const end = f.let(TYPE.i32, i32.mul(runSamples(), i32.const(from.rows * from.rowBytes)));
    f.range(i32.shl(get(first), i32.const(5)), i32.shl(get(last), i32.const(5)), 32, (unit) => {
      const sums = [0, 16].map((offset) => ({ offset, sum: f.let(TYPE.v128, f32x4.const(0)) }));
      f.range(i32.const(0), get(end), from.rowBytes, (row) => {
        for (const { offset, sum } of sums) {
          f.emit(set(sum, f32x4.add(get(sum), v128.load(from.address + offset, i32.add(get(row), get(unit))))));
        }
      });
      for (const { offset, sum } of sums) f.emit(v128.store(target + offset, get(unit), get(sum)));
    });
  });
}

/** Writes the sum of `count` numbers of a region to the first element of a tensor; one item. */
export function sumOfRow(
  context: KernelContext,
  name: string,
  { region, count, to }: { region: string; count: number; to: string },
): void {
  const target = context.tensor(to);
  const start = context.region(region);
  synapseKernel(context, name, (f) => {
    const sum = f.let(TYPE.f32, f32.const(0));
    f.range(i32.const(0), i32.const(count * 4), 4, (at) => {
      f.emit(set(sum, f32.add(get(sum), f32.load(start, get(at)))));
    });
    f.emit(f32.store(target.address, i32.const(0), get(sum)));
  });
}

/** `absoluteColumns`: to[0, n] = sum_i |from[i, n]|; items are panels, whose memory is read from end to end. */
export function absoluteColumns(context: KernelContext, name: string, operation: Reduce): void {
  const from = context.tensor(operation.from);
  const to = context.tensor(operation.to);
  synapseKernel(context, name, (f, first, last) => {
    f.range(get(first), get(last), 1, (panel) => {
      const sums = Array.from({ length: PANEL_ROW / 16 }, () => f.let(TYPE.v128, f32x4.const(0)));
      const start = f.let(TYPE.i32, i32.mul(get(panel), i32.const(from.panelBytes)));
      const end = f.let(TYPE.i32, i32.add(get(start), i32.const(from.rows * PANEL_ROW)));
      f.range(get(start), get(end), PANEL_ROW, (row) => {
        sums.forEach((sum, i) => {
          f.emit(set(sum, f32x4.add(get(sum), f32x4.abs(v128.load(from.address + 16 * i, get(row))))));
        });
      });
      const target = f.let(TYPE.i32, i32.mul(get(panel), i32.const(PANEL_ROW)));
      sums.forEach((sum, i) => {
        f.emit(v128.store(to.address + 16 * i, get(target), get(sum)));
      });
    });
  });
}

/** Writes the sum of squares of every row of a tensor to a region; items are rows. `sumOfRow` adds them up. */
export function squaresOfRows(context: KernelContext, name: string, operation: Reduce, region: string): void {
  const from = context.tensor(operation.from);
  const partials = context.region(region);
  synapseKernel(context, name, (f, first, last) => {
    f.range(get(first), get(last), 1, (row) => {
      const start = f.let(TYPE.i32, i32.mul(get(row), i32.const(PANEL_ROW)));
      const sum = f.let(TYPE.v128, f32x4.const(0));
      eachGroup(f, from.columns, (column, valid) => {
        for (const half of [0, 1] as const) {
          const loaded = v128.load(from.address + 16 * half, i32.add(get(start), columnOffset(from, get(column))));
          const x = f.let(TYPE.v128, keepValid(loaded, valid, 4 * half));
          f.emit(set(sum, f32x4.add(get(sum), f32x4.mul(get(x), get(x)))));
        }
      });
      const lane = (i: number): Code => f32x4.extract(i, get(sum));
      const total = f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3)));
      f.emit(f32.store(partials, i32.shl(get(row), i32.const(2)), total));
    });
  });
}

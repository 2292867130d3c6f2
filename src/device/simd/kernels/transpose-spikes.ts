import { packedRows } from "../layout.js";
import { TYPE } from "../wasm/encoding.js";
import { get, i32, set } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";
import { type KernelContext, sampleKernel } from "./context.js";
import { SUBTRACT } from "./listed-rows.js";
import { habitList, type ListEnds, rowLists } from "./spike-list.js";

/**
 * Turns the spikes of a block of samples round, from the inputs of every row to the rows of every input, by counting sort.
 * Rows are those of packed errors: for every sample of the block its steps, then the sum of them, which stands for a habit.
 * Leaves for every input i the byte offset of its first entry, so that its entries are from offset i to offset i + 1; rows to be
 * subtracted are marked. With `delayed`, the spikes of step t are entered at the row of step t + 1.
 */
export function transposeSpikes(
  context: KernelContext,
  name: string,
  { from, lists, delayed }: { from: string; lists: string; delayed: boolean },
): void {
  const spikes = context.signal(from);
  const shape = context.signal(lists);
  const rows = delayed ? spikes.rows - 1 : spikes.rows;
  sampleKernel(context, name, (f, block) => {
    const offsets = f.let(TYPE.i32, block.sample(shape, get(block.b0)));
    const slot = f.i32();
    const row = f.i32();
    const entry = f.i32();
    const eachEntry = ({ from, to }: ListEnds, mark: number, body: (mark: number) => void): void => {
      f.emit(set(entry, get(from)));
      f.while(i32.ltU(get(entry), get(to)), () => {
        f.emit(set(slot, i32.add(get(offsets), i32.shl(i32.load16u(0, get(entry)), i32.const(2)))));
        body(mark);
        f.emit(set(entry, i32.add(get(entry), i32.const(2))));
      });
    };
    const eachSpike = (body: (mark: number) => void): void => {
      const first = f.let(TYPE.i32, i32.const(0));
      block.each(f, (b) => {
        const counts = f.let(TYPE.i32, block.sample(spikes, get(b)));
        const list = f.let(TYPE.i32, i32.add(get(counts), i32.const(spikes.countsBytes)));
        const habit = habitList(f, spikes, get(counts));
        f.emit(set(row, i32.add(get(first), i32.const(spikes.rows))));
        eachEntry(habit, 0, body);
        // The first step's error meets nothing, but is part of the sum.
        f.emit(set(row, get(first)));
        if (delayed) eachEntry(habit, SUBTRACT, body);
        if (delayed) f.emit(set(row, i32.add(get(row), i32.const(1))));
        f.range(i32.const(0), i32.const(rows), 1, () => {
          const { fired, silent } = rowLists(f, spikes, get(counts), get(list));
          eachEntry(fired, 0, body);
          eachEntry(silent, SUBTRACT, body);
          f.emit(set(counts, i32.add(get(counts), i32.const(4))));
          f.emit(set(list, i32.add(get(list), i32.const(spikes.rowBytes))));
          f.emit(set(row, i32.add(get(row), i32.const(1))));
        });
        f.emit(set(first, i32.add(get(first), i32.const(packedRows(spikes.rows)))));
      });
    };
    // Count the entries of input i in slot i + 1, add up to where input i starts, and let every start move to its end.
    eachWord(f, offsets, shape.width + 1, (at) => f.emit(i32.store(0, get(at), i32.const(0))));
    eachSpike(() => f.emit(i32.store(4, get(slot), i32.add(i32.load(4, get(slot)), i32.const(2)))));
    const sum = f.let(TYPE.i32, i32.const(0));
    const count = f.i32();
    eachWord(f, offsets, shape.width, (at) => {
      f.emit(set(count, i32.load(4, get(at))), i32.store(4, get(at), get(sum)));
      f.emit(set(sum, i32.add(get(sum), get(count))));
    });
    const entries = f.let(TYPE.i32, i32.add(get(offsets), i32.const(shape.countsBytes)));
    const place = f.i32();
    eachSpike((mark) => {
      f.emit(set(place, i32.load(4, get(slot))));
      const value = mark === 0 ? get(row) : i32.or(get(row), i32.const(mark));
      f.emit(i32.store16(0, i32.add(get(entries), get(place)), value));
      f.emit(i32.store(4, get(slot), i32.add(get(place), i32.const(2))));
    });
  });
}

/** Runs the body for `count` words from the address in local `start`. */
function eachWord(f: FunctionBuilder, start: number, count: number, body: (at: number) => void): void {
  f.range(get(start), i32.add(get(start), i32.const(count * 4)), 4, body);
}

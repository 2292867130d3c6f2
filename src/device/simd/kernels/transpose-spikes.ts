import { TYPE } from "../wasm/encoding.js";
import { get, i32, set } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";
import { type KernelContext, sampleKernel } from "./context.js";
import { blockLists } from "./gather.js";

/**
 * Turns the spikes of a block of samples round, from the inputs of every row to the rows of every input, by counting sort.
 * A row is (sample in the block) * steps + step. Leaves for every input i the byte offset of its first entry, so that its
 * entries are from offset i to offset i + 1. With `delayed`, the spikes of step t are entered at the row of step t + 1.
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
    const offsets = f.let(TYPE.i32, blockLists(block, context, lists));
    const slot = f.i32();
    const row = f.i32();
    const eachSpike = (body: () => void): void => {
      f.emit(set(row, i32.const(delayed ? 1 : 0)));
      block.each(f, (b) => {
        const counts = f.let(TYPE.i32, block.sample(spikes, get(b)));
        const list = f.let(TYPE.i32, i32.add(get(counts), i32.const(spikes.countsBytes)));
        f.range(i32.const(0), i32.const(rows), 1, () => {
          const entry = f.let(TYPE.i32, get(list));
          const end = f.let(TYPE.i32, i32.add(get(list), i32.shl(i32.load(0, get(counts)), i32.const(1))));
          f.while(i32.ltU(get(entry), get(end)), () => {
            f.emit(set(slot, i32.add(get(offsets), i32.shl(i32.load16u(0, get(entry)), i32.const(2)))));
            body();
            f.emit(set(entry, i32.add(get(entry), i32.const(2))));
          });
          f.emit(set(counts, i32.add(get(counts), i32.const(4))));
          f.emit(set(list, i32.add(get(list), i32.const(spikes.rowBytes))));
          f.emit(set(row, i32.add(get(row), i32.const(1))));
        });
        if (delayed) f.emit(set(row, i32.add(get(row), i32.const(1))));
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
    eachSpike(() => {
      f.emit(set(place, i32.load(4, get(slot))));
      f.emit(i32.store16(0, i32.add(get(entries), get(place)), get(row)));
      f.emit(i32.store(4, get(slot), i32.add(get(place), i32.const(2))));
    });
  });
}

/** Runs the body for `count` words from the address in local `start`. */
function eachWord(f: FunctionBuilder, start: number, count: number, body: (at: number) => void): void {
  f.range(get(start), i32.add(get(start), i32.const(count * 4)), 4, body);
}

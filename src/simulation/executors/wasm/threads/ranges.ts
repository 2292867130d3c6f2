import type { Code } from "../../../../device/simd/wasm/encoding.js";
import { get, i32 } from "../../../../device/simd/wasm/instructions.js";
import { paddedSize } from "../padding.js";

/** The thread that runs a function: the parameter with its number, and the number of threads. */
export interface Thread {
  readonly number: number;
  readonly count: number;
}

/** Neurons of a cache line in single precision: two threads never write to the same line. */
const LINE = 16;

/**
 * Shares out the neurons of a population: thread t computes those from number t up to number t + 1, and all synapses that
 * end at them. The last range has the padding. It depends on nothing but the size.
 */
export function rangesOf(size: number, threads: number): Uint32Array {
  const padded = paddedSize(size);
  const each = Math.ceil(padded / threads / LINE) * LINE;
  return Uint32Array.from({ length: threads + 1 }, (_, t) => (t === threads ? padded : Math.min(t * each, padded)));
}

/**
 * The first neuron of a thread and the one after the last.
 * @param ranges Address of the ranges.
 */
export function ownRange(thread: Thread, { ranges, padded }: { readonly ranges: number; readonly padded: number }) {
  if (thread.count === 1) return { from: i32.const(0), to: i32.const(padded) };
  const at = i32.shl(get(thread.number), i32.const(2));
  return { from: i32.load(ranges, at), to: i32.load(ranges + 4, at) };
}

/** Tells if a neuron is one of the thread's; undefined if all are. */
export function isOwn(
  neuron: Code,
  thread: Thread,
  layout: { readonly ranges: number; readonly padded: number },
): Code | undefined {
  if (thread.count === 1) return undefined;
  const { from, to } = ownRange(thread, layout);
  return i32.ltU(i32.sub(neuron, from), i32.sub(to, from));
}

/** The number of one of several equal tables, one per thread. */
export const ownNumber = ({ number, count }: Thread): Code => (count === 1 ? i32.const(0) : get(number));

/**
 * Where the part of each row begins that ends at the neurons of each thread: row i of thread t goes from number
 * `i * threads + t` up to the next one.
 * @param starts Where each row starts, and the end of the last one.
 * @param target The postsynaptic neuron at a place, ascending within a row.
 */
export function splitRows(starts: Uint32Array, target: (place: number) => number, ranges: Uint32Array): Uint32Array {
  const threads = ranges.length - 1;
  if (threads === 1) return starts;
  const rows = starts.length - 1;
  const split = new Uint32Array(rows * threads + 1);
  for (let i = 0; i < rows; i++) {
    split[i * threads] = starts[i]!;
    let low = starts[i]!;
    for (let t = 1; t < threads; t++) {
      let high = starts[i + 1]!;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (target(middle) < ranges[t]!) low = middle + 1;
        else high = middle;
      }
      split[i * threads + t] = low;
    }
  }
  split[rows * threads] = starts[rows]!;
  return split;
}

import { roundUp } from "../../compile/layout.js";
import { f64x2 } from "../../wasm/doubles.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { get, i32, i32x4, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { type KernelContext, runSamples, sampleKernel, synapseKernel } from "../codegen/kernel-context.js";

/**
 * Sums per channel over samples, rows and pixels, in double precision: first per sample, then over the samples in their
 * order, so that they do not depend on the division of samples among threads.
 */

/** Bytes of the sums of four channels: two vectors of doubles. */
const FOUR = 32;

/** Bytes of a sample's sums of `terms` quantities. */
export const channelSumsBytes = (channels: number, terms: number): number => (roundUp(channels, 4) / 4) * FOUR * terms;

/** The two low of four numbers in single precision, or the two high ones, in double precision. */
const promote = (value: number, half: 0 | 1): Code =>
  f64x2.promoteLow(half === 0 ? get(value) : i32x4.shuffle([2, 3, 2, 3], get(value), get(value)));

/** Codes of four numbers: two vectors of doubles. */
export type Doubles = readonly [low: Code, high: Code];

/** Both halves of a local in double precision. */
export const doubles = (value: number): Doubles => [promote(value, 0), promote(value, 1)];

/** A signal whose values are summed, or that is needed to compute the summed quantities. */
interface Summed {
  readonly signals: readonly string[];
  /** Signal that receives the sums of each sample. */
  readonly sums: string;
  readonly channels: number;
}

/**
 * Sums quantities over the rows and pixels of each sample. `prepare` runs once per four channels; it returns a function
 * that computes the quantities of a pixel from locals with the values of the signals.
 */
export function sampleSums(
  context: KernelContext,
  name: string,
  { signals, sums, channels }: Summed,
  terms: number,
  prepare: (f: FunctionBuilder, channel: Code) => (values: readonly number[]) => readonly Doubles[],
): void {
  const layouts = signals.map((signal) => context.signal(signal));
  const target = context.signal(sums);
  const [{ rows, width }] = layouts as [(typeof layouts)[0]];
  sampleKernel(context, name, (f, block) => {
    const locals = Array.from({ length: quadsTogether(terms) }, () => ({
      totals: Array.from({ length: terms }, () => [f.v128(), f.v128()] as const),
      values: layouts.map(() => f.v128()),
    }));
    block.each(f, (b) => {
      const starts = layouts.map((layout) => f.let(TYPE.i32, block.sample(layout, get(b))));
      const at = f.let(TYPE.i32, block.sample(target, get(b)));
      const sumQuads = (first: Code, count: number): void => {
        const quads = locals.slice(0, count).map((quad, q) => ({
          ...quad,
          offset: 16 * q,
          quantities: prepare(f, i32.add(first, i32.const(16 * q))),
        }));
        const totals = quads.flatMap((quad) => quad.totals);
        for (const pair of totals) for (const total of pair) f.emit(set(total, f64x2.const(0)));
        const lines = starts.map((start) => f.let(TYPE.i32, i32.add(get(start), first)));
        f.range(i32.const(0), i32.const(rows), 1, () => {
          f.range(i32.const(0), i32.const(width * 4), channels * 4, (pixel) => {
            for (const { totals: sums, values, offset, quantities } of quads) {
              values.forEach((value, i) => {
                f.emit(set(value, v128.load(offset, i32.add(get(lines[i]!), get(pixel)))));
              });
              quantities(values).forEach((codes, term) => {
                codes.forEach((code, half) => {
                  const total = sums[term]![half]!;
                  f.emit(set(total, f64x2.add(get(total), code)));
                });
              });
            }
          });
          lines.forEach((line, i) => {
            f.emit(set(line, i32.add(get(line), i32.const(layouts[i]!.rowBytes))));
          });
        });
        for (const pair of totals) {
          pair.forEach((total, half) => {
            f.emit(v128.store(16 * half, get(at), get(total)));
          });
          f.emit(set(at, i32.add(get(at), i32.const(FOUR))));
        }
      };
      const all = Math.ceil(channels / 4);
      const together = locals.length;
      const whole = Math.floor(all / together) * together;
      if (whole > 0)
        f.range(i32.const(0), i32.const(16 * whole), 16 * together, (first) => sumQuads(get(first), together));
      if (whole < all) sumQuads(i32.const(16 * whole), all - whole);
    });
  });
}

/** Groups of four channels that are summed together: their sums hide the latency of an addition, in eight registers. */
const quadsTogether = (terms: number): number => Math.max(1, Math.floor(4 / terms));

/**
 * Adds up the sums of the samples; items are groups of four channels. The body receives locals with the totals of each
 * quantity, the item's byte offset in a row of numbers, and the number of summed values as doubles.
 */
export function totalSums(
  context: KernelContext,
  name: string,
  { sums, terms, perSample }: { sums: string; terms: number; perSample: number },
  body: (f: FunctionBuilder, totals: readonly (readonly [number, number])[], channel: number, count: number) => void,
): void {
  const layout = context.signal(sums);
  synapseKernel(context, name, (f, first, last) => {
    const totals = Array.from({ length: terms }, () => [f.v128(), f.v128()] as const);
    const samples = f64x2.convertLow(i32x4.splat(runSamples()));
    const count = f.let(TYPE.v128, f64x2.mul(samples, f64x2.const(perSample)));
    f.range(get(first), get(last), 1, (item) => {
      for (const pair of totals) for (const total of pair) f.emit(set(total, f64x2.const(0)));
      const start = i32.add(i32.const(layout.address), i32.mul(get(item), i32.const(FOUR * terms)));
      const at = f.let(TYPE.i32, start);
      f.range(i32.const(0), runSamples(), 1, () => {
        totals.forEach((pair, term) => {
          pair.forEach((total, half) => {
            f.emit(set(total, f64x2.add(get(total), v128.load(FOUR * term + 16 * half, get(at)))));
          });
        });
        f.emit(set(at, i32.add(get(at), i32.const(layout.sampleBytes))));
      });
      body(f, totals, f.let(TYPE.i32, i32.shl(get(item), i32.const(4))), count);
    });
  });
}

/** Four numbers in single precision from two vectors of doubles. */
export const singles = ([low, high]: Doubles): Code =>
  i32x4.shuffle([0, 1, 4, 5], f64x2.demote(low), f64x2.demote(high));

/** to[0, c] = the total of channel c. */
export function writeTotals(context: KernelContext, name: string, { sums, to }: { sums: string; to: string }): void {
  const { address } = context.tensor(to);
  totalSums(context, name, { sums, terms: 1, perSample: 1 }, (f, [total], channel) => {
    f.emit(v128.store(address, get(channel), singles([get(total![0]), get(total![1])])));
  });
}

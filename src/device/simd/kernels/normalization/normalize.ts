import type { Normalize } from "../../../contract.js";
import { roundUp } from "../../compile/layout.js";
import { f64x2 } from "../../wasm/doubles.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { eachFourChannels } from "../codegen/channels.js";
import { type KernelContext, sampleKernel, synapseKernel } from "../codegen/kernel-context.js";
import { storeLanes } from "../codegen/lane-stores.js";
import { type Doubles, doubles, sampleSums, singles, totalSums } from "../tensors/channel-sums.js";

/** Quantities that are summed for the statistics: values, and their squares. */
export const STATISTICS_TERMS = 2;

/** Bytes of the coefficients of one linear map per channel: the offset of the input, the slope, the offset of the output. */
export const coefficientBytes = (channels: number): number => 3 * roundUp(channels, 4) * 4;

/** Sums of the values and their squares per sample and channel. */
export function statisticsSums(
  context: KernelContext,
  name: string,
  names: { from: string; sums: string },
  channels: number,
): void {
  const signals = [names.from];
  sampleSums(context, name, { signals, sums: names.sums, channels }, STATISTICS_TERMS, () => ([value]) => {
    const [low, high] = doubles(value!);
    return [
      [low, high],
      [f64x2.mul(low, low), f64x2.mul(high, high)],
    ];
  });
}

interface StatisticsNames {
  readonly sums: string;
  /** Region of the coefficients. */
  readonly coefficients: string;
}

/**
 * Statistics of the batch from the sums, in double precision; the running statistics; and the coefficients of the map.
 * Items are groups of four channels. The mean is subtracted as its value in single precision, and the rest of it with the
 * output's offset, so that a mean far from 0 costs no precision.
 */
export function batchStatistics(
  context: KernelContext,
  name: string,
  operation: Normalize,
  { sums, coefficients }: StatisticsNames,
  perSample: number,
): void {
  const address = (tensor: string | undefined): number => context.tensor(tensor!).address;
  const { momentum = 0 } = operation;
  totalSums(context, name, { sums, terms: STATISTICS_TERMS, perSample }, (f, [sum, squares], channel, count) => {
    const keep = (code: Code): number => f.let(TYPE.v128, code);
    const [means, variances] = [
      [0, 1],
      [0, 1],
    ].map((halves) => halves.map(() => f.v128())) as [number[], number[]];
    const unbiased: Code[] = [];
    for (const half of [0, 1] as const) {
      const mean = means[half]!;
      const variance = variances[half]!;
      f.emit(set(mean, f64x2.div(get(sum![half]), get(count))));
      const square = f64x2.div(get(squares![half]), get(count));
      f.emit(set(variance, f64x2.max(f64x2.const(0), f64x2.sub(square, f64x2.mul(get(mean), get(mean))))));
      const others = f64x2.sub(get(count), f64x2.const(1));
      unbiased.push(get(keep(f64x2.div(f64x2.mul(get(variance), get(count)), others))));
    }
    const mean = keep(singles([get(means[0]!), get(means[1]!)]));
    const variance = keep(singles([get(variances[0]!), get(variances[1]!)]));
    f.emit(v128.store(address(operation.batchMean), get(channel), get(mean)));
    f.emit(v128.store(address(operation.batchVariance), get(channel), get(variance)));
    const run = (tensor: string, now: Doubles): void => {
      const before = keep(v128.load(address(tensor), get(channel)));
      const mixed = doubles(before).map((old, half) =>
        f64x2.add(f64x2.mul(f64x2.const(1 - momentum), old), f64x2.mul(f64x2.const(momentum), now[half]!)),
      );
      f.emit(v128.store(address(tensor), get(channel), singles([mixed[0]!, mixed[1]!])));
    };
    run(operation.mean, [get(means[0]!), get(means[1]!)]);
    // One value alone has no unbiased variance.
    f.if(i32.eqz(v128.anyTrue(f64x2.le(get(count), f64x2.const(1)))), () =>
      run(operation.variance, [unbiased[0]!, unbiased[1]!]),
    );
    writeCoefficients(f, context, operation, { coefficients, channel }, (half) => ({
      mean: get(means[half]!),
      variance: get(variances[half]!),
    }));
  });
}

/** Coefficients of the map by running statistics; items are groups of four channels. */
export function runningCoefficients(
  context: KernelContext,
  name: string,
  operation: Normalize,
  coefficients: string,
): void {
  synapseKernel(context, name, (f, first, last) => {
    f.range(i32.shl(get(first), i32.const(4)), i32.shl(get(last), i32.const(4)), 16, (channel) => {
      const load = (tensor: string): number =>
        f.let(TYPE.v128, v128.load(context.tensor(tensor).address, get(channel)));
      const [mean, variance] = [load(operation.mean), load(operation.variance)];
      writeCoefficients(f, context, operation, { coefficients, channel }, (half) => ({
        mean: doubles(mean)[half],
        variance: doubles(variance)[half],
      }));
    });
  });
}

function writeCoefficients(
  f: FunctionBuilder,
  context: KernelContext,
  { gain, shift, epsilon }: Normalize,
  { coefficients, channel }: { coefficients: string; channel: number },
  statistics: (half: 0 | 1) => { mean: Code; variance: Code },
): void {
  const load = (tensor: string): number => f.let(TYPE.v128, v128.load(context.tensor(tensor).address, get(channel)));
  const [gains, shifts] = [load(gain), load(shift)];
  const parts = ([0, 1] as const).map((half) => {
    const { mean, variance } = statistics(half);
    const deviation = f64x2.sqrt(f64x2.add(variance, f64x2.const(epsilon)));
    return { mean: f.let(TYPE.v128, mean), slope: f.let(TYPE.v128, f64x2.div(doubles(gains)[half], deviation)) };
  });
  const [low, high] = parts as [(typeof parts)[0], (typeof parts)[0]];
  const rounded = f.let(TYPE.v128, singles([get(low.mean), get(high.mean)]));
  const offsets = parts.map(({ mean, slope }, half) => {
    const rest = f64x2.sub(doubles(rounded)[half]!, get(mean));
    return f64x2.add(doubles(shifts)[half]!, f64x2.mul(get(slope), rest));
  });
  const at = f.let(TYPE.i32, i32.mul(get(channel), i32.const(3)));
  const base = context.region(coefficients);
  f.emit(v128.store(base, get(at), get(rounded)));
  f.emit(v128.store(base + 16, get(at), singles([get(low.slope), get(high.slope)])));
  f.emit(v128.store(base + 32, get(at), singles([offsets[0]!, offsets[1]!])));
}

/** to[b, t, n] = slope * (from[b, t, n] - mean) + offset, with the coefficients of channel n % channels. */
export function applyNormalization(
  context: KernelContext,
  name: string,
  { from, to, coefficients }: { from: string; to: string; coefficients: string },
  channels: number,
): void {
  const source = context.signal(from);
  const target = context.signal(to);
  const base = context.region(coefficients);
  const pixel = channels * 4;
  sampleKernel(context, name, (f, block) => {
    const result = f.v128();
    block.each(f, (b) => {
      const values = f.let(TYPE.i32, block.sample(source, get(b)));
      const results = f.let(TYPE.i32, block.sample(target, get(b)));
      f.range(i32.const(0), i32.const(source.rows), 1, () => {
        f.range(i32.const(0), i32.const(source.width * 4), pixel, (offset) => {
          eachFourChannels(f, channels, (channel, valid) => {
            const at = f.let(TYPE.i32, i32.mul(channel, i32.const(3)));
            const within = f.let(TYPE.i32, i32.add(get(offset), channel));
            const centered = f32x4.sub(v128.load(0, i32.add(get(values), get(within))), v128.load(base, get(at)));
            const scaled = f32x4.mul(v128.load(base + 16, get(at)), centered);
            f.emit(set(result, f32x4.add(scaled, v128.load(base + 32, get(at)))));
            storeLanes(f, 0, i32.add(get(results), get(within)), result, valid);
          });
        });
        f.emit(set(values, i32.add(get(values), i32.const(source.rowBytes))));
        f.emit(set(results, i32.add(get(results), i32.const(target.rowBytes))));
      });
    });
  });
}

import type { NormalizeGradient } from "../../../contract.js";
import { roundUp } from "../../compile/layout.js";
import { f64x2 } from "../../wasm/doubles.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import { eachFourChannels } from "../codegen/channels.js";
import { type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { storeLanes } from "../codegen/lane-stores.js";
import { doubles, sampleSums, singles, totalSums } from "../tensors/channel-sums.js";

/** Quantities that are summed: errors, and errors times the deviations from the mean. */
export const GRADIENT_TERMS = 2;

/** Bytes of the coefficients per channel: the mean, and the factor of the error, the mean error, and the slope of the deviation. */
export const gradientCoefficientBytes = (channels: number): number => 4 * roundUp(channels, 4) * 4;

interface GradientNames {
  /** Signal of errors with the rows of `from`. */
  readonly error: string;
  readonly from: string;
  readonly sums: string;
  /** Region of the coefficients. */
  readonly coefficients: string;
}

export function gradientSums(
  context: KernelContext,
  name: string,
  { batchMean }: NormalizeGradient,
  { error, from, sums }: GradientNames,
  channels: number,
): void {
  const { address } = context.tensor(batchMean);
  const summed = { signals: [error, from], sums, channels };
  sampleSums(context, name, summed, GRADIENT_TERMS, (f, channel) => {
    const mean = f.let(TYPE.v128, v128.load(address, channel));
    const product = f.v128();
    return ([error, value]) => {
      f.emit(set(product, f32x4.mul(get(error!), f32x4.sub(get(value!), get(mean)))));
      return [doubles(error!), doubles(product)];
    };
  });
}

/**
 * The gradients of gain and shift from the sums, and the coefficients of the error at `from`. The mean and the variance
 * depend on every value of the channel: the error loses its parts along 1 and along the normalized values.
 */
export function gradientTotals(
  context: KernelContext,
  name: string,
  operation: NormalizeGradient,
  { sums, coefficients }: GradientNames,
  perSample: number,
): void {
  const { gain, batchMean, batchVariance, gainGradient, shiftGradient, epsilon } = operation;
  const address = (tensor: string): number => context.tensor(tensor).address;
  const base = context.region(coefficients);
  totalSums(context, name, { sums, terms: GRADIENT_TERMS, perSample }, (f, [errors, products], channel, count) => {
    const load = (tensor: string): number => f.let(TYPE.v128, v128.load(address(tensor), get(channel)));
    const [gains, variances] = [load(gain), load(batchVariance)];
    const keep = (code: Code): Code => get(f.let(TYPE.v128, code));
    const parts = ([0, 1] as const).map((half) => {
      const deviation = keep(f64x2.sqrt(f64x2.add(doubles(variances)[half], f64x2.const(epsilon))));
      const factor = keep(f64x2.div(doubles(gains)[half], deviation));
      const alongNormal = keep(f64x2.div(get(products![half]), deviation));
      return {
        factor,
        alongNormal,
        constant: keep(f64x2.div(get(errors![half]), get(count))),
        slope: keep(f64x2.div(alongNormal, f64x2.mul(get(count), deviation))),
      };
    });
    const single = (part: keyof (typeof parts)[0]): Code => singles([parts[0]![part], parts[1]![part]]);
    f.emit(v128.store(address(gainGradient), get(channel), single("alongNormal")));
    f.emit(v128.store(address(shiftGradient), get(channel), singles([get(errors![0]), get(errors![1])])));
    const at = f.let(TYPE.i32, i32.shl(get(channel), i32.const(2)));
    f.emit(v128.store(base, get(at), v128.load(address(batchMean), get(channel))));
    f.emit(v128.store(base + 16, get(at), single("factor")));
    f.emit(v128.store(base + 32, get(at), single("constant")));
    f.emit(v128.store(base + 48, get(at), single("slope")));
  });
}

/**
 * The error at `from`: factor * (error - constant - slope * (from - mean)), per channel. In this order the error of a single
 * value is exactly 0.
 */
export function applyGradient(
  context: KernelContext,
  name: string,
  names: GradientNames & { readonly to: string },
  channels: number,
): void {
  const error = context.signal(names.error);
  const from = context.signal(names.from);
  const to = context.signal(names.to);
  const base = context.region(names.coefficients);
  sampleKernel(context, name, (f, block) => {
    const result = f.v128();
    block.each(f, (b) => {
      const rows = [error, from, to].map((layout) => ({ layout, at: f.let(TYPE.i32, block.sample(layout, get(b))) }));
      const [errors, values, results] = rows.map(({ at }) => at) as [number, number, number];
      f.range(i32.const(0), i32.const(from.rows), 1, () => {
        f.range(i32.const(0), i32.const(from.width * 4), channels * 4, (offset) => {
          eachFourChannels(f, channels, (channel, valid) => {
            const at = f.let(TYPE.i32, i32.shl(channel, i32.const(2)));
            const within = f.let(TYPE.i32, i32.add(get(offset), channel));
            const load = (start: number): Code => v128.load(0, i32.add(get(start), get(within)));
            const deviation = f32x4.sub(load(values), v128.load(base, get(at)));
            const along = f32x4.mul(v128.load(base + 48, get(at)), deviation);
            const centered = f32x4.sub(load(errors), v128.load(base + 32, get(at)));
            f.emit(set(result, f32x4.mul(v128.load(base + 16, get(at)), f32x4.sub(centered, along))));
            storeLanes(f, 0, i32.add(get(results), get(within)), result, valid);
          });
        });
        for (const { layout, at } of rows) f.emit(set(at, i32.add(get(at), i32.const(layout.rowBytes))));
      });
    });
  });
}

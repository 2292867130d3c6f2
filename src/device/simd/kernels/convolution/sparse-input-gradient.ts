import type { Convolution } from "../../../contract.js";
import type { SignalLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32, f32x4, get, i32, i32x4, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { validLanes } from "../codegen/formulas.js";
import { type Block, type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import type { ActiveUnitTest } from "../output-sparse/active-units.js";
import { findActive } from "./active-lists.js";
import { activePlanes } from "./active-planes.js";
import { activeProduct, SUMS_BYTES } from "./active-product.js";
import { inputGradientCosts } from "./input-gradient-costs.js";
import { windowMemory, windowProduct } from "./window-product.js";
import { windowWeights } from "./window-weights.js";

/** Computes the input gradient of one sample: locals with the addresses of its rows of errors and of the result. */
export type SampleProduct = (
  f: FunctionBuilder,
  context: KernelContext,
  rows: { from: number; to: number },
  block: Block,
) => void;

interface Operands {
  readonly error: string;
  readonly weights: string;
  /** Region of the weights of `transposeWindows`. */
  readonly windows: string;
  readonly to: string;
  readonly convolution: Convolution;
  readonly workspace: string;
  readonly activeTest: ActiveUnitTest | undefined;
  readonly dense: SampleProduct;
}

/** Bytes of the workspace per sample. */
export const inputGradientBytes = (convolution: Convolution, steps: number, hasActive: boolean): number =>
  Math.max(windowMemory(convolution).bytes, hasActive ? SUMS_BYTES + activePlanes(convolution, steps).bytes : 0);

/**
 * The input gradient of a convolution without groups and dilation along rows. Counts, per sample, the errors that are
 * not 0 and the active units below, and chooses the product that takes the least time by its costs.
 */
export function sparseInputGradient(context: KernelContext, name: string, operands: Operands): void {
  const { convolution, activeTest, dense } = operands;
  const [input, output] = [context.signal(operands.error), context.signal(operands.to)];
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => {
      const at = (signal: string): number => f.let(TYPE.i32, block.sample(context.signal(signal), get(b)));
      const [from, to] = [at(operands.error), at(operands.to)] as const;
      // All samples of a block use the same memory, which so stays in the cache.
      const memory = context.signal(operands.workspace);
      const workspace = f.let(TYPE.i32, block.sample(memory, get(block.b0)));
      const rows = { convolution, input, output, from, to };
      const byErrors = (): void => {
        const weights = windowWeights(convolution, context.region(operands.windows));
        windowProduct(f, { ...rows, listTables: context.listTables, wide: context.wide, weights, workspace });
      };
      const costs = inputGradientCosts(convolution);
      const errors = f.let(TYPE.i32, countErrors(f, input, from));
      const all = (): void => dense(f, context, rows, block);
      const mostErrors = mostWithin((costs.dense - costs.image) * output.rows, costs.error);
      const withoutActive = (): void => f.ifElse(i32.ltU(get(errors), i32.const(mostErrors)), byErrors, all);
      if (activeTest === undefined) {
        withoutActive();
        return;
      }
      const planes = activePlanes(convolution, output.rows);
      const active = f.let(TYPE.i32, i32.add(get(workspace), i32.const(SUMS_BYTES)));
      const bits = f.let(TYPE.i32, i32.add(get(active), i32.const(planes.bits)));
      const stored = (signal: string) => block.sample(context.signal(signal), get(b));
      const found = findActive(f, context, activeTest, { output, bits, stored });
      const mostActive = mostWithin(costs.dense * output.rows, costs.active);
      const asErrors = i32.truncSatF32U(f32.mul(f32.convertU(get(found)), f32.const(costs.active / costs.error)));
      const ofImages = i32.const(Math.floor((costs.image * output.rows) / costs.error));
      const isFaster = i32.ltU(asErrors, i32.add(get(errors), ofImages));
      const isActive = i32.and(i32.ltU(get(found), i32.const(mostActive)), isFaster);
      const weights = context.tensor(operands.weights);
      f.ifElse(
        isActive,
        () => activeProduct(f, context, { ...rows, planes, weights, bits, workspace: active, sums: workspace }),
        withoutActive,
      );
    });
  });
}

/** The number from which on the cost of so many exceeds a limit, as an unsigned number of 31 bits. */
const mostWithin = (limit: number, each: number): number =>
  Math.min(2 ** 31 - 1, Math.max(0, Math.floor(limit / each)));

/** Counts the errors of a sample that are not 0. */
function countErrors(f: FunctionBuilder, input: SignalLayout, from: number): Code {
  const count = f.let(TYPE.v128, i32x4.const(0));
  const row = f.let(TYPE.i32, get(from));
  const whole = Math.floor(input.width / 4) * 16;
  // A lane mask is -1.
  const add = (offset: Code, valid: number): void => {
    const there = f32x4.ne(v128.load(0, i32.add(get(row), offset)), f32x4.const(0));
    const masks = valid === 4 ? there : v128.and(there, validLanes(valid, 0));
    f.emit(set(count, i32x4.sub(get(count), masks)));
  };
  f.range(i32.const(0), i32.const(input.rows), 1, () => {
    f.range(i32.const(0), i32.const(whole), 16, (offset) => add(get(offset), 4));
    if (input.width % 4 > 0) add(i32.const(whole), input.width % 4);
    f.emit(set(row, i32.add(get(row), i32.const(input.rowBytes))));
  });
  return [0, 1, 2, 3].map((lane) => i32x4.extract(lane, get(count))).reduce((a, b) => i32.add(a, b));
}

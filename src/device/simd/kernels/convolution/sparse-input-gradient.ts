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
import { windowMemory, windowProduct } from "./window-product.js";
import { windowWeights } from "./window-weights.js";

/**
 * Costs of a multiplication relative to the dense product: of active units, which process every window in tiles of four
 * units, and of errors that are not 0, which keep a piece of a window in registers.
 */
const COST = { active: 1.5, errors: 1.3 };

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
 * not 0 and the active units below, and chooses the product with the fewest multiplications, weighted by their costs.
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
        windowProduct(f, { ...rows, listTables: context.listTables, weights, workspace });
      };
      // Per unit of cost: multiplications by an error for all input channels, by an active unit for all outputs.
      const { input: below, output: above } = convolution;
      const pixels = above.height * above.width * output.rows;
      const errors = f.let(TYPE.i32, countErrors(f, input, from));
      const all = (): void => dense(f, context, rows, block);
      const mostErrors = Math.floor((pixels * above.channels) / COST.errors);
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
      const mostActive = Math.floor((pixels * below.channels) / COST.active);
      const perActive = (COST.active * above.channels) / (COST.errors * below.channels);
      const asErrors = i32.truncSatF32U(f32.mul(f32.convertU(get(found)), f32.const(perActive)));
      const isActive = i32.and(i32.ltU(get(found), i32.const(mostActive)), i32.ltU(asErrors, get(errors)));
      const weights = context.tensor(operands.weights);
      f.ifElse(
        isActive,
        () => activeProduct(f, context, { ...rows, planes, weights, bits, workspace: active, sums: workspace }),
        withoutActive,
      );
    });
  });
}

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

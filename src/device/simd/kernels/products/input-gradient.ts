import { TYPE } from "../../wasm/encoding.js";
import { get } from "../../wasm/instructions.js";
import { type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { type ActiveUnitTest, whereActive } from "../output-sparse/active-units.js";
import { outputSparseProduct } from "../output-sparse/output-sparse-product.js";
import { denseOrSparseProduct, denseProduct, eachRowRange } from "./dense-or-sparse.js";
import type { Start } from "./gemm.js";

interface InputGradientNames {
  readonly error: string;
  readonly weights: string;
  /** Region of the transposed copy of the weights. */
  readonly region: string;
  readonly to: string;
  /** Memory for choosing a product. */
  readonly workspace: string | undefined;
  /** Test for active units, if the surrogate derivative can be exactly 0. */
  readonly activeTest: ActiveUnitTest | undefined;
}

/** to[b, t, :] = error[b, t, :] times the transposed weights. */
export function inputGradient(context: KernelContext, name: string, names: InputGradientNames): void {
  const { error, weights, region, to, activeTest } = names;
  const input = context.signal(error);
  const output = context.signal(to);
  const product = { input, output, matrix: context.transposed(weights, region), start: "zero" as Start };
  const dense = denseProduct(context, product);
  sampleKernel(context, name, (f, block) => {
    eachRowRange(f, block, output.rows, (b, rows) => {
      const at = (signal: string): number => f.let(TYPE.i32, block.sample(context.signal(signal), get(b)));
      const operands = { ...product, rows, from: at(error), to: at(to) };
      const workspace = names.workspace === undefined ? undefined : at(names.workspace);
      const all = (): void => denseOrSparseProduct(f, context, dense, operands, workspace);
      if (activeTest === undefined || workspace === undefined) {
        all();
        return;
      }
      const stored = (signal: string) => block.sample(context.signal(signal), get(b));
      const operandsOfActive = { ...operands, workspace, weights: context.tensor(weights), stored };
      whereActive(f, context, activeTest, operandsOfActive, {
        sparse: () => outputSparseProduct(f, context, activeTest, operandsOfActive),
        dense: all,
      });
    });
  });
}

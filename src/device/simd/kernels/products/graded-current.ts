import { TYPE } from "../../wasm/encoding.js";
import { get } from "../../wasm/instructions.js";
import { type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { denseOrSparseProduct, denseProduct, eachRowRange } from "./dense-or-sparse.js";
import type { Start } from "./gemm.js";

/**
 * to[b, t, :] = bias + from[b, t, :] times the weights, for graded inputs. `workspace` names the memory for choosing a
 * product.
 */
export function gradedCurrent(
  context: KernelContext,
  name: string,
  operation: { from: string; weights: string; bias: string | undefined; to: string; workspace: string | undefined },
): void {
  const { from, weights, bias, to, workspace } = operation;
  const start: Start = bias === undefined ? "zero" : context.tensor(bias);
  const product = {
    input: context.signal(from),
    output: context.signal(to),
    matrix: context.tensor(weights),
    start,
  };
  const dense = denseProduct(context, product);
  sampleKernel(context, name, (f, block) => {
    eachRowRange(f, block, product.output.rows, (b, rows) => {
      const at = (signal: string): number => f.let(TYPE.i32, block.sample(context.signal(signal), get(b)));
      const operands = { ...product, rows, from: at(from), to: at(to) };
      denseOrSparseProduct(f, context, dense, operands, workspace === undefined ? undefined : at(workspace));
    });
  });
}

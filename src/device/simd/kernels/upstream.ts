import { computedColumns } from "../layout.js";
import { TYPE } from "../wasm/encoding.js";
import { call, get, i32 } from "../wasm/instructions.js";
import { type KernelContext, sampleKernel } from "./context.js";
import { productFunction, rowPanels, tensorPanels } from "./gemm.js";
import { type Heeding, heededProduct, whereHeeded } from "./heeded-product.js";
import { sparseProduct, whereSparse } from "./sparse-product.js";

interface UpstreamNames {
  readonly error: string;
  readonly weights: string;
  /** Of the transposed copy of the weights. */
  readonly region: string;
  readonly to: string;
  /** What is needed to choose among products for every sample; without it, errors are multiplied whatever they are. */
  readonly choice: { readonly working: string; readonly heeding: Heeding | undefined } | undefined;
}

/** to[b, t, :] = error[b, t, :] times the transposed weights. */
export function upstream(context: KernelContext, name: string, names: UpstreamNames): void {
  const { error, weights, region, to, choice } = names;
  const input = context.signal(error);
  const output = context.signal(to);
  const matrix = context.transposed(weights, region);
  const index = productFunction(context.module, {
    aRow: input.rowBytes,
    aDepth: 4,
    b: tensorPanels(matrix),
    c: rowPanels(output.rowBytes),
    columns: computedColumns(output.width),
    start: "zero",
  });
  sampleKernel(context, name, (f, block) => {
    if (choice === undefined) {
      // Rows of one sample follow those of the one before, so a block is one product.
      const first = get(block.b0);
      const rows = i32.mul(i32.sub(get(block.b1), first), i32.const(output.rows));
      const [a, c] = [block.sample(input, first), block.sample(output, first)];
      f.emit(call(index, a, i32.const(matrix.address), c, rows, i32.const(matrix.rows)));
      return;
    }
    const { heeding } = choice;
    block.each(f, (b) => {
      const [from, target, working] = [input, output, context.signal(choice.working)].map((place) =>
        f.let(TYPE.i32, block.sample(place, get(b))),
      ) as [number, number, number];
      const operands = { input, output, from, to: target, working };
      const dense = (): void => {
        const rows = i32.const(output.rows);
        f.emit(call(index, get(from), i32.const(matrix.address), get(target), rows, i32.const(matrix.rows)));
      };
      const sparse = (): void => sparseProduct(f, { ...operands, matrix, shuffles: context.shuffles });
      const other = (): void => whereSparse(f, operands, { sparse, dense });
      if (heeding === undefined) {
        other();
        return;
      }
      const stored = (signal: string) => block.sample(context.signal(signal), get(b));
      const all = { ...operands, weights: context.tensor(weights), stored };
      whereHeeded(f, context, heeding, all, {
        heeded: () => heededProduct(f, context, heeding, all),
        other,
      });
    });
  });
}

import { computedColumns } from "../layout.js";
import { TYPE } from "../wasm/encoding.js";
import { call, get, i32 } from "../wasm/instructions.js";
import { type KernelContext, sampleKernel } from "./context.js";
import { productFunction, rowPanels, tensorPanels } from "./gemm.js";
import { sparseProduct, whereSparse } from "./sparse-product.js";

interface UpstreamNames {
  readonly error: string;
  readonly weights: string;
  /** Of the transposed copy of the weights. */
  readonly region: string;
  readonly to: string;
  /** Room for the listed errors of a sample; without it, errors are multiplied whether they are 0 or not. */
  readonly working: string | undefined;
}

/** to[b, t, :] = error[b, t, :] times the transposed weights. */
export function upstream(context: KernelContext, name: string, names: UpstreamNames): void {
  const { error, weights, region, to, working } = names;
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
    if (working === undefined) {
      // Rows of one sample follow those of the one before, so a block is one product.
      const first = get(block.b0);
      const rows = i32.mul(i32.sub(get(block.b1), first), i32.const(output.rows));
      const [a, c] = [block.sample(input, first), block.sample(output, first)];
      f.emit(call(index, a, i32.const(matrix.address), c, rows, i32.const(matrix.rows)));
      return;
    }
    block.each(f, (b) => {
      const from = f.let(TYPE.i32, block.sample(input, get(b)));
      const target = f.let(TYPE.i32, block.sample(output, get(b)));
      const place = f.let(TYPE.i32, block.sample(context.signal(working), get(b)));
      whereSparse(
        f,
        { input, from },
        {
          sparse: () =>
            sparseProduct(f, {
              input,
              output,
              matrix,
              shuffles: context.shuffles,
              from,
              to: target,
              working: place,
            }),
          dense: () => {
            const rows = i32.const(output.rows);
            f.emit(call(index, get(from), i32.const(matrix.address), get(target), rows, i32.const(matrix.rows)));
          },
        },
      );
    });
  });
}

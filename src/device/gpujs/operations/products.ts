import type { Current, InputGradient } from "../../contract.js";
import { makeDenseProduct } from "../cpu/dense-product.js";
import { compileSparseCurrent } from "../cpu/sparse-current.js";
import { makeParallelProduct } from "../gpu/dense-product.js";
import type { DeviceArray, Shape } from "../program/arrays.js";
import type { CompileContext, CompiledOperation } from "../program/compile-context.js";
import type { Launch } from "../program/kernel-cache.js";
import type { ProcedureMemory } from "../program/memory.js";
import { compileConvolvedCurrent, compileConvolvedInputGradient } from "./convolution.js";
import { compileUnitRow } from "./rows.js";

/** A tensor `[inputs, units]` as a factor of a product. */
export interface Factor {
  readonly tensor: string;
  /** `forward`: times the tensor itself; `backward`: times its transpose. */
  readonly direction: "forward" | "backward";
}

export function compileCurrent(operation: Current, context: CompileContext): CompiledOperation {
  const { from, weights, to, bias, convolution } = operation;
  if (convolution !== undefined) return compileConvolvedCurrent(operation, convolution, context);
  if (context.hostArrays && context.signal(from).kind === "spikes") return compileSparseCurrent(operation, context);
  return compileProduct(context, { tensor: weights, direction: "forward" }, { from, to, bias });
}

export function compileInputGradient(operation: InputGradient, context: CompileContext): CompiledOperation {
  const { error: from, weights, to, convolution } = operation;
  if (convolution !== undefined) return compileConvolvedInputGradient(operation, convolution, context);
  return compileProduct(context, { tensor: weights, direction: "backward" }, { from, to, bias: undefined });
}

interface Signals {
  readonly from: string;
  readonly to: string;
  readonly bias: string | undefined;
}

/** Rows of a signal times a matrix, chunk by chunk. */
function compileProduct(context: CompileContext, factor: Factor, { from, to, bias }: Signals): CompiledOperation {
  const matrix = compileMatrix(context, factor);
  const biasRow = bias === undefined ? undefined : compileUnitRow(context, bias, context.signal(to).width);
  const products = context
    .chunksOf(from)
    .map(({ steps }) => makeRowsTimesMatrix(context, factor, `product ${to}`, steps, bias !== undefined));
  return async (memory) => {
    const by = await matrix(memory);
    const added = biasRow === undefined ? 0 : await biasRow(memory);
    const results: DeviceArray[] = [];
    for (const [c, rows] of (await memory.signal(from)).entries()) results.push(await products[c]!(rows, by, added));
    memory.writeSignal(to, results);
  };
}

/** Kernel (rows, matrix, row): rows `[layers, batch, ...]` times a matrix from `compileMatrix`, plus a row if `biased`. */
export function makeRowsTimesMatrix(
  context: CompileContext,
  { tensor, direction }: Factor,
  name: string,
  layers: number,
  biased: boolean,
): Launch {
  const { kernels, batch, hostArrays } = context;
  const { rows, columns } = context.tensor(tensor);
  const [inner, width] = direction === "forward" ? [rows, columns] : [columns, rows];
  const output: Shape = [width, batch, layers];
  const plus = biased ? "row" : undefined;
  if (!hostArrays) return makeParallelProduct(kernels, { name, inner, output, plus });
  const left = { row: inner, term: 1 };
  const right = direction === "forward" ? { term: columns, column: 1 } : { term: 1, column: columns };
  return makeDenseProduct(kernels, { name, output, inner, left, right, plus });
}

/** A matrix as products read it: on a graphics processor, `backward` products read its transpose. */
export function compileMatrix(
  { kernels, hostArrays, tensor: specOf }: CompileContext,
  { tensor, direction }: Factor,
): (memory: ProcedureMemory) => Promise<DeviceArray> {
  if (hostArrays || direction === "forward") return (memory) => memory.tensor(tensor);
  const { rows, columns } = specOf(tensor);
  const transpose = kernels.make({
    name: `transpose ${tensor}`,
    arguments: ["matrix"],
    body: "return matrix[0][n][b];",
    output: [rows, columns, 1],
  });
  return async (memory) => transpose(await memory.tensor(tensor));
}

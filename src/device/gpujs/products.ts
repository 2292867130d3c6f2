import type { Current, Upstream } from "../contract.js";
import type { DeviceArray, Shape } from "./arrays.js";
import { makeDenseProduct } from "./dense-product.js";
import type { ProcedureMemory } from "./memory.js";
import { makeParallelProduct } from "./parallel-product.js";
import { listRows } from "./spike-lists.js";
import { makeSumOfListed } from "./sum-of-listed.js";
import type { Step, Workshop } from "./workshop.js";

/** `forward` times a tensor `[inputs, units]`, `backward` times its transpose. */
type Direction = "forward" | "backward";

export interface ProductSpec {
  readonly name: string;
  readonly tensor: string;
  readonly direction: Direction;
  /** Whether every number of the rows is 0 or 1. */
  readonly spikes: boolean;
  /** Layers of the result. */
  readonly layers: number;
  /** Whether a row is added to every row of the result. */
  readonly biased?: boolean;
}

/** Rows `[layers, batch, inner]` times a matrix, made ready by `compileMatrix`, plus what is added. */
export type Product = (
  memory: ProcedureMemory,
  rows: DeviceArray,
  matrix: DeviceArray,
  plus: DeviceArray | number,
) => Promise<DeviceArray>;

/**
 * Rows times a matrix. Where the work is a CPU's, spikes add up the matrix's rows of the inputs that fired, and no other
 * number is laid out anew; a graphics processor does all terms, side by side.
 */
export function compileRowsTimesMatrix(workshop: Workshop, spec: ProductSpec): Product {
  const { kernels, batch, plain } = workshop;
  const { name, tensor, direction, spikes, layers } = spec;
  const { rows, columns } = workshop.tensor(tensor);
  const [inner, width] = direction === "forward" ? [rows, columns] : [columns, rows];
  const output: Shape = [width, batch, layers];
  const plus = spec.biased ? "row" : undefined;
  if (!plain) {
    const multiply = makeParallelProduct(kernels, { name, inner, output, plus });
    return (_, left, matrix, added) => multiply(left, matrix, added);
  }
  if (spikes && direction === "forward") {
    kernels.assertSize(name, [columns, rows, 1]);
    const sum = makeSumOfListed(kernels, { name, output, longest: inner, plus });
    return async (memory, { numbers }, matrix, added) => {
      const { lists, room } = listRows(numbers!, inner, columns);
      return sum(await memory.upload(lists, [room, batch, layers]), matrix, added);
    };
  }
  const left = { row: inner, term: 1 };
  const right = direction === "forward" ? { term: columns, column: 1 } : { term: 1, column: columns };
  const multiply = makeDenseProduct(kernels, { name, output, inner, left, right, plus });
  return (_, given, matrix, added) => multiply(given, matrix, added);
}

/** A matrix as products read it: a graphics processor wants the rows of its transpose if it goes backward. */
export function compileMatrix(
  { kernels, plain, tensor: specOf }: Workshop,
  { tensor, direction }: Pick<ProductSpec, "tensor" | "direction">,
): (memory: ProcedureMemory) => Promise<DeviceArray> {
  if (plain || direction === "forward") return (memory) => memory.tensor(tensor);
  const { rows, columns } = specOf(tensor);
  const transpose = kernels.make({
    name: `transpose ${tensor}`,
    arguments: ["matrix"],
    body: "return matrix[0][n][b];",
    output: [rows, columns, 1],
  });
  return async (memory) => transpose(await memory.tensor(tensor));
}

export function compileCurrent({ from, weights, to, bias }: Current, workshop: Workshop): Step {
  return compileProduct(workshop, { from, weights, to, direction: "forward", bias });
}

export function compileUpstream({ error, weights, to }: Upstream, workshop: Workshop): Step {
  return compileProduct(workshop, { from: error, weights, to, direction: "backward", bias: undefined });
}

interface Signals {
  readonly from: string;
  readonly weights: string;
  readonly to: string;
  readonly direction: Direction;
  readonly bias: string | undefined;
}

/** Rows of a signal times a matrix, chunk by chunk. */
function compileProduct(workshop: Workshop, { from, weights, to, direction, bias }: Signals): Step {
  const factor = { tensor: weights, direction };
  const matrix = compileMatrix(workshop, factor);
  const spikes = workshop.signal(from).kind === "spikes";
  const products = workshop.chunksOf(from).map(({ steps: layers }) =>
    compileRowsTimesMatrix(workshop, {
      ...factor,
      name: `product ${to}`,
      spikes,
      layers,
      biased: bias !== undefined,
    }),
  );
  return async (memory) => {
    const by = await matrix(memory);
    const added = bias === undefined ? 0 : await memory.tensor(bias);
    const results: DeviceArray[] = [];
    for (const [c, rows] of (await memory.signal(from)).entries()) {
      results.push(await products[c]!(memory, rows, by, added));
    }
    memory.writeSignal(to, results);
  };
}

import type { Current, Upstream } from "../contract.js";
import type { DeviceArray, Shape } from "./arrays.js";
import type { KernelSet, Launch } from "./kernels.js";
import type { ProcedureMemory } from "./memory.js";
import type { FactorOrder, Step, Workshop } from "./workshop.js";

export interface ProductText {
  readonly name: string;
  /** Length of the sums. */
  readonly inner: number;
  readonly output: Shape;
  readonly order: FactorOrder;
  /** The one layer of the first factor to use; without it, each layer gives the same layer of the output. */
  readonly layer?: number;
  /** What is added: a row for all, or an array like the output. */
  readonly plus?: "row" | "array";
}

/** Terms that one turn of a product's loop adds, to four sums: both keep a CPU's arithmetic busy. */
const TERMS = 8;
const SUMS = 4;

/** Kernel (from, by, plus): `[z][b][n] = sum_i from[z][b][i] * by[n][i]` (or `by[i][n]`), plus what is added. */
export function makeProduct(kernels: KernelSet, product: ProductText): Launch {
  const { name, inner, output, order, layer, plus } = product;
  const term = (i: string): string => {
    const by = order === "byUnit" ? `by[0][n][${i}]` : `by[0][${i}][n]`;
    return `from[${layer ?? "z"}][b][${i}] * ${by}`;
  };
  const turn = Array.from({ length: TERMS }, (_, k) => `sum${k % SUMS} += ${term(k === 0 ? "i" : `i + ${k}`)};`);
  const whole = inner - (inner % TERMS);
  const added = { row: "plus[0][0][n] + ", array: "plus[z][b][n] + " };
  const body = `
let sum0 = 0; let sum1 = 0; let sum2 = 0; let sum3 = 0;
for (let i = 0; i < ${whole}; i += ${TERMS}) { ${turn.join(" ")} }
for (let j = ${whole}; j < ${inner}; j++) { sum0 += ${term("j")}; }
return ${plus === undefined ? "" : added[plus]}(sum0 + sum1) + (sum2 + sum3);`;
  return kernels.make({ name, arguments: ["from", "by", "plus"], body, output });
}

/** A matrix as a product's second factor: as it is, or transposed first where the order asks for it. */
export function matrixFactor(
  workshop: Workshop,
  tensor: string,
  direction: "forward" | "backward",
): (memory: ProcedureMemory) => Promise<DeviceArray> {
  const { rows, columns } = workshop.tensor(tensor);
  // The tensor is [inputs, units] of the forward direction, hence [units, inputs] of the backward one.
  const asIs = direction === "forward" ? "byInput" : "byUnit";
  if (asIs === workshop.order) return (memory) => memory.tensor(tensor);
  const transpose = workshop.kernels.make({
    name: `transpose ${tensor}`,
    arguments: ["matrix"],
    body: "return matrix[0][n][b];",
    output: [rows, columns, 1],
  });
  return async (memory) => transpose(await memory.tensor(tensor));
}

export function compileCurrent(operation: Current, workshop: Workshop): Step {
  const { from, weights, to, bias } = operation;
  return compileMatrixProduct(workshop, { from, weights, to, direction: "forward", bias });
}

export function compileUpstream(operation: Upstream, workshop: Workshop): Step {
  const { error: from, weights, to } = operation;
  return compileMatrixProduct(workshop, { from, weights, to, direction: "backward", bias: undefined });
}

interface MatrixProduct {
  readonly from: string;
  readonly weights: string;
  readonly to: string;
  readonly direction: "forward" | "backward";
  readonly bias: string | undefined;
}

/** Rows of a signal times a matrix, chunk by chunk. */
function compileMatrixProduct(workshop: Workshop, { from, weights, to, direction, bias }: MatrixProduct): Step {
  const { kernels, order, batch } = workshop;
  const inner = workshop.signal(from).width;
  const { width } = workshop.signal(to);
  const factor = matrixFactor(workshop, weights, direction);
  const launches = workshop.chunksOf(from).map(({ steps }) => {
    const text: ProductText = { name: `product ${to}`, inner, output: [width, batch, steps], order };
    return makeProduct(kernels, bias === undefined ? text : { ...text, plus: "row" });
  });
  return async (memory) => {
    const by = await factor(memory);
    const added = bias === undefined ? 0 : await memory.tensor(bias);
    const results: DeviceArray[] = [];
    for (const [c, rows] of (await memory.signal(from)).entries()) results.push(await launches[c]!(rows, by, added));
    memory.writeSignal(to, results);
  };
}

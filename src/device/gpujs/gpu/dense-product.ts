import type { Shape } from "../program/arrays.js";
import type { KernelSet, Launch } from "../program/kernel-cache.js";

export interface DenseProductSource {
  readonly name: string;
  /** Length of the sums. */
  readonly inner: number;
  readonly output: Shape;
  /** The one layer of the first factor to use; without it, each layer gives the same layer of the output. */
  readonly layer?: number | undefined;
  /** Summand: one row for all, or an array of the output's shape. */
  readonly plus?: "row" | "array" | undefined;
}

/** Terms per iteration of the loop, added to four sums: both keep the arithmetic units busy. */
const TERMS = 8;
const SUMS = 4;

/**
 * Kernel (from, by, plus): `[z][b][n] = sum_i from[z][b][i] * by[i][n]`, plus the summand, for a graphics processor:
 * one thread per number, and neighboring threads read neighboring numbers.
 */
export function makeParallelProduct(kernels: KernelSet, product: DenseProductSource): Launch {
  const { name, inner, output, layer, plus } = product;
  const term = (i: string): string => `from[${layer ?? "z"}][b][${i}] * by[0][${i}][n]`;
  const iteration = Array.from({ length: TERMS }, (_, k) => `sum${k % SUMS} += ${term(k === 0 ? "i" : `i + ${k}`)};`);
  const whole = inner - (inner % TERMS);
  const added = { row: "plus[0][0][n] + ", array: "plus[z][b][n] + " };
  const body = `
let sum0 = 0; let sum1 = 0; let sum2 = 0; let sum3 = 0;
for (let i = 0; i < ${whole}; i += ${TERMS}) { ${iteration.join(" ")} }
for (let j = ${whole}; j < ${inner}; j++) { sum0 += ${term("j")}; }
return ${plus === undefined ? "" : added[plus]}(sum0 + sum1) + (sum2 + sum3);`;
  return kernels.make({ name, arguments: ["from", "by", "plus"], body, output });
}

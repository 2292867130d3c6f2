import type { Shape } from "./arrays.js";
import type { KernelSet, Launch } from "./kernels.js";

/** Lists whose numbers one turn of the loop adds up, each to a sum of its own: more keep a CPU's arithmetic busy. */
const SUMS = 8;

export interface ListedText {
  readonly name: string;
  readonly output: Shape;
  /** Most entries of a list. */
  readonly longest: number;
  /** What is added: a row for all, or an array like the output. */
  readonly plus?: "row" | "array" | undefined;
}

/**
 * Kernel (lists, by, plus): `[z][b][n]` is the sum of what stands at n in every row of `by` that the list `[z][b]` names,
 * plus what is added. An array of these modes is one block, which an index alone counts through.
 */
export function makeSumOfListed(kernels: KernelSet, { name, output, longest, plus }: ListedText): Launch {
  const sums = Array.from({ length: SUMS }, (_, k) => `sum${k}`);
  const term = (k: string): string => `by[lists[z][b][${k}] + n]`;
  const added = { row: "plus[n] + ", array: "plus[z][b][n] + " };
  return kernels.make({
    name,
    arguments: ["lists", "by", "plus"],
    body: `
${sums.map((sum) => `let ${sum} = 0;`).join(" ")}
const count = Math.floor(lists[z][b][0]);
const whole = count - ${SUMS - 1};
let k = 1;
for (k = 1; k <= whole; k += ${SUMS}) { ${sums.map((sum, i) => `${sum} += ${term(`k + ${i}`)};`).join(" ")} }
for (let j = k; j <= count; j++) { sum0 += ${term("j")}; }
return ${plus === undefined ? "" : added[plus]}${addUp(sums)};`,
    output,
    iterations: longest + 1,
  });
}

/** Neighbours first, so that rounding errors grow slowly. */
const addUp = (sums: readonly string[]): string => {
  if (sums.length === 1) return sums[0]!;
  const half = sums.length / 2;
  return `(${addUp(sums.slice(0, half))} + ${addUp(sums.slice(half))})`;
};

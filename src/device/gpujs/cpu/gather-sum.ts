import type { Shape } from "../program/arrays.js";
import type { KernelSet, Launch } from "../program/kernel-cache.js";
import { COUNTS } from "./index-lists.js";

/** Entries per iteration of a loop, each with its own sum: independent sums keep the arithmetic units of a CPU busy. */
const SUMS = 4;

export interface GatherSource {
  readonly name: string;
  readonly output: Shape;
  /** Numbers in a list. */
  readonly capacity: number;
  /** Added to the listed rows: one row for all, or an array of the output's shape. */
  readonly plus?: keyof typeof ADDED | undefined;
  /**
   * For lists that subtract: the row per sample to which the lists are `changes`, if any, and statements that compute
   * `total` directly, from the rows that count alone, in order. They may read `added` and `removed`, the end of the
   * added entries and the start of the removed ones.
   */
  readonly changes?: { readonly of: "" | "baseline[0][b][n]"; readonly direct: string };
}

const ADDED = { row: "plus[n] + ", array: "plus[z][b][n] + " } as const;

/**
 * Bound on the rounding residue: if k rows were subtracted whose absolute values add up to s, a sum whose exact value
 * is 0 is below 3 k s 2^-24, since there are at most 3 k roundings, each of a number of at most s.
 */
const ROUNDINGS = "0.0000002384185791015625";

/**
 * Kernel (lists, by, plus, baseline, baselines): `[z][b][n]` is the sum at n of the rows of `by` that the list
 * `[z][b]` adds, minus the rows that it removes, plus the summand. A sum so small that it may be a rounding residue of
 * 0 is computed again directly. An array of these modes is one block, so a single index addresses it.
 */
export function makeGatherSum(kernels: KernelSet, { name, output, capacity, plus, changes }: GatherSource): Launch {
  const sums = Array.from({ length: SUMS }, (_, k) => `sum${k}`);
  const term = (k: string): string => `by[lists[z][b][${k}] + n]`;
  const add = (sum: string, k: string): string => `${sum} += ${term(k)};`;
  const subtract = (sum: string, k: string): string => `row = ${term(k)}; ${sum} -= row; sizes += Math.abs(row);`;
  /** A loop over the entries `from` to before `to`; `k` and `j` name its counters. */
  const loop = (k: string, j: string, entry: typeof add, from: string, to: string): string => `
let ${k} = ${from};
for (${k} = ${from}; ${k} <= ${to} - ${SUMS}; ${k} += ${SUMS}) {
  ${sums.map((sum, i) => entry(sum, `${k} + ${i}`)).join(" ")}
}
for (let ${j} = ${k}; ${j} < ${to}; ${j}++) { ${entry("sum0", j)} }`;
  const removal =
    changes === undefined
      ? ""
      : `
let row = 0; let sizes = 0;
const removed = ${capacity} - Math.floor(lists[z][b][1]);
${loop("l", "m", subtract, "removed", String(capacity))}`;
  const check =
    changes === undefined
      ? ""
      : `
if (removed < ${capacity}) {
  if (total !== 0) {
    if (Math.abs(total) <= sizes * (${capacity} - removed) * ${ROUNDINGS}) {
      total = 0;
      ${changes.direct}
    }
  }
}`;
  const baseline = changes === undefined || changes.of === "" ? "" : `${changes.of} + `;
  return kernels.make({
    name,
    arguments: ["lists", "by", "plus", "baseline", "baselines"],
    body: `
${sums.map((sum) => `let ${sum} = 0;`).join(" ")}
const added = ${COUNTS} + Math.floor(lists[z][b][0]);
${loop("k", "j", add, String(COUNTS), "added")}
${removal}
let total = ${baseline}${addUp(sums)};
${check}
return ${plus === undefined ? "" : ADDED[plus]}total;`,
    output,
    iterations: capacity,
  });
}

/** Adds neighbors first, so that rounding errors grow slowly. */
const addUp = (sums: readonly string[]): string => {
  if (sums.length === 1) return sums[0]!;
  const half = sums.length / 2;
  return `(${addUp(sums.slice(0, half))} + ${addUp(sums.slice(half))})`;
};

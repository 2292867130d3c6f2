import type { Shape } from "./arrays.js";
import type { KernelSet, Launch } from "./kernels.js";
import { COUNTS } from "./spike-lists.js";

/** Entries that one turn of a loop takes, each to a sum of its own: more keep a CPU's arithmetic busy. */
const SUMS = 4;

export interface ListedText {
  readonly name: string;
  readonly output: Shape;
  /** Numbers of a list. */
  readonly room: number;
  /** What is added: a row for all, a row for each sample, or an array like the output. */
  readonly plus?: keyof typeof ADDED | undefined;
}

const ADDED = { row: "plus[n] + ", sample: "plus[0][b][n] + ", array: "plus[z][b][n] + " } as const;

/**
 * Kernel (lists, by, plus): `[z][b][n]` is the sum of what stands at n in the rows of `by` that the list `[z][b]` adds, less
 * that of those which it subtracts, plus what is added. An array of these modes is one block, which an index alone
 * counts through.
 */
export function makeSumOfListed(kernels: KernelSet, { name, output, room, plus }: ListedText): Launch {
  const sums = Array.from({ length: SUMS }, (_, k) => `sum${k}`);
  const term = (k: string): string => `by[lists[z][b][${k}] + n]`;
  /** A loop over the entries `from` to before `to`, `k` and `j` being the names of its counters. */
  const loop = (k: string, j: string, operator: string, from: string, to: string): string => `
let ${k} = ${from};
for (${k} = ${from}; ${k} <= ${to} - ${SUMS}; ${k} += ${SUMS}) {
  ${sums.map((sum, i) => `${sum} ${operator} ${term(`${k} + ${i}`)};`).join(" ")}
}
for (let ${j} = ${k}; ${j} < ${to}; ${j}++) { sum0 ${operator} ${term(j)}; }`;
  return kernels.make({
    name,
    arguments: ["lists", "by", "plus"],
    body: `
${sums.map((sum) => `let ${sum} = 0;`).join(" ")}
const more = ${COUNTS} + Math.floor(lists[z][b][0]);
const less = ${room} - Math.floor(lists[z][b][1]);
${loop("k", "j", "+=", String(COUNTS), "more")}
${loop("l", "m", "-=", "less", String(room))}
return ${plus === undefined ? "" : ADDED[plus]}${addUp(sums)};`,
    output,
    iterations: room,
  });
}

/** Neighbours first, so that rounding errors grow slowly. */
const addUp = (sums: readonly string[]): string => {
  if (sums.length === 1) return sums[0]!;
  const half = sums.length / 2;
  return `(${addUp(sums.slice(0, half))} + ${addUp(sums.slice(half))})`;
};

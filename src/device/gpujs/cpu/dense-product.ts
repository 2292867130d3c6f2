import type { Shape } from "../program/arrays.js";
import type { KernelSet, Launch } from "../program/kernel-cache.js";

/** A product of two matrices, each given by strides in one block. */
export interface DenseProductSource {
  readonly name: string;
  /** Shape of the result; its rows are counted through all layers. */
  readonly output: Shape;
  /** Number of terms of a sum. */
  readonly inner: number;
  /** Strides from one row to the next and from one term to the next. */
  readonly left: { readonly row: number; readonly term: number };
  readonly right: { readonly term: number; readonly column: number };
  /** Summand: one row for all, or an array of the output's shape. */
  readonly plus?: "row" | "array" | undefined;
}

/** Terms per iteration of the loop, added alternately to two sums per row of a thread. */
const TERMS = 4;
const SUMS = 2;
/**
 * From this length on, sharing the loads of the right factor among four rows is faster; below, returning four numbers
 * costs more.
 */
const INNER_FOR_FOUR_ROWS = 64;

/**
 * Kernel (left, right, plus): the product of two matrices, for the modes whose arrays are JavaScript's. If threads
 * compute four rows and the number of rows is not a multiple of four, the surplus rows are dropped.
 */
export function makeDenseProduct(kernels: KernelSet, product: DenseProductSource): Launch {
  const { name, output, inner, left, right, plus } = product;
  const [columns, rows] = output;
  const fourRows = inner >= INNER_FOR_FOUR_ROWS;
  const own = fourRows ? [0, 1, 2, 3] : [0];
  const sums = own.map((row) => Array.from({ length: SUMS }, (_, k) => `sum${row}${k}`));
  const whole = inner - (inner % TERMS);
  const terms = (i: string, count: number): string => `
  const from = ${times(i, left.term)};
  const by = right0 + ${times(i, right.term)};
  ${Array.from({ length: count }, (_, k) => {
    const add = own.map((row) => `${sums[row]![k % SUMS]} += left[left${row} + from + ${k * left.term}] * value${k};`);
    return `const value${k} = right[by + ${k * right.term}]; ${add.join(" ")}`;
  }).join("\n  ")}`;
  const added = { row: () => "plus[n] + ", array: (row: number) => `plus[(row + ${row}) * ${columns} + n] + ` };
  const results = own.map((row) => `${plus === undefined ? "" : added[plus](row)}(${sums[row]!.join(" + ")})`);
  return kernels.make({
    name,
    arguments: ["left", "right", "plus"],
    body: `
const row = ${fourRows ? `b * ${own.length}` : `z * ${rows} + b`};
${own.map((k) => `const left${k} = row * ${left.row} + ${k * left.row};`).join("\n")}
const right0 = n * ${right.column};
${sums
  .flat()
  .map((sum) => `let ${sum} = 0;`)
  .join(" ")}
for (let i = 0; i < ${whole}; i += ${TERMS}) {${terms("i", TERMS)}
}
for (let j = ${whole}; j < ${inner}; j++) {${terms("j", 1)}
}
return ${fourRows ? `[${results.join(", ")}]` : results[0]};`,
    output,
    fourRows,
  });
}

const times = (i: string, distance: number): string => (distance === 1 ? i : `${i} * ${distance}`);

import type { Shape } from "./arrays.js";
import type { KernelSet, Launch } from "./kernels.js";

/** A product of two matrices, each given by the distances between its numbers in one block. */
export interface DenseText {
  readonly name: string;
  /** The result; its rows are counted through all layers. */
  readonly output: Shape;
  /** Terms of a sum. */
  readonly inner: number;
  /** Where the first row begins, and how far it is from a row to the next and from a term to the next. */
  readonly left: { readonly start: number; readonly row: number; readonly term: number };
  readonly right: { readonly term: number; readonly column: number };
  /** What is added: a row for all, or an array like the output. */
  readonly plus?: "row" | "array" | undefined;
}

/** Terms that one turn of the loop adds. */
const TERMS = 4;
/** Rows of a thread: what it reads of the right factor serves all of them. */
const ROWS = [0, 1, 2, 3] as const;

/**
 * Kernel (left, right, plus): the product of two matrices, for the modes whose arrays are JavaScript's. Each thread
 * has two sums for each of its four rows. Where the rows are no multiple of four, what it reads beyond the last is
 * dropped with the rows that it gives.
 */
export function makeDenseProduct(kernels: KernelSet, product: DenseText): Launch {
  const { name, output, inner, left, right, plus } = product;
  const [columns] = output;
  const whole = inner - (inner % TERMS);
  const terms = (i: string, count: number): string => `
  const from = ${times(i, left.term)};
  const by = right0 + ${times(i, right.term)};
  ${Array.from({ length: count }, (_, k) => {
    const value = `const value${k} = right[by + ${k * right.term}];`;
    const sums = ROWS.map((row) => {
      const sum = `sum${row + ROWS.length * (k % 2)}`;
      return `${sum} += left[left${row} + from + ${k * left.term}] * value${k};`;
    });
    return `${value} ${sums.join(" ")}`;
  }).join("\n  ")}`;
  const added = {
    row: () => "plus[n] + ",
    array: (row: number) => `plus[b * ${ROWS.length * columns} + ${row * columns} + n] + `,
  };
  return kernels.make({
    name,
    arguments: ["left", "right", "plus"],
    body: `
${ROWS.map((row) => `const left${row} = b * ${ROWS.length * left.row} + ${left.start + row * left.row};`).join("\n")}
const right0 = n * ${right.column};
${[...ROWS, ...ROWS].map((_, sum) => `let sum${sum} = 0;`).join(" ")}
for (let i = 0; i < ${whole}; i += ${TERMS}) {${terms("i", TERMS)}
}
for (let j = ${whole}; j < ${inner}; j++) {${terms("j", 1)}
}
return [${ROWS.map((row) => `${plus === undefined ? "" : added[plus](row)}(sum${row} + sum${row + ROWS.length})`).join(", ")}];`,
    output,
    fourRows: true,
  });
}

const times = (i: string, distance: number): string => (distance === 1 ? i : `${i} * ${distance}`);

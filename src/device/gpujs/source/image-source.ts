import type { ImageShape, Windows } from "../../contract.js";

/**
 * Source text of positions in images. Kernels divide in single precision: one half more before the division protects the
 * quotient against rounding.
 */
const quotient = (value: string, divisor: number): string => `Math.floor((${value} + 0.5) / ${divisor})`;

/** Declares `q` = floor(value / divisor) and `r`, the remainder. */
export const divide = (q: string, r: string, value: string, divisor: number): string => `
const ${q} = ${quotient(value, divisor)};
const ${r} = ${value} - ${q} * ${divisor};`;

/** Declares channel `c`, row `y` and column `x` of unit `n` of an image. */
export const unitOfImage = ({ channels, width }: ImageShape): string =>
  divide("pixel", "c", "n", channels) + divide("y", "x", "pixel", width);

/** Code of the column of a tensor [1, columns] that holds the value of unit `n`. */
export function columnOfUnit(columns: number, units: number): string {
  if (columns === units) return "n";
  return columns === 1 ? "0" : `Math.floor(n - ${quotient("n", columns)} * ${columns})`;
}

/**
 * Statements for every input inside the image, at `row` and `column`, of the window of the output at (y, x); (i, j) is its
 * position in the window.
 */
export const forEachInput = (
  { input, size, stride, padding, dilation }: Windows,
  [y, x]: readonly [string, string],
  [i, j, row, column]: readonly [string, string, string, string],
  statements: string,
): string => `
for (let ${i} = 0; ${i} < ${size[0]}; ${i}++) {
  const ${row} = ${y} * ${stride[0]} - ${padding[0]} + ${i} * ${dilation[0]};
  if (${row} >= 0 && ${row} < ${input.height}) {
    for (let ${j} = 0; ${j} < ${size[1]}; ${j}++) {
      const ${column} = ${x} * ${stride[1]} - ${padding[1]} + ${j} * ${dilation[1]};
      if (${column} >= 0 && ${column} < ${input.width}) {
        ${statements}
      }
    }
  }
}`;

/** Statements for every output, at `row` and `column`, whose window has the input (y, x) at position (i, j). */
export const forEachOutput = ({ output, size, stride, padding, dilation }: Windows, statements: string): string => `
for (let i = 0; i < ${size[0]}; i++) {
  const above = y + ${padding[0]} - i * ${dilation[0]};
  const row = ${quotient("above", stride[0])};
  if (row >= 0 && row < ${output.height} && row * ${stride[0]} === above) {
    for (let j = 0; j < ${size[1]}; j++) {
      const beside = x + ${padding[1]} - j * ${dilation[1]};
      const column = ${quotient("beside", stride[1])};
      if (column >= 0 && column < ${output.width} && column * ${stride[1]} === beside) {
        ${statements}
      }
    }
  }
}`;

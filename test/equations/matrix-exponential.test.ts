import fc from "fast-check";
import { expm, type Matrix, matrix } from "mathjs";
import { describe, expect, it } from "vitest";
import { matrixExponential } from "#spikevine/src/equations/integrators/matrix-exponential";

describe("the exponential of a matrix", () => {
  it("is e for [[1]], a rotation for a skew matrix, and finite sums for a nilpotent one", () => {
    expect(matrixExponential([[1]])[0]![0]).toBeCloseTo(Math.E, 14);
    const [[cos, sin]] = matrixExponential([
      [0, 2],
      [-2, 0],
    ]) as [[number, number], number[]];
    expect(cos).toBeCloseTo(Math.cos(2), 14);
    expect(sin).toBeCloseTo(Math.sin(2), 14);
    expect(
      matrixExponential([
        [0, 3, 0],
        [0, 0, 4],
        [0, 0, 0],
      ]),
    ).toEqual([
      [1, 3, 6],
      [0, 1, 4],
      [0, 0, 1],
    ]);
  });

  it("is that of mathjs", () => {
    const number = fc.double({ min: -5, max: 5, noNaN: true });
    const square = fc.integer({ min: 1, max: 5 }).chain((n) => {
      const row = fc.array(number, { minLength: n, maxLength: n });
      return fc.array(row, { minLength: n, maxLength: n });
    });
    fc.assert(
      fc.property(square, (a) => {
        const reference = (expm(matrix(a)) as Matrix).toArray() as number[][];
        const size = Math.max(...reference.flat().map(Math.abs));
        const found = matrixExponential(a);
        for (const [i, row] of found.entries()) {
          for (const [j, value] of row.entries())
            expect(Math.abs(value - reference[i]![j]!)).toBeLessThanOrEqual(1e-10 * size);
        }
      }),
      { numRuns: 200 },
    );
  });
});

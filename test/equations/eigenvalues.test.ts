import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Complex, eigenvalues } from "#spikevine/src/equations/analysis/eigenvalues";

const sorted = (values: readonly Complex[]): number[][] =>
  values.map(({ re, im }) => [re, im]).sort(([a, b], [c, d]) => Math.sign(Math.round((a! - c!) * 1e6)) || b! - d!);

const expectNear = (got: readonly Complex[], want: readonly (readonly number[])[], digits = 9): void => {
  expect(got).toHaveLength(want.length);
  sorted(got).forEach(([re, im], i) => {
    expect(re).toBeCloseTo(want[i]![0]!, digits);
    expect(im).toBeCloseTo(want[i]![1]!, digits);
  });
};

describe("eigenvalues", () => {
  it.each<[string, number[][], number[][]]>([
    ["one number", [[-3]], [[-3, 0]]],
    [
      "a rotation",
      [
        [0, 2],
        [-2, 0],
      ],
      [
        [0, -2],
        [0, 2],
      ],
    ],
    [
      "a damped oscillation",
      [
        [-1, 10],
        [-10, -1],
      ],
      [
        [-1, -10],
        [-1, 10],
      ],
    ],
    [
      "a chain, which has one eigenvalue twice",
      [
        [0, 1],
        [0, 0],
      ],
      [
        [0, 0],
        [0, 0],
      ],
    ],
    [
      "a cyclic permutation, at which steps without a shift stand still",
      [
        [0, 0, 0, 1],
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
      ],
      [
        [-1, 0],
        [0, -1],
        [0, 1],
        [1, 0],
      ],
    ],
    [
      "the companion matrix of (x - 1)(x - 2)(x - 3)(x - 4)",
      [
        [10, -35, 50, -24],
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
      ],
      [
        [1, 0],
        [2, 0],
        [3, 0],
        [4, 0],
      ],
    ],
    [
      "entries in units far apart",
      [
        [-1, 1e9],
        [1e-11, -1],
      ],
      [
        [-1.1, 0],
        [-0.9, 0],
      ],
    ],
  ])("of %s", (_, matrix, want) => {
    expectNear(eigenvalues(matrix), want);
  });

  it("are the diagonal of a triangular matrix, mixed by any change of variables", () => {
    const size = fc.integer({ min: 2, max: 7 });
    const entry = fc.double({ min: -1, max: 1, noNaN: true });
    const setting = size.chain((n) =>
      fc.record({
        // Apart from each other, so that they do not depend on the last digits.
        diagonal: fc.shuffledSubarray([-7, -3.5, -2, -1, 0, 1.5, 4], { minLength: n, maxLength: n }),
        upper: fc.array(entry, { minLength: n * n, maxLength: n * n }),
        mixing: fc.array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1), entry), { maxLength: 6 }),
      }),
    );
    fc.assert(
      fc.property(setting, ({ diagonal, upper, mixing }) => {
        const n = diagonal.length;
        const a = diagonal.map((d, i) =>
          Array.from({ length: n }, (_, j) => (i === j ? d : j > i ? upper[i * n + j]! : 0)),
        );
        for (const [i, j, f] of mixing) {
          if (i === j) continue;
          // Row i gains f times row j, and column j loses f times column i: the same map in other variables.
          for (let k = 0; k < n; k++) a[i]![k]! += f * a[j]![k]!;
          for (const row of a) row[j]! -= f * row[i]!;
        }
        expectNear(
          eigenvalues(a),
          [...diagonal].sort((x, y) => x - y).map((d) => [d, 0]),
          6,
        );
      }),
      { numRuns: 200 },
    );
  });
});

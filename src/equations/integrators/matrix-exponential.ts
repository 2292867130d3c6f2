type Matrix = readonly (readonly number[])[];

/** Order of the Pade approximant: exact to double precision for a norm of at most 1/2. */
const ORDER = 8;

/**
 * The exponential of a square matrix, by scaling, a diagonal Pade approximant and squaring. Source: N. Higham, SIAM Journal on
 * Matrix Analysis and Applications 26 (2005) 1179-1193; C. Moler and C. Van Loan, SIAM Review 45 (2003) 3-49, method 3.
 */
export function matrixExponential(a: Matrix): number[][] {
  const norm = Math.max(0, ...a.map((row) => row.reduce((sum, value) => sum + Math.abs(value), 0)));
  const squarings = norm > 0.5 ? Math.ceil(Math.log2(2 * norm)) : 0;
  const scaled = a.map((row) => row.map((value) => value / 2 ** squarings));
  // The approximant is P(A) / P(-A); even and odd powers are summed apart.
  const sums = [identity(a.length), a.map((row) => row.map(() => 0))] as const;
  let power: Matrix = identity(a.length);
  let coefficient = 1;
  for (let k = 1; k <= ORDER; k++) {
    power = product(power, scaled);
    coefficient *= (ORDER - k + 1) / (k * (2 * ORDER - k + 1));
    const sum = sums[k % 2]!;
    power.forEach((row, i) => {
      row.forEach((value, j) => {
        sum[i]![j]! += coefficient * value;
      });
    });
  }
  const [even, odd] = sums;
  const combine = (sign: number): number[][] => even.map((row, i) => row.map((value, j) => value + sign * odd[i]![j]!));
  let result = solve(combine(-1), combine(1));
  for (let k = 0; k < squarings; k++) result = product(result, result);
  return result;
}

const identity = (n: number): number[][] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));

const product = (a: Matrix, b: Matrix): number[][] =>
  a.map((row) => row.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));

/** X of A X = B, by elimination with partial pivoting; A and B are overwritten. */
function solve(a: number[][], b: number[][]): number[][] {
  const n = a.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column + 1; i < n; i++) if (Math.abs(a[i]![column]!) > Math.abs(a[pivot]![column]!)) pivot = i;
    for (const matrix of [a, b]) [matrix[column], matrix[pivot]] = [matrix[pivot]!, matrix[column]!];
    for (let i = 0; i < n; i++) {
      if (i === column) continue;
      const factor = a[i]![column]! / a[column]![column]!;
      if (factor === 0) continue;
      for (let j = column; j < n; j++) a[i]![j]! -= factor * a[column]![j]!;
      for (let j = 0; j < n; j++) b[i]![j]! -= factor * b[column]![j]!;
    }
  }
  return b.map((row, i) => row.map((value) => value / a[i]![i]!));
}

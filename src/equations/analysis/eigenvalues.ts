/** A complex number. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

const complex = (re: number, im = 0): Complex => ({ re, im });
const plus = (a: Complex, b: Complex): Complex => complex(a.re + b.re, a.im + b.im);
const minus = (a: Complex, b: Complex): Complex => complex(a.re - b.re, a.im - b.im);
const times = (a: Complex, b: Complex): Complex => complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
const conjugate = (a: Complex): Complex => complex(a.re, -a.im);
const scale = (a: Complex, by: number): Complex => complex(a.re * by, a.im * by);

/** Absolute value. */
export const modulus = ({ re, im }: Complex): number => Math.hypot(re, im);

function squareRoot(a: Complex): Complex {
  const size = modulus(a);
  const re = Math.sqrt(Math.max(0, (size + a.re) / 2));
  const im = Math.sqrt(Math.max(0, (size - a.re) / 2));
  return complex(re, a.im < 0 ? -im : im);
}

/**
 * Eigenvalues of a small square matrix of finite numbers, in no order.
 * Source: balancing by E. Osborne, J. ACM 7 (1960) 338-345; reduction to Hessenberg form and the QR algorithm with Wilkinson's
 * shift as in G. Golub and C. Van Loan, Matrix Computations (2013), sec. 7.4 and 7.5.
 */
export function eigenvalues(matrix: readonly (readonly number[])[]): Complex[] {
  const n = matrix.length;
  if (n === 1) return [complex(matrix[0]![0]!)];
  const h = hessenberg(balanced(matrix)).map((row) => row.map((value) => complex(value)));
  const found: Complex[] = [];
  let rounds = 0;
  for (let last = n - 1; last >= 0; ) {
    let first = last;
    while (first > 0 && !isNegligible(h, first)) first--;
    if (first === last) {
      found.push(h[last]![last]!);
      last--;
      rounds = 0;
    } else if (first === last - 1) {
      found.push(...ofPair(h, last));
      last -= 2;
      rounds = 0;
    } else {
      if (++rounds > 300) throw new Error("the eigenvalues of a matrix did not converge");
      qrStep(h, first, last, shiftOf(h, last, rounds));
    }
  }
  return found;
}

/** Scales rows and columns by powers of 2, so that entries in different units have similar sizes. */
function balanced(matrix: readonly (readonly number[])[]): number[][] {
  const a = matrix.map((row) => [...row]);
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 0; i < a.length; i++) {
      const others = a.map((_, j) => j).filter((j) => j !== i);
      const column = others.reduce((sum, j) => sum + Math.abs(a[j]![i]!), 0);
      const row = others.reduce((sum, j) => sum + Math.abs(a[i]![j]!), 0);
      if (column === 0 || row === 0) continue;
      const factor = 2 ** Math.round(Math.log2(row / column) / 2);
      if (column * factor + row / factor >= 0.95 * (column + row)) continue;
      changed = true;
      for (const j of others) {
        a[j]![i]! *= factor;
        a[i]![j]! /= factor;
      }
    }
  }
  return a;
}

/** A similar matrix with zeros below the first subdiagonal, by elimination with pivots. */
function hessenberg(a: number[][]): number[][] {
  const n = a.length;
  for (let k = 1; k < n - 1; k++) {
    let pivot = k;
    for (let i = k; i < n; i++) if (Math.abs(a[i]![k - 1]!) > Math.abs(a[pivot]![k - 1]!)) pivot = i;
    if (a[pivot]![k - 1] === 0) continue;
    [a[k], a[pivot]] = [a[pivot]!, a[k]!];
    for (const row of a) [row[k], row[pivot]] = [row[pivot]!, row[k]!];
    for (let i = k + 1; i < n; i++) {
      const factor = a[i]![k - 1]! / a[k]![k - 1]!;
      if (factor === 0) continue;
      for (let j = 0; j < n; j++) a[i]![j]! -= factor * a[k]![j]!;
      for (const row of a) row[k]! += factor * row[i]!;
      a[i]![k - 1] = 0;
    }
  }
  return a;
}

/** True if the entry left of the diagonal is negligible. */
function isNegligible(h: readonly (readonly Complex[])[], i: number): boolean {
  return modulus(h[i]![i - 1]!) <= Number.EPSILON * (modulus(h[i]![i]!) + modulus(h[i - 1]![i - 1]!));
}

/** Eigenvalues of the two by two block that ends at `last`. */
function ofPair(h: readonly (readonly Complex[])[], last: number): [Complex, Complex] {
  const [a, b] = [h[last - 1]![last - 1]!, h[last - 1]![last]!];
  const [c, d] = [h[last]![last - 1]!, h[last]![last]!];
  const middle = scale(plus(a, d), 0.5);
  const half = scale(minus(a, d), 0.5);
  const root = squareRoot(plus(times(half, half), times(b, c)));
  return [plus(middle, root), minus(middle, root)];
}

/** The eigenvalue of the last two rows that is closer to the last entry; at intervals another value, to avoid stagnation. */
function shiftOf(h: readonly (readonly Complex[])[], last: number, rounds: number): Complex {
  if (rounds % 10 === 0) return complex(modulus(h[last]![last - 1]!) + modulus(h[last - 1]![last - 2]!));
  const [one, other] = ofPair(h, last);
  const end = h[last]![last]!;
  return modulus(minus(one, end)) < modulus(minus(other, end)) ? one : other;
}

/** One step of the QR algorithm in rows and columns `first` to `last`. */
function qrStep(h: Complex[][], first: number, last: number, shift: Complex): void {
  for (let i = first; i <= last; i++) h[i]![i] = minus(h[i]![i]!, shift);
  const rotations: { readonly c: Complex; readonly s: Complex }[] = [];
  for (let i = first; i < last; i++) {
    const [x, y] = [h[i]![i]!, h[i + 1]![i]!];
    const length = Math.hypot(modulus(x), modulus(y));
    const rotation =
      length === 0 ? { c: complex(1), s: complex(0) } : { c: scale(x, 1 / length), s: scale(y, 1 / length) };
    rotations.push(rotation);
    for (let j = i; j <= last; j++) {
      const [u, v] = [h[i]![j]!, h[i + 1]![j]!];
      h[i]![j] = plus(times(conjugate(rotation.c), u), times(conjugate(rotation.s), v));
      h[i + 1]![j] = minus(times(rotation.c, v), times(rotation.s, u));
    }
  }
  rotations.forEach(({ c, s }, k) => {
    const i = first + k;
    for (let j = first; j <= Math.min(i + 2, last); j++) {
      const [u, v] = [h[j]![i]!, h[j]![i + 1]!];
      h[j]![i] = plus(times(u, c), times(v, s));
      h[j]![i + 1] = minus(times(v, conjugate(c)), times(u, conjugate(s)));
    }
  });
  for (let i = first; i <= last; i++) h[i]![i] = plus(h[i]![i]!, shift);
}

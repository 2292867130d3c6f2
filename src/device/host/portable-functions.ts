/**
 * Elementary functions of numbers in single precision, computed only with sums, products and quotients of doubles:
 * bit-identical in every engine, whereas those of Math differ from version to version. Relative errors are below
 * 1e-11, so a result that single precision can represent is exact after rounding.
 */
export interface PortableFunctions {
  readonly exp: (x: number) => number;
  readonly log: (x: number) => number;
  readonly sin: (x: number) => number;
  readonly cos: (x: number) => number;
  readonly tanh: (x: number) => number;
  readonly atan: (x: number) => number;
  readonly pow: (x: number, y: number) => number;
}

const bits = new DataView(new ArrayBuffer(8));

/** 2^n for whole n from -1022 to 1023. */
function powerOfTwo(n: number): number {
  bits.setUint32(0, (n + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** Nearest integer, ties to even, for sizes below 2^51. */
const nearest = (x: number): number => x + 1.5 * 2 ** 52 - 1.5 * 2 ** 52;

const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1));
const INVERSE_FACTORIALS = Array.from({ length: 20 }, (_, k) => 1 / factorial(k));

/** The sum of coefficients times powers of `x`, lowest first. */
function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) sum = sum * x + coefficients[k]!;
  return sum;
}

/** `doubleExp` of the WebAssembly devices runs the same operations in the same order. */
function exp(x: number): number {
  const bounded = Math.min(Math.max(x, -760), 720);
  const n = nearest(bounded * Math.LOG2E);
  const r = bounded - n * 0.6931471803691238 - n * 1.9082149292705877e-10;
  const r2 = r * r;
  const r4 = r2 * r2;
  const pair = (k: number): number => INVERSE_FACTORIALS[k + 2]! + INVERSE_FACTORIALS[k + 3]! * r;
  const four = (k: number): number => pair(k) + r2 * pair(k + 2);
  const tail = four(0) + r4 * (four(4) + r4 * four(8));
  const value = 1 + (r + r2 * tail);
  const whole = n | 0;
  const half = whole >> 1;
  return value * powerOfTwo(half) * powerOfTwo(whole - half);
}

const ODD_INVERSES = Array.from({ length: 13 }, (_, k) => 1 / (2 * k + 1));

/** x = 2^e m with m from sqrt(1/2) to sqrt(2); log m = 2 atanh((m - 1) / (m + 1)). */
function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  bits.setUint32(0, (high & 0xfffff) | (1023 << 20));
  const mantissa = bits.getFloat64(0);
  const isLarge = mantissa > Math.SQRT2;
  const e = (high >>> 20) - 1023 + (isLarge ? 1 : 0);
  const m = isLarge ? mantissa / 2 : mantissa;
  const s = (m - 1) / (m + 1);
  return e * Math.LN2 + 2 * s * polynomial(s * s, ODD_INVERSES);
}

/** The digits of 2 / pi, and how many of them follow the point for a number times 16. */
const TWO_OVER_PI = 0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3an;
const TWO_OVER_PI_BITS = 292n;

/** x less its nearest multiple of pi / 2, and that multiple modulo 4. */
function reduce(x: number): { readonly r: number; readonly quadrant: number } {
  if (Math.abs(x) < 2 ** 20) {
    const n = nearest(x * (2 / Math.PI));
    // Three parts of pi / 2; products with the first two are exact.
    const r = x - n * 1.5707963267341256 - n * 6.077100506303966e-11 - n * 2.0222662487959506e-21;
    return { r, quadrant: n & 3 };
  }
  // Sixteen times a single-precision number of that size is an integer and multiplies the digits of 2 / pi.
  const product = BigInt(Math.abs(x) * 16) * TWO_OVER_PI;
  const whole = (product + (1n << (TWO_OVER_PI_BITS - 1n))) >> TWO_OVER_PI_BITS;
  const rest = product - (whole << TWO_OVER_PI_BITS);
  const r = (Number(rest >> (TWO_OVER_PI_BITS - 128n)) / 2 ** 128) * (Math.PI / 2);
  const quadrant = Number(whole & 3n);
  return x < 0 ? { r: -r, quadrant: -quadrant & 3 } : { r, quadrant };
}

const alternating = (first: number): number[] =>
  Array.from({ length: 9 }, (_, k) => (k % 2 === 0 ? 1 : -1) * INVERSE_FACTORIALS[2 * k + first]!);
const SINE = alternating(1);
const COSINE = alternating(0);

/** sin(x + quarter * pi / 2). */
function circular(x: number, quarter: 0 | 1): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const { r, quadrant } = reduce(x);
  const shifted = (quadrant + quarter) & 3;
  const value = shifted % 2 === 0 ? r * polynomial(r * r, SINE) : polynomial(r * r, COSINE);
  return shifted < 2 ? value : -value;
}

/** Uses a series near 0, where a quotient of exponentials would lose digits. */
function tanh(x: number): number {
  const size = Math.abs(x);
  if (size < 0.05) return x * polynomial(x * x, [1, -1 / 3, 2 / 15, -17 / 315, 62 / 2835]);
  if (size > 20) return Math.sign(x);
  const e = exp(2 * size);
  return (Math.sign(x) * (e - 1)) / (e + 1);
}

const ATAN = ODD_INVERSES.map((value, k) => (k % 2 === 0 ? value : -value));

/** Halves the angle twice, then uses a series. */
function atan(x: number): number {
  if (Math.abs(x) > 1) return Math.sign(x) * (Math.PI / 2) - atan(1 / x);
  const half = x / (1 + Math.sqrt(1 + x * x));
  const quarter = half / (1 + Math.sqrt(1 + half * half));
  return 4 * quarter * polynomial(quarter * quarter, ATAN);
}

/**
 * Integer exponents up to this are computed as products, so that a result that single precision can represent is
 * exact.
 */
const LARGEST_PRODUCT = 1024;

/** Follows Math.pow for numbers that are not finite. */
function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (Number.isInteger(y) && Math.abs(y) <= LARGEST_PRODUCT) {
    let product = 1;
    let factor = x;
    for (let n = Math.abs(y); n > 0; n >>= 1) {
      if (n & 1) product *= factor;
      factor *= factor;
    }
    return y < 0 ? 1 / product : product;
  }
  const size = Math.abs(x);
  if (!Number.isFinite(y)) return size === 1 ? Number.NaN : exp(y * log(size));
  if (x < 0 && !Number.isInteger(y)) return x === Number.NEGATIVE_INFINITY ? exp(y * log(size)) : Number.NaN;
  const value = exp(y * log(size));
  return x < 0 && y % 2 !== 0 ? -value : value;
}

export const PORTABLE: PortableFunctions = {
  exp,
  log,
  sin: (x) => circular(x, 0),
  cos: (x) => circular(x, 1),
  tanh,
  atan,
  pow,
};

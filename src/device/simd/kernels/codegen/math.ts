import { type Code, TYPE } from "../../wasm/encoding.js";
import { block, branchIf, call, f32, f32x4, f64, get, i32, i32x4, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder, ModuleBuilder } from "../../wasm/module.js";

/**
 * Elementary functions on four numbers in single precision, written into the calling kernel. Each returns code of a
 * value whose argument is the local `x`. Bounds on the relative error, tested in test/device/simd/math.test.ts: exp
 * 2e-7, log 2e-7, sin and cos 2e-7 (absolute near their zeros), tanh 3e-7, sigmoid 4e-7, atan 3e-7, and for `power`
 * 2e-7 times (1 + |y log x|). Infinities and NaN give the results of Math; exp underflows gradually.
 */
export type UnaryFunction = (f: FunctionBuilder, x: number, host: HostFunctions) => Code;

/** Functions of the host, for arguments so large that their reduction needs more than single precision. */
export interface HostFunctions {
  readonly sin: number;
  readonly cos: number;
}

export function importHostFunctions(module: ModuleBuilder): HostFunctions {
  const signature = { parameters: [TYPE.f64], results: [TYPE.f64] };
  return { sin: module.import("sin", signature), cos: module.import("cos", signature) };
}

const c = f32x4.const;
const { add, sub, mul, div } = f32x4;

/** log 2 minus 0.693359375, which has so few bits that its products with small integers are exact. */
const LN2_LOW = -2.121944400546905e-4;

/** Horner's rule, highest coefficient first. */
function polynomial(x: Code, coefficients: readonly number[]): Code {
  return coefficients.slice(1).reduce<Code>((sum, k) => add(mul(sum, x), c(k)), c(coefficients[0]!));
}

const keep = (f: FunctionBuilder, value: Code): Code => get(f.let(TYPE.v128, value));

/** 2^n for whole n from -126 to 127, by its exponent bits. */
const powerOfTwo = (n: Code): Code => i32x4.shl(i32x4.add(n, i32x4.const(127)), i32.const(23));

/** x = n log 2 + r; exp(r) by a polynomial; 2^n in two factors, so that results below 2^-126 underflow gradually. */
const exp: UnaryFunction = (f, x) => {
  const bounded = keep(f, f32x4.pmin(f32x4.pmax(get(x), c(-110)), c(90)));
  const n = keep(f, f32x4.nearest(mul(bounded, c(Math.LOG2E))));
  const r = keep(f, sub(sub(bounded, mul(n, c(0.693359375))), mul(n, c(LN2_LOW))));
  const tail = polynomial(
    r,
    [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1],
  );
  const value = add(add(mul(mul(r, r), tail), r), c(1));
  const whole = keep(f, i32x4.truncSatF32x4s(n));
  const half = keep(f, i32x4.shrS(whole, i32.const(1)));
  return keep(f, mul(mul(value, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half))));
};

/** x = 2^e m with m from sqrt(1/2) to sqrt(2). */
const log: UnaryFunction = (f, x) => {
  const small = keep(f, f32x4.lt(get(x), c(2 ** -126)));
  const scaled = keep(f, v128.bitselect(mul(get(x), c(2 ** 25)), get(x), small));
  const exponent = i32x4.sub(i32x4.shrU(scaled, i32.const(23)), i32x4.const(126));
  const mantissa = keep(f, v128.or(v128.and(scaled, i32x4.const(0x007fffff)), c(0.5)));
  const low = keep(f, f32x4.lt(mantissa, c(Math.SQRT1_2)));
  const e = keep(f, sub(sub(f32x4.convertI32x4s(exponent), v128.and(c(1), low)), v128.and(c(25), small)));
  const m = keep(f, sub(add(mantissa, v128.and(mantissa, low)), c(1)));
  const tail = polynomial(
    m,
    [
      7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
      2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    ],
  );
  const square = keep(f, mul(m, m));
  const low4 = add(mul(mul(square, m), tail), mul(e, c(LN2_LOW)));
  const value = add(add(m, sub(low4, mul(square, c(0.5)))), mul(e, c(0.693359375)));
  // Not below infinity: infinity itself and NaN. The logarithm is NaN below zero and -infinity at zero.
  const finite = v128.bitselect(value, get(x), f32x4.lt(get(x), c(Infinity)));
  const atZero = v128.bitselect(c(-Infinity), finite, f32x4.eq(get(x), c(0)));
  return keep(f, v128.or(atZero, f32x4.lt(get(x), c(0))));
};

const sigmoid: UnaryFunction = (f, x) => {
  const negated = f.let(TYPE.v128, f32x4.neg(get(x)));
  return keep(f, div(c(1), add(c(1), exp(f, negated, { sin: 0, cos: 0 }))));
};

const tanh: UnaryFunction = (f, x) => {
  const size = keep(f, f32x4.abs(get(x)));
  const doubled = f.let(TYPE.v128, add(size, size));
  const large = keep(f, sub(c(1), div(c(2), add(exp(f, doubled, { sin: 0, cos: 0 }), c(1)))));
  const square = keep(f, mul(get(x), get(x)));
  const tail = polynomial(
    square,
    [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1],
  );
  const small = add(mul(mul(tail, square), get(x)), get(x));
  const signed = v128.or(large, v128.and(get(x), c(-0)));
  return keep(f, v128.bitselect(small, signed, f32x4.lt(size, c(0.625))));
};

const atan: UnaryFunction = (f, x) => {
  const size = keep(f, f32x4.abs(get(x)));
  const steep = keep(f, f32x4.gt(size, c(2.414213562373095)));
  const middle = keep(f, v128.andnot(f32x4.gt(size, c(0.414213562373095)), steep));
  const folded = v128.bitselect(div(sub(size, c(1)), add(size, c(1))), size, middle);
  const r = keep(f, v128.bitselect(div(c(-1), size), folded, steep));
  const offset = v128.or(v128.and(c(Math.PI / 2), steep), v128.and(c(Math.PI / 4), middle));
  const square = keep(f, mul(r, r));
  const tail = polynomial(square, [8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1]);
  const value = keep(f, add(offset, add(mul(mul(tail, square), r), r)));
  return keep(f, v128.or(value, v128.and(get(x), c(-0))));
};

/** Largest argument that the reduction below handles accurately; larger arguments use Math, lane by lane. */
const REDUCIBLE = 8192;

/** sin(x + quarter * pi/2). */
function circular(f: FunctionBuilder, x: number, quarter: 0 | 1, host: number): Code {
  const n = keep(f, f32x4.nearest(mul(get(x), c(2 / Math.PI))));
  const reduced = sub(sub(get(x), mul(n, c(1.5703125))), mul(n, c(4.837512969970703e-4)));
  const r = keep(f, sub(reduced, mul(n, c(7.549789948768648e-8))));
  const square = keep(f, mul(r, r));
  const sine = add(mul(mul(polynomial(square, [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]), square), r), r);
  const cosineTail = polynomial(square, [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]);
  const cosine = add(sub(mul(mul(cosineTail, square), square), mul(square, c(0.5))), c(1));
  const quadrant = keep(f, i32x4.add(i32x4.truncSatF32x4s(n), i32x4.const(quarter)));
  const odd = i32x4.eq(v128.and(quadrant, i32x4.const(1)), i32x4.const(1));
  const flip = i32x4.shl(v128.and(quadrant, i32x4.const(2)), i32.const(30));
  const result = f.let(TYPE.v128, v128.xor(v128.bitselect(cosine, sine, odd), flip));
  const lanes: Code[] = [];
  for (let lane = 0; lane < 4; lane++) {
    const exact = f32.demoteF64(call(host, f64.promoteF32(f32x4.extract(lane, get(x)))));
    lanes.push(set(result, f32x4.replace(lane, get(result), exact)));
  }
  const inRange = f32x4.le(f32x4.abs(get(x)), c(REDUCIBLE));
  f.emit(block(branchIf(0, i32.eqz(v128.anyTrue(v128.not(inRange)))), ...lanes));
  return get(result);
}

const sin: UnaryFunction = (f, x, host) => circular(f, x, 0, host.sin);
const cos: UnaryFunction = (f, x, host) => circular(f, x, 1, host.cos);

/** The functions by the name of their operator. */
export const UNARY = { exp, log, sin, cos, tanh, atan, sigmoid } as const;

/** x^y as exp(y log|x|), with the sign of x if y is an odd integer, and NaN for x < 0 and y not an integer. */
export function power(f: FunctionBuilder, x: number, y: number): Code {
  const none = { sin: 0, cos: 0 };
  const size = f.let(TYPE.v128, f32x4.abs(get(x)));
  const exponent = f.let(TYPE.v128, mul(get(y), log(f, size, none)));
  const value = exp(f, exponent, none);
  const below = keep(f, f32x4.lt(get(x), c(0)));
  const whole = f32x4.eq(f32x4.floor(get(y)), get(y));
  const half = keep(f, mul(get(y), c(0.5)));
  const odd = f32x4.ne(f32x4.floor(half), half);
  const signed = v128.xor(value, v128.and(v128.and(c(-0), below), odd));
  const real = v128.or(signed, v128.andnot(below, whole));
  return keep(f, v128.bitselect(c(1), real, f32x4.eq(get(y), c(0))));
}

import { f64x2, i64x2, truncateToI32x4 } from "../../wasm/doubles.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { get, i32, i32x4 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";

const { add, sub, mul } = f64x2;
const ONE = f64x2.const(1);

const keep = (f: FunctionBuilder, value: Code): Code => get(f.let(TYPE.v128, value));

/**
 * exp of two numbers in double precision, which are in local `x`. x = n log 2 + r with |r| up to log(2) / 2; exp(r) by
 * its series to r^13, with an error of 4e-18; 2^n in two factors, so that results below 2^-1022 underflow gradually.
 * Terms are added in independent pairs. `exp` of the host's portable functions runs the same operations in the same
 * order.
 */
export function doubleExp(f: FunctionBuilder, x: number): Code {
  const bounded = keep(f, f64x2.min(f64x2.max(get(x), f64x2.const(-760)), f64x2.const(720)));
  const n = keep(f, f64x2.nearest(mul(bounded, f64x2.const(Math.LOG2E))));
  const high = sub(bounded, mul(n, f64x2.const(0.6931471803691238)));
  const r = keep(f, sub(high, mul(n, f64x2.const(1.9082149292705877e-10))));
  const r2 = keep(f, mul(r, r));
  const r4 = keep(f, mul(r2, r2));
  const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1));
  const term = (k: number): Code => f64x2.const(1 / factorial(k + 2));
  const pair = (k: number): Code => add(term(k), mul(term(k + 1), r));
  const four = (k: number): Code => add(pair(k), mul(r2, pair(k + 2)));
  const tail = add(four(0), mul(r4, add(four(4), mul(r4, four(8)))));
  const value = add(ONE, add(r, mul(r2, tail)));
  const whole = keep(f, truncateToI32x4(n));
  const half = keep(f, i32x4.shrS(whole, i32.const(1)));
  const power = (exponent: Code): Code =>
    i64x2.shl(i64x2.add(i64x2.extendLow(exponent), i64x2.const(1023)), i32.const(52));
  return mul(mul(value, power(half)), power(i32x4.sub(whole, half)));
}

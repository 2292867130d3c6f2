import type { Lanes } from "../../../device/simd/kernels/lanes.js";
import { type Code, TYPE } from "../../../device/simd/wasm/encoding.js";
import { call, get, i32, i32x4, set } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder, ModuleBuilder } from "../../../device/simd/wasm/module.js";
import { f64x2, i64x2, truncateToI32x4 } from "./doubles.js";

const { add, sub, mul, div } = f64x2;
const ONE = f64x2.const(1);

/** Functions of the host by name; each is called for one number at a time. */
export const HOST_FUNCTIONS = { log: 1, sin: 1, cos: 1, tanh: 1, atan: 1, pow: 2 } as const;
export type HostFunctions = Readonly<Record<keyof typeof HOST_FUNCTIONS, number>>;

export function importHostFunctions(module: ModuleBuilder): HostFunctions {
  const entries = Object.entries(HOST_FUNCTIONS).map(([name, arity]) => {
    const parameters = Array.from({ length: arity }, () => TYPE.f64);
    return [name, module.import(name, { parameters, results: [TYPE.f64] })];
  });
  return Object.fromEntries(entries) as HostFunctions;
}

/** Code of a function of two numbers in double precision, which are in local `x`. */
type DoubleFunction = (f: FunctionBuilder, x: number, host: HostFunctions) => Code;

const keep = (f: FunctionBuilder, value: Code): Code => get(f.let(TYPE.v128, value));

/**
 * x = n log 2 + r with |r| up to log(2) / 2; exp(r) by its series to r^13, which leaves 4e-18; 2^n in two factors, so
 * that results below 2^-1022 come out gradually. Terms are added in pairs that do not wait for each other.
 */
const exp: DoubleFunction = (f, x) => {
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
};

const sigmoid: DoubleFunction = (f, x, host) => {
  const negated = f.let(TYPE.v128, f64x2.neg(get(x)));
  return div(ONE, add(ONE, exp(f, negated, host)));
};

/** The function of the host, lane by lane; the operands are locals. */
function byHost(f: FunctionBuilder, index: number, ...operands: readonly number[]): Code {
  const result = f.v128();
  for (const lane of [0, 1]) {
    const value = call(index, ...operands.map((operand) => f64x2.extract(lane, get(operand))));
    f.emit(set(result, f64x2.replace(lane, get(result), value)));
  }
  return get(result);
}

/** Two lanes in double precision. A constant does not make minima cheaper here: 0 and -0 stay what Math makes of them. */
export const DOUBLE_LANES: Lanes<HostFunctions> = {
  splat: (value) => f64x2.const(value),
  ...f64x2,
  minConstant: f64x2.min,
  maxConstant: f64x2.max,
  functions: {
    exp,
    sigmoid,
    log: (f, x, host) => byHost(f, host.log, x),
    sin: (f, x, host) => byHost(f, host.sin, x),
    cos: (f, x, host) => byHost(f, host.cos, x),
    tanh: (f, x, host) => byHost(f, host.tanh, x),
    atan: (f, x, host) => byHost(f, host.atan, x),
  },
  power: (f, x, y, host) => byHost(f, host.pow, x, y),
};

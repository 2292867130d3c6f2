import { type Code, TYPE } from "../../../device/simd/wasm/encoding.js";
import { call, get, i32, i32x4, set, v128 } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder, ModuleBuilder } from "../../../device/simd/wasm/module.js";
import type { Expression, Operation } from "../../../equations/expression.js";
import { f64x2, i64x2, truncateToI32x4 } from "./doubles.js";

const { add, sub, mul, div } = f64x2;
const ZERO = f64x2.const(0);
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

/**
 * Writes formulas into a function, two units at a time in double precision. Like the emitter of single precision it
 * computes a subexpression once in one straight stretch of code and keeps conditions as lane masks.
 */
export class DoubleFormulaEmitter {
  readonly #f: FunctionBuilder;
  readonly #symbols: (name: string) => Code;
  readonly #host: HostFunctions;
  readonly #values = new Map<Expression, Code>();
  readonly #masks = new Map<Expression, Code>();

  constructor(f: FunctionBuilder, symbols: (name: string) => Code, host: HostFunctions) {
    this.#f = f;
    this.#symbols = symbols;
    this.#host = host;
  }

  /** Code that reads the value of the expression; cheap to repeat. */
  value(e: Expression): Code {
    if (e.kind === "constant") return f64x2.const(e.value);
    const known = this.#values.get(e);
    if (known !== undefined) return known;
    const code = e.kind === "symbol" ? this.#symbols(e.name) : this.#keep(this.#compute(e));
    this.#values.set(e, code);
    return code;
  }

  /** Code that reads the expression as a condition: all bits of a lane set where it is not 0. */
  mask(e: Expression): Code {
    const known = this.#masks.get(e);
    if (known !== undefined) return known;
    const code = this.#keep((e.kind === "operation" && this.#condition(e)) || f64x2.ne(this.value(e), ZERO));
    this.#masks.set(e, code);
    return code;
  }

  #keep(code: Code): Code {
    return get(this.#f.let(TYPE.v128, code));
  }

  #condition({ operator, operands }: Operation): Code | undefined {
    const [a, b] = operands as [Expression, Expression];
    switch (operator) {
      case "step":
      case "spike":
        return f64x2.gt(this.value(a), ZERO);
      case "less":
        return f64x2.lt(this.value(a), this.value(b));
      case "lessEqual":
        return f64x2.le(this.value(a), this.value(b));
      case "equal":
        return f64x2.eq(this.value(a), this.value(b));
      case "and":
        return v128.and(this.mask(a), this.mask(b));
      case "or":
        return v128.or(this.mask(a), this.mask(b));
      case "not":
        return v128.not(this.mask(a));
      default:
        return undefined;
    }
  }

  #compute(e: Operation): Code {
    const [a, b, c] = e.operands as [Expression, Expression, Expression];
    switch (e.operator) {
      case "add":
        return add(this.value(a), this.value(b));
      case "subtract":
        return sub(this.value(a), this.value(b));
      case "multiply":
        return mul(this.value(a), this.value(b));
      case "divide":
        return div(this.value(a), this.value(b));
      case "negate":
        return f64x2.neg(this.value(a));
      case "abs":
        return f64x2.abs(this.value(a));
      case "sqrt":
        return f64x2.sqrt(this.value(a));
      case "floor":
        return f64x2.floor(this.value(a));
      case "min":
        return f64x2.min(this.value(a), this.value(b));
      case "max":
        return f64x2.max(this.value(a), this.value(b));
      case "relu":
        return f64x2.max(this.value(a), ZERO);
      case "exp":
        return this.#exp(this.value(a));
      case "sigmoid":
        return div(ONE, add(ONE, this.#exp(f64x2.neg(this.value(a)))));
      case "log":
      case "sin":
      case "cos":
      case "tanh":
      case "atan":
        return this.#byHost(e.operator, this.value(a));
      case "power":
        return this.#byHost("pow", this.value(a), this.value(b));
      case "sign": {
        const x = this.value(a);
        const above = v128.and(ONE, f64x2.gt(x, ZERO));
        const below = v128.and(f64x2.const(-1), f64x2.lt(x, ZERO));
        return v128.or(v128.or(above, below), f64x2.ne(x, x));
      }
      case "select":
        return v128.bitselect(this.value(b), this.value(c), this.mask(a));
      default:
        return v128.and(this.mask(e), ONE);
    }
  }

  #byHost(name: keyof HostFunctions, ...operands: readonly Code[]): Code {
    const result = this.#f.v128();
    for (const lane of [0, 1]) {
      const value = call(this.#host[name], ...operands.map((operand) => f64x2.extract(lane, operand)));
      this.#f.emit(set(result, f64x2.replace(lane, get(result), value)));
    }
    return get(result);
  }

  /**
   * x = n log 2 + r with |r| up to log(2) / 2; exp(r) by its series to r^13, which leaves 4e-18; 2^n in two factors, so
   * that results below 2^-1022 come out gradually. Terms are added in pairs that do not wait for each other.
   */
  #exp(argument: Code): Code {
    const bounded = this.#keep(f64x2.min(f64x2.max(argument, f64x2.const(-760)), f64x2.const(720)));
    const n = this.#keep(f64x2.nearest(mul(bounded, f64x2.const(Math.LOG2E))));
    const high = sub(bounded, mul(n, f64x2.const(0.6931471803691238)));
    const r = this.#keep(sub(high, mul(n, f64x2.const(1.9082149292705877e-10))));
    const r2 = this.#keep(mul(r, r));
    const r4 = this.#keep(mul(r2, r2));
    const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1));
    const term = (k: number): Code => f64x2.const(1 / factorial(k + 2));
    const pair = (k: number): Code => add(term(k), mul(term(k + 1), r));
    const four = (k: number): Code => add(pair(k), mul(r2, pair(k + 2)));
    const tail = add(four(0), mul(r4, add(four(4), mul(r4, four(8)))));
    const value = add(ONE, add(r, mul(r2, tail)));
    const whole = this.#keep(truncateToI32x4(n));
    const half = this.#keep(i32x4.shrS(whole, i32.const(1)));
    const power = (exponent: Code): Code =>
      i64x2.shl(i64x2.add(i64x2.extendLow(exponent), i64x2.const(1023)), i32.const(52));
    return mul(mul(value, power(half)), power(i32x4.sub(whole, half)));
  }
}

import type { Expression, Operation } from "../../../equations/expression.js";
import { type Code, TYPE } from "../wasm/encoding.js";
import { f32x4, get, i32x4, v128 } from "../wasm/instructions.js";
import type { FunctionBuilder } from "../wasm/module.js";
import { type HostFunctions, power, UNARY } from "./math.js";

/** Gives the code of a symbol's value for four units, usually a local. */
export type Symbols = (name: string) => Code;

type Binary = (a: Code, b: Code) => Code;

const { add, sub, mul, div } = f32x4;
const ZERO = f32x4.const(0);
const ONE = f32x4.const(1);

/**
 * Writes formulas into a function, four units at a time in single precision, each operation rounded once and in the
 * order written. One emitter covers one straight stretch of code: subexpressions it has met are not computed again.
 * Conditions are lane masks for as long as only conditions and `select` look at them.
 */
export class FormulaEmitter {
  readonly #f: FunctionBuilder;
  readonly #symbols: Symbols;
  readonly #host: HostFunctions;
  readonly #values = new Map<Expression, Code>();
  readonly #masks = new Map<Expression, Code>();

  constructor(f: FunctionBuilder, symbols: Symbols, host: HostFunctions) {
    this.#f = f;
    this.#symbols = symbols;
    this.#host = host;
  }

  /** Code that reads the value of the expression; cheap to repeat. */
  value(e: Expression): Code {
    if (e.kind === "constant") return f32x4.const(e.value);
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
    const code = this.#keep((e.kind === "operation" && this.#condition(e)) || f32x4.ne(this.value(e), ZERO));
    this.#masks.set(e, code);
    return code;
  }

  #keep(code: Code): Code {
    return get(this.#f.let(TYPE.v128, code));
  }

  /** A local that holds the value, for the functions that read their argument more than once. */
  #local(e: Expression): number {
    return this.#f.let(TYPE.v128, this.value(e));
  }

  #condition({ operator, operands }: Operation): Code | undefined {
    const [a, b] = operands as [Expression, Expression];
    switch (operator) {
      case "step":
      case "spike":
        // z - threshold > 0 holds exactly where z > threshold: no rounding makes a difference of unequal numbers 0.
        if (a.kind === "operation" && a.operator === "subtract") {
          return f32x4.gt(this.value(a.operands[0]!), this.value(a.operands[1]!));
        }
        return f32x4.gt(this.value(a), ZERO);
      case "less":
        return f32x4.lt(this.value(a), this.value(b));
      case "lessEqual":
        return f32x4.le(this.value(a), this.value(b));
      case "equal":
        return f32x4.eq(this.value(a), this.value(b));
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
        return this.#unlessSpiked(a, b) ?? sub(this.value(a), this.value(b));
      case "multiply":
        return mul(this.value(a), this.value(b));
      case "divide":
        return div(this.value(a), this.value(b));
      case "negate":
        // One instruction with a constant that stays in a register; engines make three of `f32x4.neg`.
        return v128.xor(this.value(a), f32x4.const(-0));
      case "abs":
        return f32x4.abs(this.value(a));
      case "sqrt":
        return f32x4.sqrt(this.value(a));
      case "floor":
        return f32x4.floor(this.value(a));
      case "exp":
      case "log":
      case "sin":
      case "cos":
      case "tanh":
      case "atan":
      case "sigmoid":
        return UNARY[e.operator](this.#f, this.#local(a), this.#host);
      case "power":
        return power(this.#f, this.#local(a), this.#local(b));
      case "relu":
        return f32x4.pmax(this.value(a), ZERO);
      case "min":
        return this.#bounded(a, b, f32x4.pmin, f32x4.min);
      case "max":
        return this.#bounded(a, b, f32x4.pmax, f32x4.max);
      case "sign": {
        const x = this.#local(a);
        const above = v128.and(ONE, f32x4.gt(get(x), ZERO));
        const below = v128.and(f32x4.const(-1), f32x4.lt(get(x), ZERO));
        return v128.or(v128.or(above, below), f32x4.ne(get(x), get(x)));
      }
      case "select":
        return v128.bitselect(this.value(b), this.value(c), this.mask(a));
      default:
        return v128.and(this.mask(e), ONE);
    }
  }

  /** 1 - y of a condition y, without the subtraction. */
  #unlessSpiked(a: Expression, b: Expression): Code | undefined {
    if (a.kind !== "constant" || a.value !== 1 || !isCondition(b)) return undefined;
    return v128.andnot(ONE, this.mask(b));
  }

  /** The cheap form takes NaN from its first operand only, which is enough where the second one is a constant. */
  #bounded(a: Expression, b: Expression, cheap: Binary, full: Binary): Code {
    if (b.kind === "constant") return cheap(this.value(a), this.value(b));
    if (a.kind === "constant") return cheap(this.value(b), this.value(a));
    return full(this.value(a), this.value(b));
  }

  /** Takes over what another emitter has computed before this one's code runs. */
  adopt(earlier: FormulaEmitter): void {
    for (const [e, code] of earlier.#values) this.#values.set(e, code);
    for (const [e, code] of earlier.#masks) this.#masks.set(e, code);
  }
}

/** Whether the expression is a condition, so that its mask says everything about it. */
export const isCondition = (e: Expression): boolean =>
  e.kind === "operation" && ["step", "spike", "less", "lessEqual", "equal", "and", "or", "not"].includes(e.operator);

/** Lanes of the four units from `first` on that are below `valid`, as a lane mask. */
export function validLanes(valid: number, first: number): Code {
  const lane = (i: number): number => (first + i < valid ? -1 : 0);
  return i32x4.lanes(lane(0), lane(1), lane(2), lane(3));
}

/** The value with what lies behind the valid units set to 0. */
export const keepValid = (value: Code, valid: number, first: number): Code =>
  first + 4 <= valid ? value : v128.and(value, validLanes(valid, first));

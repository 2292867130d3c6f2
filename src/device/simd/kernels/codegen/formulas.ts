import {
  type Constant,
  type Expression,
  isCondition,
  type Operation,
} from "../../../../equations/language/expression.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { get, i32x4, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { type Lanes, SINGLE } from "./lanes.js";
import type { HostFunctions } from "./math.js";

/** Returns the code of a symbol's value for the units of a vector, usually a local. */
export type Symbols = (name: string) => Code;

type Binary = (a: Code, b: Code) => Code;

/**
 * Writes formulas into a function, a vector of units at a time, each operation rounded once and in the order written.
 * One emitter covers one straight stretch of code and computes each subexpression once. Conditions stay lane masks
 * while only conditions and `select` read them.
 */
export class LaneFormulas<Host> {
  readonly #f: FunctionBuilder;
  readonly #symbols: Symbols;
  readonly lanes: Lanes<Host>;
  readonly #host: Host;
  readonly #zero: Code;
  readonly #one: Code;
  readonly #values = new Map<Expression, Code>();
  readonly #masks = new Map<Expression, Code>();

  constructor(f: FunctionBuilder, symbols: Symbols, lanes: Lanes<Host>, host: Host) {
    this.#f = f;
    this.#symbols = symbols;
    this.lanes = lanes;
    this.#host = host;
    this.#zero = lanes.const(0);
    this.#one = lanes.const(1);
  }

  /** Code that reads the value of the expression; cheap to repeat. */
  value(e: Expression): Code {
    const known = this.#values.get(e);
    if (known !== undefined) return known;
    if (e.kind === "constant") return this.lanes.const(e.value);
    const code = e.kind === "symbol" ? this.#symbols(e.name) : this.#keep(this.#compute(e));
    this.#values.set(e, code);
    return code;
  }

  /** Code that reads the expression as a condition: all bits of a lane set where it is not 0. */
  mask(e: Expression): Code {
    const known = this.#masks.get(e);
    if (known !== undefined) return known;
    const code = this.#keep((e.kind === "operation" && this.#condition(e)) || this.lanes.ne(this.value(e), this.#zero));
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
    const { gt, lt, le, eq } = this.lanes;
    const [a, b] = operands as [Expression, Expression];
    switch (operator) {
      case "step":
      case "spike":
        // z - threshold > 0 holds exactly if z > threshold: no rounding makes a difference of unequal numbers 0.
        if (a.kind === "operation" && a.operator === "subtract") {
          return gt(this.value(a.operands[0]!), this.value(a.operands[1]!));
        }
        return gt(this.value(a), this.#zero);
      case "less":
        return lt(this.value(a), this.value(b));
      case "lessEqual":
        return le(this.value(a), this.value(b));
      case "equal":
        return eq(this.value(a), this.value(b));
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
    const lanes = this.lanes;
    const [a, b, c] = e.operands as [Expression, Expression, Expression];
    switch (e.operator) {
      case "add":
        return lanes.add(this.value(a), this.value(b));
      case "subtract": {
        const condition = this.#negated(e);
        return condition === undefined
          ? lanes.sub(this.value(a), this.value(b))
          : v128.andnot(this.#one, this.mask(condition));
      }
      case "multiply":
        return this.#where(a, b) ?? this.#where(b, a) ?? lanes.mul(this.value(a), this.value(b));
      case "divide":
        return lanes.div(this.value(a), this.value(b));
      case "negate":
        // One instruction with a constant that stays in a register; engines emit three for `f32x4.neg`.
        return v128.xor(this.value(a), lanes.const(-0));
      case "abs":
        return lanes.abs(this.value(a));
      case "sqrt":
        return lanes.sqrt(this.value(a));
      case "floor":
        return lanes.floor(this.value(a));
      case "exp":
      case "log":
      case "sin":
      case "cos":
      case "tanh":
      case "atan":
      case "sigmoid":
        return lanes.functions[e.operator](this.#f, this.#local(a), this.#host);
      case "power":
        return lanes.power(this.#f, this.#local(a), this.#local(b), this.#host);
      case "relu":
        return lanes.maxConstant(this.value(a), this.#zero);
      case "min":
        return this.#bounded(a, b, lanes.minConstant, lanes.min);
      case "max":
        return this.#bounded(a, b, lanes.maxConstant, lanes.max);
      case "sign": {
        const x = this.#local(a);
        const above = v128.and(this.#one, lanes.gt(get(x), this.#zero));
        const below = v128.and(lanes.const(-1), lanes.lt(get(x), this.#zero));
        const signed = v128.or(v128.or(above, below), lanes.ne(get(x), get(x)));
        return lanes.literal ? v128.or(signed, v128.and(get(x), lanes.const(-0))) : signed;
      }
      case "select":
        if (isZero(c)) return v128.and(this.value(b), this.mask(a));
        if (isZero(b)) return v128.andnot(this.value(c), this.mask(a));
        return v128.bitselect(this.value(b), this.value(c), this.mask(a));
      default:
        return v128.and(this.mask(e), this.#one);
    }
  }

  /** The condition y of an expression 1 - y. */
  #negated(e: Expression): Expression | undefined {
    if (this.lanes.literal) return undefined;
    if (e.kind !== "operation" || e.operator !== "subtract") return undefined;
    const [a, b] = e.operands as [Expression, Expression];
    return a.kind === "constant" && a.value === 1 && this.#isCondition(b) ? b : undefined;
  }

  /**
   * The product of a value and a condition y, or 1 - y, without a multiplication. Unlike 0 times the value, the result
   * is 0 even if the value is not finite.
   */
  #where(value: Expression, factor: Expression): Code | undefined {
    if (this.lanes.literal) return undefined;
    if (this.#isCondition(factor)) return v128.and(this.value(value), this.mask(factor));
    const condition = this.#negated(factor);
    return condition === undefined ? undefined : v128.andnot(this.value(value), this.mask(condition));
  }

  #isCondition(e: Expression): boolean {
    return isCondition(e) || (e.kind === "symbol" && this.#masks.has(e));
  }

  /** Loads a constant into a register before a loop. */
  keepConstant(e: Constant): void {
    this.#values.set(e, this.#keep(this.lanes.splat(e.value)));
  }

  /** Registers an expression: `code` reads its value. */
  given(e: Expression, code: Code): void {
    this.#values.set(e, code);
  }

  /** Registers an expression as a condition: `mask` reads it as a lane mask. */
  condition(e: Expression, mask: Code): void {
    this.#masks.set(e, mask);
    this.#values.set(e, v128.and(mask, this.#one));
  }

  #bounded(a: Expression, b: Expression, cheap: Binary, full: Binary): Code {
    if (b.kind === "constant") return cheap(this.value(a), this.value(b));
    if (a.kind === "constant") return cheap(this.value(b), this.value(a));
    return full(this.value(a), this.value(b));
  }

  /** Copies the results of another emitter whose code runs before. */
  adopt(earlier: LaneFormulas<Host>): void {
    for (const [e, code] of earlier.#values) this.#values.set(e, code);
    for (const [e, code] of earlier.#masks) this.#masks.set(e, code);
  }
}

const isZero = (e: Expression): boolean => e.kind === "constant" && e.value === 0;

/** Four units at a time in single precision. */
export class FormulaEmitter extends LaneFormulas<HostFunctions> {
  constructor(f: FunctionBuilder, symbols: Symbols, host: HostFunctions, lanes = SINGLE) {
    super(f, symbols, lanes, host);
  }
}

/** Lanes of the four units from `first` on that are below `valid`, as a lane mask. */
export function validLanes(valid: number, first: number): Code {
  const lane = (i: number): number => (first + i < valid ? -1 : 0);
  return i32x4.lanes(lane(0), lane(1), lane(2), lane(3));
}

/** The value, with the lanes after the valid units set to 0. */
export const keepValid = (value: Code, valid: number, first: number): Code =>
  first + 4 <= valid ? value : v128.and(value, validLanes(valid, first));

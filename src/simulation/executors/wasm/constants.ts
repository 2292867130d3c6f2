import { type Code, TYPE } from "../../../device/simd/wasm/encoding.js";
import { get } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../device/simd/wasm/module.js";
import { type Expression, type Operator, operation, symbol } from "../../../equations/language/expression.js";
import type { Real } from "./real.js";

/** Operations with a cheaper form for a constant operand. */
const KEEP: ReadonlySet<Operator> = new Set(["min", "max", "power"]);

/**
 * Keeps the constants of formulas in locals outside a loop. Otherwise each costs an engine three instructions per
 * iteration.
 */
export class ConstantLocals {
  readonly #f: FunctionBuilder;
  readonly #real: Real;
  /** Code of the symbols of the constants. */
  readonly locals = new Map<string, Code>();
  readonly #done = new Map<Expression, Expression>();

  constructor(f: FunctionBuilder, real: Real) {
    this.#f = f;
    this.#real = real;
  }

  /** The expression with its constants as symbols; 0 and 1 stay, as operations have short forms for them. */
  hoist(e: Expression): Expression {
    const known = this.#done.get(e);
    if (known !== undefined) return known;
    const made = this.#make(e);
    this.#done.set(e, made);
    return made;
  }

  #make(e: Expression): Expression {
    if (e.kind === "symbol") return e;
    if (e.kind === "operation") {
      const keeps = KEEP.has(e.operator);
      return operation(e.operator, ...e.operands.map((o) => (keeps && o.kind === "constant" ? o : this.hoist(o))));
    }
    if (Object.is(e.value, 0) || e.value === 1) return e;
    const name = `constant__${this.locals.size}`;
    this.locals.set(name, this.local(e.value));
    return symbol(name);
  }

  /** Code of a number in a local of its own. */
  local(value: number): Code {
    return get(this.#f.let(TYPE.v128, this.#real.lanes.const(value)));
  }
}

import { type Code, TYPE } from "../../../device/simd/wasm/encoding.js";
import { get } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../device/simd/wasm/module.js";
import { numberOf } from "../../../equations/kernels/emit-javascript.js";
import { type Expression, type NamedSymbol, operation, symbol } from "../../../equations/language/expression.js";
import type { Real } from "./real.js";

/** Entry of a table, as an operand of formulas. */
interface Lookup {
  /** Number of the table. */
  readonly table: number;
  /** Over the symbols of the formulas and of other lookups. */
  readonly index: Expression;
}

/** The lookups of formulas. The emitter of formulas does not know them, so each becomes a symbol. */
export class LookupLocals {
  /** By symbol. */
  readonly lookups = new Map<string, Lookup>();
  readonly #done = new Map<Expression, Expression>();

  /** The expression with a symbol in place of every lookup. */
  extract(e: Expression): Expression {
    if (e.kind !== "operation") return e;
    const known = this.#done.get(e);
    if (known !== undefined) return known;
    const made =
      e.operator === "lookup"
        ? this.#symbol({ table: numberOf(e), index: this.extract(e.operands[1]!) })
        : operation(e.operator, ...e.operands.map((operand) => this.extract(operand)));
    this.#done.set(e, made);
    return made;
  }

  #symbol(lookup: Lookup): NamedSymbol {
    const name = `lookup__${this.lookups.size}`;
    this.lookups.set(name, lookup);
    return symbol(name);
  }
}

/** Entries of a table for a register of indices; every index is within the table. */
export function emitLookup(f: FunctionBuilder, { lanes, shift }: Real, address: number, index: Code): Code {
  const at = f.let(TYPE.v128, index);
  let entries = lanes.const(0);
  for (let lane = 0; lane < lanes.count; lane++) {
    entries = lanes.replaceFromMemory(lane, entries, address, lanes.byteOf(lane, get(at), shift));
  }
  return get(f.let(TYPE.v128, entries));
}

import { f64x2, i64x2 } from "../../../device/simd/wasm/doubles.js";
import { type Code, TYPE } from "../../../device/simd/wasm/encoding.js";
import { get, i32x4, v128 } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../device/simd/wasm/module.js";
import { type Expression, substitute, symbol } from "../../../equations/language/expression.js";
import type { Accumulation, Sum } from "./accumulation.js";
import type { Emitter } from "./real.js";

/** A register full of numbers in single precision; in double precision two registers with two numbers each. */
export interface Pair {
  readonly low: Code;
  readonly high: Code;
}

/** The accumulations of a population. Its formulas read the sums by symbols, so that a sum is computed once. */
export class Accumulations {
  /** In the order of the states; `shorten` has simplified their expressions. */
  readonly states: readonly (Accumulation | undefined)[];
  readonly #sums = new Map<Expression, Expression>();
  /** By the name of the symbol: the sum, and the index of its state. */
  readonly #byName = new Map<string, readonly [sum: Sum, state: number]>();

  constructor(states: readonly (Accumulation | undefined)[], shorten: (e: Expression) => Expression) {
    for (const state of states) if (state !== undefined) this.#name(state);
    this.states = states.map((state, s) => state && this.#prepare(state, s, shorten));
  }

  /** The formula with symbols in place of the sums. */
  extract(e: Expression): Expression {
    return substitute(e, this.#sums);
  }

  /** The sum of a symbol, and the index of its state. */
  sum(name: string): readonly [Sum, number] | undefined {
    return this.#byName.get(name);
  }

  #name(accumulation: Accumulation): void {
    if (accumulation.kind === "sum" && !this.#sums.has(accumulation.result)) {
      this.#sums.set(accumulation.result, symbol(`sum__${this.#sums.size}`));
    }
    if ("of" in accumulation) this.#name(accumulation.of);
    if (accumulation.kind !== "choice") return;
    this.#name(accumulation.yes);
    this.#name(accumulation.no);
  }

  #prepare(of: Accumulation, state: number, shorten: (e: Expression) => Expression): Accumulation {
    const formula = (e: Expression): Expression => shorten(this.extract(e));
    const inner = (accumulation: Accumulation): Accumulation => this.#prepare(accumulation, state, shorten);
    switch (of.kind) {
      case "held":
        return of;
      case "fresh":
        return of.value.kind === "constant" ? of : { ...of, value: formula(of.value) };
      case "sum": {
        const prepared: Sum = { ...of, of: inner(of.of), increment: formula(of.increment) };
        const name = this.#sums.get(of.result)!;
        if (name.kind === "symbol") this.#byName.set(name.name, [prepared, state]);
        return prepared;
      }
      case "choice":
        return { ...of, condition: formula(of.condition), yes: inner(of.yes), no: inner(of.no) };
      default:
        return { ...of, of: inner(of.of) };
    }
  }
}

/** Writes the accumulations of one register full of neurons; a sum that is used twice is computed once. */
export class AccumulationWriter {
  readonly #f: FunctionBuilder;
  readonly #emitter: Emitter;
  readonly #done = new Map<Expression, Pair>();

  constructor(f: FunctionBuilder, emitter: Emitter) {
    this.#f = f;
    this.#emitter = emitter;
  }

  /** @param present The state at the beginning of the step. */
  next(accumulation: Accumulation, present: Pair): Pair {
    switch (accumulation.kind) {
      case "held":
        return present;
      case "fresh":
        return this.#fresh(accumulation.value);
      case "sum":
        return this.#sum(accumulation, present);
      case "choice": {
        const { condition, yes, no } = accumulation;
        const [a, b] = [this.next(yes, present), this.next(no, present)];
        const mask = this.#emitter.mask(condition);
        return this.#keep(
          v128.bitselect(a.low, b.low, i64x2.extendLow(mask)),
          v128.bitselect(a.high, b.high, i64x2.extendHigh(mask)),
        );
      }
      default: {
        const { kind, of, bound } = accumulation;
        const { low, high } = this.next(of, present);
        return this.#keep(f64x2[kind](low, f64x2.const(bound)), f64x2[kind](high, f64x2.const(bound)));
      }
    }
  }

  #sum(sum: Sum, present: Pair): Pair {
    const known = this.#done.get(sum.result);
    if (known !== undefined) return known;
    const { low, high } = this.next(sum.of, present);
    const increment = this.#widen(this.#emitter.value(sum.increment));
    const made = this.#keep(f64x2.add(low, increment.low), f64x2.add(high, increment.high));
    this.#done.set(sum.result, made);
    return made;
  }

  #fresh(value: Expression): Pair {
    if (value.kind !== "constant") return this.#widen(this.#emitter.value(value));
    const both = f64x2.const(value.value);
    return { low: both, high: both };
  }

  #widen(four: Code): Pair {
    return this.#keep(f64x2.promoteLow(four), f64x2.promoteLow(i32x4.shuffle([2, 3, 2, 3], four, four)));
  }

  #keep(low: Code, high: Code): Pair {
    return { low: get(this.#f.let(TYPE.v128, low)), high: get(this.#f.let(TYPE.v128, high)) };
  }
}

/** The numbers of a pair in single precision. */
export const narrow = ({ low, high }: Pair): Code => i32x4.shuffle([0, 1, 4, 5], f64x2.demote(low), f64x2.demote(high));

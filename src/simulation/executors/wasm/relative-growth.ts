import { FormulaEmitter } from "../../../device/simd/kernels/formulas.js";
import type { HostFunctions } from "../../../device/simd/kernels/math.js";
import { type Code, TYPE } from "../../../device/simd/wasm/encoding.js";
import { f32x4, get, set, v128 } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../device/simd/wasm/module.js";
import {
  type Expression,
  multiply,
  ONE,
  type Operation,
  operation,
  symbol,
  ZERO,
} from "../../../equations/expression.js";

const { add, mul } = f32x4;

/**
 * The factor (exp(a dt) - 1) / a of exponential Euler, 0 / 0 at a = 0. In single precision the difference loses digits
 * where a dt is small, which is where a step is meant to be; and most of the time of a neuron with conductances goes into
 * the exponential and the division. So the factor is found in formulas and computed as dt phi(a dt).
 */
export class RelativeGrowths {
  /** The arguments a dt, over the symbols of the formulas, and the symbols that stand for phi of them. */
  readonly arguments = new Map<string, Expression>();
  readonly #done = new Map<Expression, Expression>();

  /** The expression with every such factor as dt times a symbol. */
  extract(e: Expression): Expression {
    if (e.kind !== "operation") return e;
    const known = this.#done.get(e);
    if (known !== undefined) return known;
    const factor = matchFactor(e);
    const made =
      factor === undefined
        ? operation(e.operator, ...e.operands.map((operand) => this.extract(operand)))
        : this.#symbol(factor);
    this.#done.set(e, made);
    return made;
  }

  #symbol({ rate, dt }: { rate: Expression; dt: Expression }): Expression {
    const name = `growth__${this.arguments.size}`;
    this.arguments.set(name, multiply(this.extract(rate), dt));
    return multiply(dt, symbol(name));
  }
}

/** a == 0 ? dt : (exp(a dt) - 1) / (a == 0 ? 1 : a), as the integrator writes it. */
function matchFactor({ operator, operands }: Operation): { rate: Expression; dt: Expression } | undefined {
  const [isZero, dt, quotient] = operands;
  if (operator !== "select" || quotient?.kind !== "operation" || quotient.operator !== "divide") return undefined;
  if (isZero!.kind !== "operation" || isZero!.operator !== "equal") return undefined;
  const rate = isZero!.operands[0]!;
  const expected = operation(
    "select",
    operation("equal", rate, ZERO),
    dt!,
    operation(
      "divide",
      operation("subtract", operation("exp", multiply(rate, dt!)), ONE),
      operation("select", operation("equal", rate, ZERO), ONE, rate),
    ),
  );
  // Equal expressions are one object.
  return expected === operation(operator, ...operands) ? { rate, dt: dt! } : undefined;
}

/** 1 / 1!, 1 / 2!, ... 1 / 8!: the series of phi, exact to single precision up to 0.5, which is among them. */
export const GROWTH_CONSTANTS = [1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320];

const Z = symbol("z");
const QUOTIENT = operation("divide", operation("subtract", operation("exp", Z), ONE), Z);

/**
 * phi(z) = (exp(z) - 1) / z for four numbers: its series, and the quotient where one of them is beyond it.
 * @param constants Code of `GROWTH_CONSTANTS`.
 */
export function emitGrowth(f: FunctionBuilder, argument: Code, constants: readonly Code[], host: HostFunctions): Code {
  const z = f.let(TYPE.v128, argument);
  const square = f.let(TYPE.v128, mul(get(z), get(z)));
  // In pairs, so that the products do not wait for each other.
  const pair = (k: number): Code => add(constants[k]!, mul(constants[k + 1]!, get(z)));
  const low = add(pair(0), mul(get(square), pair(2)));
  const high = add(pair(4), mul(get(square), pair(6)));
  const result = f.let(TYPE.v128, add(low, mul(mul(get(square), get(square)), high)));
  const beyond = f.let(TYPE.v128, f32x4.gt(f32x4.abs(get(z)), constants[1]!));
  f.if(v128.anyTrue(get(beyond)), () => {
    const quotient = new FormulaEmitter(f, () => get(z), host).value(QUOTIENT);
    f.emit(set(result, v128.bitselect(quotient, get(result), get(beyond))));
  });
  return get(result);
}

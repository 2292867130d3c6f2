import { type Code, TYPE } from "../../../device/simd/wasm/encoding.js";
import { get, set, v128 } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../device/simd/wasm/module.js";
import {
  type Expression,
  multiply,
  ONE,
  type Operation,
  operation,
  symbol,
  ZERO,
} from "../../../equations/language/expression.js";
import type { Emitters, Real } from "./real.js";

/**
 * The factor (exp(a dt) - 1) / a of exponential Euler, 0 / 0 at a = 0. The difference loses digits for small a dt, the
 * usual case, and many digits in single precision. The exponential and the division also take most of the time of a
 * neuron with conductances. So the factor is found in formulas and computed as dt phi(a dt).
 */
export class ExprelLocals {
  /** The arguments a dt, over the symbols of the formulas, and the symbols of phi at these arguments. */
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

/** 1 / 1!, 1 / 2!, 1 / 3! ...: the series of phi, to the precision needed for arguments up to 0.5. */
export function exprelConstants({ bytes }: Real): number[] {
  const constants: number[] = [];
  let factorial = 1;
  for (let k = 1; k <= 2 * bytes; k++) {
    factorial *= k;
    constants.push(1 / factorial);
  }
  return constants;
}

const Z = symbol("z");
const QUOTIENT = operation("divide", operation("subtract", operation("exp", Z), ONE), Z);

/**
 * phi(z) = (exp(z) - 1) / z for a register of numbers: its series, or the quotient if one of them is too large for the
 * series.
 * @param constants Code of `exprelConstants`.
 */
export function emitExprel(
  f: FunctionBuilder,
  { real, emitter }: { readonly real: Real; readonly emitter: Emitters },
  argument: Code,
  constants: readonly Code[],
): Code {
  const { abs, gt, mul, add } = real.lanes;
  const z = f.let(TYPE.v128, argument);
  // In pairs, pairs of pairs and so on, so that the products do not wait for each other.
  let terms = constants;
  for (let power = z; terms.length > 1; power = f.let(TYPE.v128, mul(get(power), get(power)))) {
    const pairs: Code[] = [];
    for (let k = 0; k < terms.length; k += 2) {
      pairs.push(get(f.let(TYPE.v128, add(terms[k]!, mul(terms[k + 1]!, get(power))))));
    }
    terms = pairs;
  }
  const result = f.let(TYPE.v128, terms[0]!);
  // The second constant is 0.5.
  const beyond = f.let(TYPE.v128, gt(abs(get(z)), constants[1]!));
  f.if(v128.anyTrue(get(beyond)), () => {
    const quotient = emitter(f, () => get(z)).value(QUOTIENT);
    f.emit(set(result, v128.bitselect(quotient, get(result), get(beyond))));
  });
  return get(result);
}

import type { Code } from "../../wasm/encoding.js";
import { f32, f32x4 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { type HostFunctions, power, UNARY } from "./math.js";

type Binary = (a: Code, b: Code) => Code;
type Instructions = Pick<
  typeof f32x4,
  "const" | "add" | "sub" | "mul" | "div" | "abs" | "sqrt" | "floor" | "min" | "max" | "eq" | "ne" | "lt" | "gt" | "le"
>;

/** Code of a function of numbers that are locals, for all lanes of them. */
type ElementaryFunction<Host> = (f: FunctionBuilder, x: number, host: Host) => Code;

/** What numbers of one precision are computed with, as many at a time as a vector has lanes; `Host` calls Math. */
export interface Lanes<Host> extends Instructions {
  /** A number in all lanes that engines do not take for a constant, which they would make anew wherever it is used. */
  splat(value: number): Code;
  /** Minimum and maximum where the second operand is a constant, so that only the first can be NaN. */
  readonly minConstant: Binary;
  readonly maxConstant: Binary;
  readonly functions: Readonly<Record<keyof typeof UNARY, ElementaryFunction<Host>>>;
  readonly power: (f: FunctionBuilder, x: number, y: number, host: Host) => Code;
  /**
   * Set where results must be those of the operations as they are written also for numbers that are not finite, and zeros have
   * signs: then a product with a condition is a product.
   */
  readonly literal?: true;
}

/** Four lanes in single precision. */
export const SINGLE: Lanes<HostFunctions> = {
  ...f32x4,
  splat: (value) => f32x4.splat(f32.const(value)),
  minConstant: f32x4.pmin,
  maxConstant: f32x4.pmax,
  functions: UNARY,
  power,
};

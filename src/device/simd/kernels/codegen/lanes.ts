import type { Code } from "../../wasm/encoding.js";
import { f32, f32x4 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { type HostFunctions, power, UNARY } from "./math.js";

type Binary = (a: Code, b: Code) => Code;
type Instructions = Pick<
  typeof f32x4,
  "const" | "add" | "sub" | "mul" | "div" | "abs" | "sqrt" | "floor" | "min" | "max" | "eq" | "ne" | "lt" | "gt" | "le"
>;

/** Code of a function of a local, for all lanes. */
type ElementaryFunction<Host> = (f: FunctionBuilder, x: number, host: Host) => Code;

/** Instructions for numbers of one precision, one vector at a time; `Host` calls Math. */
export interface Lanes<Host> extends Instructions {
  /** A number in all lanes that engines do not recognize as a constant, which they would re-create at each use. */
  splat(value: number): Code;
  /** Minimum and maximum with a constant as the second operand, so that only the first can be NaN. */
  readonly minConstant: Binary;
  readonly maxConstant: Binary;
  readonly functions: Readonly<Record<keyof typeof UNARY, ElementaryFunction<Host>>>;
  readonly power: (f: FunctionBuilder, x: number, y: number, host: Host) => Code;
  /**
   * Set if results must follow the written operations for numbers that are not finite and for signs of zeros too: then
   * a product with a condition stays a product.
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

import { compileFormulas } from "../../device/host/index.js";
import type { Expression } from "../../equations/language/expression.js";
import { parseEquation } from "../../equations/language/parse.js";

/** A value clipped to [-range, range]. */
export const bounded = (value: Expression, range: number): Expression =>
  parseEquation(`clip(value, ${-range}, ${range})`, new Map([["value", value]]), "quantized weights");

/** Nearest of 2^bits equally spaced values from -range to range. */
export function nearest(value: Expression, bits: number, range: number): Expression {
  const last = 2 ** bits - 1;
  const step = (2 * range) / last;
  const text = `clip(floor((value + ${range}) / ${step} + 0.5), 0, ${last}) * ${step} - ${range}`;
  return parseEquation(text, new Map([["value", value]]), "quantized weights");
}

/** Values of a formula in `weight`, in the precision of the devices. */
export function valuesOf(formula: Expression, weights: Float32Array): Float32Array {
  const compute = compileFormulas({ value: formula }, ["weight"], ["value"], "single");
  const result = [0];
  return weights.map((weight) => {
    compute([weight], result);
    return result[0]!;
  });
}

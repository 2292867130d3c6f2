import { defineEncoder, type EncoderDefinition } from "../src/equations/definitions/encoder.js";
import type { ParameterValues } from "../src/equations/definitions/parameters.js";
import { isDimensionless, parseQuantity } from "../src/equations/language/units.js";
import { SpikevineError } from "../src/errors.js";

/**
 * Constant current gain * x at every step, the usual input of ordinary (stateless) networks.
 * @param parameters `gain`: current at x = 1, a plain number or a current such as `"600 pA"` for neurons with units; default 1.
 * @throws SpikevineError for an unknown name, a value that is not finite, or a unit that is not one of currents.
 * Source: E. Hunsberger and C. Eliasmith 2015 (arXiv 1510.08829), sec. 2.
 */
export const constantCurrent = (parameters: ParameterValues = {}): EncoderDefinition =>
  // Plain JavaScript may give null, which `with` refuses.
  definition(isCurrent(parameters?.gain) ? "1 pA" : 1).with(parameters);

const definition = (gain: number | string): EncoderDefinition =>
  defineEncoder({
    name: "constantCurrent",
    summary: "Constant current gain * x.",
    source: "E. Hunsberger and C. Eliasmith 2015 (arXiv 1510.08829)",
    parameters: { gain: { value: gain, summary: 'current at x = 1; also with a unit, e.g. "600 pA"' } },
    current: "gain * x",
  });

/** True for text with a unit. Text that is not a quantity is refused with the other values. */
function isCurrent(gain: number | string | undefined): boolean {
  if (typeof gain !== "string") return false;
  try {
    return !isDimensionless(parseQuantity(gain, "gain").dimension);
  } catch (error) {
    if (error instanceof SpikevineError) return false;
    throw error;
  }
}

import { defineEncoder, type EncoderDefinition } from "../src/equations/definitions/encoder.js";
import type { ParameterValues } from "../src/equations/definitions/parameters.js";

/**
 * Constant current gain * x at every step, the usual input of ordinary (stateless) networks.
 * @param parameters `gain`: current at x = 1; default 1.
 * @throws SpikevineError for an unknown name or a value that is not finite.
 * Source: E. Hunsberger and C. Eliasmith 2015 (arXiv 1510.08829), sec. 2.
 */
export const constantCurrent = (parameters: ParameterValues = {}): EncoderDefinition =>
  defineEncoder({
    name: "constantCurrent",
    summary: "Constant current gain * x.",
    source: "E. Hunsberger and C. Eliasmith 2015 (arXiv 1510.08829)",
    parameters: { gain: { value: 1, summary: "current at x = 1" } },
    current: "gain * x",
  }).with(parameters);

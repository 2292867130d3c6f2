import { defineEncoder, type EncoderDefinition } from "../src/equations/definitions/encoder.js";
import type { ParameterValues } from "../src/equations/definitions/parameters.js";

/**
 * Bernoulli rate code: a pixel x fires with probability x * maxRate per step, for any dt.
 * @param parameters `maxRate`: probability of a spike per step at x = 1, in (0, 1]; default 1 (the source has 0.3).
 * @throws SpikevineError for an unknown name or a value outside its range.
 * Source: S. Wozniak et al., Nature Machine Intelligence 2 (2020), rate-coded MNIST (0.3 at most).
 */
export const rate = (parameters: ParameterValues = {}): EncoderDefinition =>
  defineEncoder({
    name: "rate",
    summary: "Bernoulli rate code: probability x * maxRate of a spike per step.",
    source: "S. Wozniak et al., Nature Machine Intelligence 2 (2020) 325-336 (arXiv 1812.07040)",
    parameters: {
      maxRate: { value: 1, min: 0, max: 1, exclusiveMin: true, summary: "probability of a spike per step at x = 1" },
    },
    spike: "x * maxRate - u",
  }).with(parameters);

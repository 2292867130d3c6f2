import { defineEncoder, type EncoderDefinition } from "../src/equations/definitions/encoder.js";
import type { ParameterValues } from "../src/equations/definitions/parameters.js";

/**
 * Poisson spike train of rate x * rate, sampled in steps of dt: a step has a spike with probability 1 - exp(-x rate dt), so
 * the train is the same process for every dt. For a small exponent the series of the exponential is used, because the
 * difference would vanish in single precision.
 * @param parameters `rate`: rate at x = 1, at least 0 Hz; default "100 Hz".
 * @throws SpikevineError for an unknown name, a wrong unit or a value outside its range.
 * Source: P. Dayan and L. Abbott, Theoretical Neuroscience (2001), sec. 1.4.
 */
export const poisson = (parameters: ParameterValues = {}): EncoderDefinition =>
  defineEncoder({
    name: "poisson",
    summary: "Poisson spike train of rate x * rate.",
    source: "P. Dayan and L. Abbott, Theoretical Neuroscience (2001), sec. 1.4",
    parameters: { rate: { value: "100 Hz", min: 0, summary: "rate at x = 1" } },
    spike: "(x * rate * dt < 2e-4 ? x * rate * dt - (x * rate * dt)^2 / 2 : 1 - exp(-x * rate * dt)) - u",
  }).with(parameters);

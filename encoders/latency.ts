import { defineEncoder, type EncoderDefinition } from "../src/equations/definitions/encoder.js";
import type { ParameterValues } from "../src/equations/definitions/parameters.js";

/**
 * Time-to-first-spike code: one spike per pixel, earlier for brighter pixels. A pixel x fires in the step that contains the
 * time (1 - x) * window: x = 1 fires at step 0, and the faintest before the window ends. Pixels at or below `minimum` do
 * not fire.
 * If the time is a whole number of steps, as for many bytes divided by 255, the rounding of x to single precision must not
 * change the step. So 5e-7 is added, eight times that rounding.
 * @param parameters `window`: time by which all pixels have fired, above 0; default "20 ms".
 * `minimum`: in [0, 1); default 0.
 * @throws SpikevineError for an unknown name, a wrong unit or a value outside its range.
 * Source: S. Thorpe, A. Delorme and R. Van Rullen, Neural Networks 14 (2001) 715-725.
 */
export const latency = (parameters: ParameterValues = {}): EncoderDefinition =>
  defineEncoder({
    name: "latency",
    summary: "Time to first spike: one spike per pixel, earlier for brighter pixels.",
    source: "S. Thorpe, A. Delorme and R. Van Rullen, Neural Networks 14 (2001) 715-725",
    parameters: {
      window: {
        value: "20 ms",
        min: 0,
        exclusiveMin: true,
        summary: "time within which every pixel above the minimum fires",
      },
      minimum: { value: 0, min: 0, max: 1, exclusiveMax: true, summary: "largest value of a pixel that does not fire" },
    },
    spike: "x > minimum and t == floor(min(1 - x + 5e-7, 1 - 5e-7) * window / dt)",
    within: "window",
  }).with(parameters);

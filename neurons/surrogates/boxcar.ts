import type { ParameterValues } from "../../src/equations/definitions/parameters.js";
import { defineSurrogate, type SurrogateDefinition } from "../../src/equations/definitions/surrogate.js";

/**
 * dy/dz = height where |z| < width, else exactly 0 (a straight-through window).
 * @param parameters `height` (default 1) and `width` (default 0.5), both above 0.
 * Source: Y. Wu et al., Frontiers in Neuroscience 12 (2018) 331, eq. 24 (h1).
 */
export const boxcar = (parameters: ParameterValues = {}): SurrogateDefinition => definition().with(parameters);

const definition = (): SurrogateDefinition =>
  defineSurrogate({
    name: "boxcar",
    summary: "A rectangle around the threshold, exactly 0 outside.",
    source: "Y. Wu et al., Frontiers in Neuroscience 12 (2018) 331",
    parameters: {
      height: { value: 1, min: 0, exclusiveMin: true, summary: "value inside" },
      width: { value: 0.5, min: 0, exclusiveMin: true, summary: "half-width" },
    },
    derivative: "abs(z) < width ? height : 0",
    smooth: "height * clip(z, -width, width)",
  });

import type { ParameterValues } from "../../src/equations/definitions/parameters.js";
import { defineSurrogate, type SurrogateDefinition } from "../../src/equations/definitions/surrogate.js";

/**
 * dy/dz = height max(0, 1 - |z| / width): bounded support, exactly 0 outside.
 * @param parameters `height` (default 0.3) and `width` (default 1), both above 0.
 * Source: G. Bellec et al., NeurIPS 2018 (arXiv 1803.09574), with its dampening 0.3.
 */
export const triangle = (parameters: ParameterValues = {}): SurrogateDefinition => definition().with(parameters);

const definition = (): SurrogateDefinition =>
  defineSurrogate({
    name: "triangle",
    summary: "A triangle around the threshold, exactly 0 outside.",
    source: "G. Bellec et al., NeurIPS 2018 (arXiv 1803.09574)",
    parameters: {
      height: { value: 0.3, min: 0, exclusiveMin: true, summary: "value at the threshold (dampening)" },
      width: { value: 1, min: 0, exclusiveMin: true, summary: "distance from the threshold at which it is 0" },
    },
    derivative: "height * max(0, 1 - abs(z) / width)",
    smooth: "height * (clip(z, -width, width) - clip(z, -width, width) * abs(clip(z, -width, width)) / (2 * width))",
  });

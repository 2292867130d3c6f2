import type { ParameterValues } from "../../src/equations/definitions/parameters.js";
import { defineSurrogate, type SurrogateDefinition } from "../../src/equations/definitions/surrogate.js";

/**
 * dy/dz = slope / 2 / (1 + (pi / 2 slope z)^2), the derivative of atan(pi / 2 slope z) / pi.
 * @param parameters `slope`: twice the value at the threshold, above 0; default 2.
 * Source: W. Fang et al., ICCV 2021 (arXiv 2007.05785), eq. 11.
 */
export const arctan = (parameters: ParameterValues = {}): SurrogateDefinition => definition().with(parameters);

const definition = (): SurrogateDefinition =>
  defineSurrogate({
    name: "arctan",
    summary: "Derivative of the arc tangent.",
    source: "W. Fang et al., ICCV 2021 (arXiv 2007.05785)",
    parameters: {
      slope: { value: 2, min: 0, exclusiveMin: true, summary: "twice the value at the threshold" },
    },
    derivative: "slope / 2 / (1 + (1.5707963267948966 * slope * z)^2)",
    smooth: "atan(1.5707963267948966 * slope * z) / 3.141592653589793",
  });

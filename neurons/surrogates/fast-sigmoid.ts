import type { ParameterValues } from "../../src/equations/definitions/parameters.js";
import { defineSurrogate, type SurrogateDefinition } from "../../src/equations/definitions/surrogate.js";

/**
 * dy/dz = 1 / (1 + slope |z|)^2, the derivative of the fast sigmoid.
 * @param parameters `slope`: steepness, above 0; default 10.
 * Source: F. Zenke and S. Ganguli, Neural Computation 30 (2018), eq. 12 (SuperSpike).
 */
export const fastSigmoid = (parameters: ParameterValues = {}): SurrogateDefinition => definition().with(parameters);

const definition = (): SurrogateDefinition =>
  defineSurrogate({
    name: "fastSigmoid",
    summary: "Derivative of the fast sigmoid, with heavy tails.",
    source: "F. Zenke and S. Ganguli, Neural Computation 30 (2018) 1514-1541 (SuperSpike)",
    parameters: {
      slope: { value: 10, min: 0, exclusiveMin: true, summary: "steepness; the width is about 1 / slope" },
    },
    derivative: "1 / (1 + slope * abs(z))^2",
    // z / (1 + slope |z|), written so that it is finite at infinity.
    smooth: "sign(z) * (1 - 1 / (1 + slope * abs(z))) / slope",
  });

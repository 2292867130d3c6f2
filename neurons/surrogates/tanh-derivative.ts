import type { ParameterValues } from "../../src/equations/definitions/parameters.js";
import { defineSurrogate, type SurrogateDefinition } from "../../src/equations/definitions/surrogate.js";

/**
 * dy/dz = 1 - tanh(z)^2, the pseudo-derivative of the spiking neural unit. It has no parameters.
 * Source: S. Wozniak et al., Nature Machine Intelligence 2 (2020), Methods.
 */
export const tanhDerivative = (parameters: ParameterValues = {}): SurrogateDefinition =>
  defineSurrogate({
    name: "tanhDerivative",
    summary: "Derivative of tanh: 1 at the threshold, exponentially small far from it.",
    source: "S. Wozniak et al., Nature Machine Intelligence 2 (2020) 325-336, Methods (arXiv 1812.07040)",
    derivative: "1 - tanh(z)^2",
    smooth: "tanh(z)",
  }).with(parameters);

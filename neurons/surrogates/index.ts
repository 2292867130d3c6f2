import type { ParameterValues } from "../../src/equations/definitions/parameters.js";
import type { SurrogateDefinition } from "../../src/equations/definitions/surrogate.js";
import { arctan } from "./arctan.js";
import { boxcar } from "./boxcar.js";
import { fastSigmoid } from "./fast-sigmoid.js";
import { tanhDerivative } from "./tanh-derivative.js";
import { triangle } from "./triangle.js";

export { arctan, boxcar, fastSigmoid, tanhDerivative, triangle };

/** Surrogates by name, for commands and experiment files. */
export const surrogates: Readonly<Record<string, (parameters?: ParameterValues) => SurrogateDefinition>> = {
  arctan,
  boxcar,
  fastSigmoid,
  tanhDerivative,
  triangle,
};

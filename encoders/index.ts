import type { EncoderDefinition } from "../src/equations/definitions/encoder.js";
import type { ParameterValues } from "../src/equations/definitions/parameters.js";
import { constantCurrent } from "./constant-current.js";
import { delta } from "./delta.js";
import { direct } from "./direct.js";
import { latency } from "./latency.js";
import { poisson } from "./poisson.js";
import { rate } from "./rate.js";

export { defineEncoder, type EncoderDefinition, type EncoderSpec } from "../src/equations/definitions/encoder.js";
export { constantCurrent, delta, direct, latency, poisson, rate };

/** Encoders by name, for commands and experiment files. */
export const encoders: Readonly<Record<string, (parameters?: ParameterValues) => EncoderDefinition>> = {
  constantCurrent,
  delta,
  direct,
  latency,
  poisson,
  rate,
};

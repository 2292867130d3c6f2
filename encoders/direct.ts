import { defineEncoder, type EncoderDefinition } from "../src/equations/definitions/encoder.js";
import type { ParameterValues } from "../src/equations/definitions/parameters.js";

/**
 * The data as they are: values are currents, and spike trains enter the first layer as spikes. For data in time; the
 * pixels of a still image are a constant current.
 * @throws SpikevineError for a parameter: it has none.
 * Source: direct coding, e.g. Y. Wu et al., AAAI 2019 (arXiv 1809.05793), sec. 3.
 */
export const direct = (parameters: ParameterValues = {}): EncoderDefinition =>
  defineEncoder({
    name: "direct",
    summary: "The data as they are: values are currents, spike trains stay spikes.",
    source: "Y. Wu et al., AAAI 2019 (arXiv 1809.05793)",
    current: "x",
  }).with(parameters);

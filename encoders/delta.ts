import { fields, flag, number, optional, signature } from "../src/arguments/index.js";
import { defineEncoder, type EncoderDefinition } from "../src/equations/definitions/encoder.js";

interface DeltaOptions {
  threshold?: number;
  offSpikes?: boolean;
}

const check = signature("encoders/delta", {
  options: fields<DeltaOptions>(
    { threshold: optional(number({ above: 0 })), offSpikes: optional(flag) },
    { root: "options" },
  ),
});

/**
 * Delta modulation: an input fires where its value has risen by at least `threshold` since the step before; the value
 * before the first step is 0. With `offSpikes`, the output is 1 there, and -1 where the value has fallen by at least the
 * threshold (graded numbers, since spikes have no sign).
 * @param options `threshold`: above 0; default 0.1. `offSpikes`: default false.
 * @throws SpikevineError for an unknown name or a value outside its range.
 * Source: J. Eshraghian et al., Proceedings of the IEEE 111 (2023) 1016-1054, sec. III; the numbers of snnTorch's spikegen.delta.
 */
export const delta = (options: DeltaOptions = {}): EncoderDefinition => {
  check([options]);
  const { offSpikes = false, ...parameters } = options;
  const rise = "(x - x_before >= threshold)";
  return defineEncoder({
    name: "delta",
    summary: "Delta modulation: a spike where a value has risen by a threshold since the step before.",
    source: "J. Eshraghian et al., Proceedings of the IEEE 111 (2023) 1016-1054 (arXiv 2109.12894)",
    parameters: {
      threshold: { value: 0.1, min: 0, exclusiveMin: true, summary: "smallest rise within a step that fires" },
    },
    ...(offSpikes ? { current: `${rise} - (x - x_before <= -threshold)` } : { spike: "x - x_before >= threshold" }),
  }).with(parameters);
};

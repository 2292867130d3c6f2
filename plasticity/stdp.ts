import { choice, fields, optional, quantity, signature, text } from "../src/arguments/index.js";
import { splitOptions } from "../src/equations/definitions/options.js";
import { defineSynapse, type SynapseDefinition } from "../src/equations/definitions/synapse.js";

export interface StdpOptions {
  /** Time constants of the windows, e.g. "20 ms". */
  tauPlus?: number | string;
  tauMinus?: number | string;
  /** Change by one pair of simultaneous spikes, as fractions of `maxWeight`. */
  aPlus?: number;
  aMinus?: number;
  /** Weights stay in [0, maxWeight]; in `unit`, e.g. "0.3 nS". */
  maxWeight?: number | string;
  /** Unit of the weight. Default: none. */
  unit?: string;
  /** `all-to-all` (default): every pair of spikes counts; `nearest`: only the latest spike on the other side. */
  pairing?: "all-to-all" | "nearest";
}

/** Spikes that form pairs; the first is the default. */
export const PAIRINGS = { pairing: ["all-to-all", "nearest"] } as const;

const check = signature("plasticity/stdp", {
  options: fields<StdpOptions>(
    {
      tauPlus: optional(quantity),
      tauMinus: optional(quantity),
      aPlus: optional(quantity),
      aMinus: optional(quantity),
      maxWeight: optional(quantity),
      unit: optional(text('a unit, e.g. "nS"')),
      pairing: optional(choice(PAIRINGS.pairing)),
    },
    { root: "options" },
  ),
});

/**
 * Pair STDP with exponential windows, additive, between bounds: a presynaptic spike before a postsynaptic one by s adds
 * aPlus exp(-s / tauPlus), one after it by s subtracts aMinus exp(-s / tauMinus) (as fractions of `maxWeight`). At s = 0 the
 * pair
 * potentiates.
 *
 * Source: Song, Miller and Abbott 2000, with their values; the window is that of Bi and Poo 1998.
 * @throws SpikevineError for a wrong unit, a value out of range, or an unknown pairing.
 */
export function stdp(options: StdpOptions = {}): SynapseDefinition {
  check([options]);
  const { unit = "", ...others } = options;
  const { picked, values } = splitOptions(others, PAIRINGS);
  const spike = (trace: string): string => (picked.pairing === "nearest" ? "1" : `${trace} + 1`);
  const time = { min: 0, exclusiveMin: true } as const;
  return defineSynapse({
    name: "stdp",
    summary: "Pair STDP: a weight grows if the presynaptic spike comes first and shrinks if it comes second.",
    source:
      "S. Song, K. Miller and L. Abbott, Nature Neuroscience 3 (2000) 919-926; window: G. Bi and M. Poo, J. Neuroscience 18 (1998) 10464-10472",
    ...(unit === "" ? {} : { weight: { unit } }),
    parameters: {
      tauPlus: { value: "20 ms", ...time, summary: "time constant of potentiation" },
      tauMinus: { value: "20 ms", ...time, summary: "time constant of depression" },
      aPlus: { value: 0.005, min: 0, summary: "largest potentiation by a pair, as a fraction of maxWeight" },
      aMinus: { value: 0.00525, min: 0, summary: "largest depression by a pair, as a fraction of maxWeight" },
      maxWeight: { value: unit === "" ? 1 : `1 ${unit}`, min: 0, exclusiveMin: true, summary: "largest weight" },
    },
    states: {
      pre: { summary: "trace of presynaptic spikes" },
      post: { summary: "trace of postsynaptic spikes" },
    },
    dynamics: { pre: "-pre / tauPlus", post: "-post / tauMinus" },
    onPre: { weight: "clip(weight - aMinus * maxWeight * post, 0, maxWeight)", pre: spike("pre") },
    onPost: { weight: "clip(weight + aPlus * maxWeight * pre, 0, maxWeight)", post: spike("post") },
  }).with({ parameters: values });
}

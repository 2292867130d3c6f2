import { choice, fields, optional, quantity, signature } from "../src/arguments/index.js";
import { splitOptions } from "../src/equations/definitions/options.js";
import { defineSynapse, type SynapseDefinition } from "../src/equations/definitions/synapse.js";
import { PAIRINGS } from "./stdp.js";

export interface TripletStdpOptions {
  /** Time constants of the pair windows: of r1 and of o1. */
  tauPlus?: number | string;
  tauMinus?: number | string;
  /** Time constants of the slow traces: of r2 (presynaptic) and of o2 (postsynaptic). */
  tauX?: number | string;
  tauY?: number | string;
  /** Amplitudes of pairs and of triplets. */
  a2Plus?: number;
  a3Plus?: number;
  a2Minus?: number;
  a3Minus?: number;
  /** Weights stay in [0, maxWeight]. Default: 2, so that a weight of 1 can increase and decrease. */
  maxWeight?: number;
  /** Spikes that form pairs; it sets the paper's fitted amplitudes and slow time constants. Default: `all-to-all`. */
  pairing?: "all-to-all" | "nearest";
}

const check = signature("plasticity/triplet-stdp", {
  options: fields<TripletStdpOptions>(
    {
      tauPlus: optional(quantity),
      tauMinus: optional(quantity),
      tauX: optional(quantity),
      tauY: optional(quantity),
      a2Plus: optional(quantity),
      a3Plus: optional(quantity),
      a2Minus: optional(quantity),
      a3Minus: optional(quantity),
      maxWeight: optional(quantity),
      pairing: optional(choice(PAIRINGS.pairing)),
    },
    { root: "options" },
  ),
});

/** Table 4, visual cortex, full model. */
const FITTED = {
  "all-to-all": { a2Plus: 5e-10, a3Plus: 6.2e-3, a2Minus: 7e-3, a3Minus: 2.3e-4, tauX: "101 ms", tauY: "125 ms" },
  nearest: { a2Plus: 8.8e-11, a3Plus: 5.3e-2, a2Minus: 6.6e-3, a3Minus: 3.1e-3, tauX: "714 ms", tauY: "40 ms" },
} as const;

/**
 * Triplet STDP: an earlier spike on the same side strengthens the effect of a pair, so that changes depend on the firing rate.
 *
 *     presynaptic spike:  w -= o1 (a2Minus + a3Minus r2);    postsynaptic spike:  w += r1 (a2Plus + a3Plus o2)
 *
 * r1, r2 (o1, o2) are fast and slow traces of presynaptic (postsynaptic) spikes; r2 and o2 are read just before the spike.
 * Source: Pfister and Gerstner 2006, eq. 2 to 4, with the values fitted to visual cortex.
 * @throws SpikevineError for a wrong unit, a value out of range, or an unknown pairing.
 */
export function tripletStdp(options: TripletStdpOptions = {}): SynapseDefinition {
  check([options]);
  const { picked, values } = splitOptions(options, PAIRINGS);
  const fitted = FITTED[picked.pairing];
  const spike = (trace: string): string => (picked.pairing === "nearest" ? "1" : `${trace} + 1`);
  const time = { min: 0, exclusiveMin: true } as const;
  return defineSynapse({
    name: "triplet-stdp",
    summary:
      "Triplet STDP: pairs of spikes change a weight, and an earlier spike of the same neuron increases the change.",
    source: "J.-P. Pfister and W. Gerstner, J. Neuroscience 26 (2006) 9673-9682, eq. 2 to 4",
    parameters: {
      tauPlus: { value: "16.8 ms", ...time, summary: "time constant of r1" },
      tauMinus: { value: "33.7 ms", ...time, summary: "time constant of o1" },
      tauX: { value: fitted.tauX, ...time, summary: "time constant of r2" },
      tauY: { value: fitted.tauY, ...time, summary: "time constant of o2" },
      a2Plus: { value: fitted.a2Plus, min: 0, summary: "potentiation by a pair" },
      a3Plus: { value: fitted.a3Plus, min: 0, summary: "potentiation by a triplet: post, pre, post" },
      a2Minus: { value: fitted.a2Minus, min: 0, summary: "depression by a pair" },
      a3Minus: { value: fitted.a3Minus, min: 0, summary: "depression by a triplet: pre, post, pre" },
      maxWeight: { value: 2, min: 0, exclusiveMin: true, summary: "largest weight" },
    },
    states: {
      r1: { summary: "fast trace of presynaptic spikes" },
      r2: { summary: "slow trace of presynaptic spikes" },
      o1: { summary: "fast trace of postsynaptic spikes" },
      o2: { summary: "slow trace of postsynaptic spikes" },
    },
    dynamics: { r1: "-r1 / tauPlus", r2: "-r2 / tauX", o1: "-o1 / tauMinus", o2: "-o2 / tauY" },
    onPre: {
      weight: "clip(weight - o1 * (a2Minus + a3Minus * r2), 0, maxWeight)",
      r1: spike("r1"),
      r2: spike("r2"),
    },
    onPost: {
      weight: "clip(weight + r1 * (a2Plus + a3Plus * o2), 0, maxWeight)",
      o1: spike("o1"),
      o2: spike("o2"),
    },
  }).with({ parameters: values });
}

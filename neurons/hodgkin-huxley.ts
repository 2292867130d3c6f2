import { choice, fields, optional, quantity, signature } from "../src/arguments/index.js";
import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { splitOptions } from "../src/equations/definitions/options.js";
import type { ParameterSpec } from "../src/equations/definitions/parameters.js";
import { CONDUCTANCE_OPTIONS, type ConductanceOptions, conductances } from "./conductances.js";
import { tanhDerivative } from "./surrogates/index.js";

/** Opening and closing rates (per ms) of the gates over v (mV), as texts over `x`, v in mV from the model's own zero. */
interface Channels {
  readonly source: string;
  readonly defaults: Readonly<Record<string, string>>;
  /** Reference of v in the rates. */
  readonly zero: string;
  readonly rates: Readonly<Record<"m" | "h" | "n", { readonly open: string; readonly close: string }>>;
}

/**
 * z / (exp(z) - 1) for any argument. Near 0, where the quotient is 0 / 0, its series is used. The divisor there is 1, so
 * that neither the value nor its derivative contains 0 / 0.
 */
const exprel = (z: string): string => {
  const small = `abs(${z}) < 0.01`;
  return `(${small} ? 1 - (${z}) / 2 + (${z})^2 / 12 : (${z}) / (${small} ? 1 : exp(${z}) - 1))`;
};

/** Conductances and capacitance are those of a membrane of 20,000 square micrometres, as in Brette et al. 2007. */
const CHANNELS: Readonly<Record<"squid" | "traubMiles", Channels>> = {
  squid: {
    source: "A. Hodgkin and A. Huxley, J. Physiol. 117 (1952) 500-544, eqs. 12 to 26, with v as inside minus outside",
    defaults: {
      capacitance: "200 pF",
      leak: "60 nS",
      rest: "-54.387 mV",
      sodium: "24000 nS",
      sodiumReversal: "50 mV",
      potassium: "7200 nS",
      potassiumReversal: "-77 mV",
      shift: "-65 mV",
      initial: "-65 mV",
    },
    zero: "shift",
    rates: {
      m: { open: exprel("(25 - x) / 10"), close: "4 * exp(-x / 18)" },
      h: { open: "0.07 * exp(-x / 20)", close: "1 / (exp((30 - x) / 10) + 1)" },
      n: { open: `0.1 * ${exprel("(10 - x) / 10")}`, close: "0.125 * exp(-x / 80)" },
    },
  },
  traubMiles: {
    source:
      "R. Brette et al., J. Comput. Neurosci. 23 (2007) 349-398, appendix B, benchmark 3 (R. Traub and R. Miles 1991)",
    defaults: {
      capacitance: "200 pF",
      leak: "10 nS",
      rest: "-60 mV",
      sodium: "20000 nS",
      sodiumReversal: "50 mV",
      potassium: "6000 nS",
      potassiumReversal: "-90 mV",
      shift: "-63 mV",
      initial: "-60 mV",
    },
    zero: "shift",
    rates: {
      m: { open: `1.28 * ${exprel("(13 - x) / 4")}`, close: `1.4 * ${exprel("(x - 40) / 5")}` },
      h: { open: "0.128 * exp((17 - x) / 18)", close: "4 / (1 + exp((40 - x) / 5))" },
      n: { open: `0.16 * ${exprel("(15 - x) / 5")}`, close: "0.5 * exp((10 - x) / 40)" },
    },
  },
};

const VARIANTS = { channels: ["squid", "traubMiles"] } as const;

export interface HodgkinHuxleyOptions extends ConductanceOptions {
  /** Rates of the gates and default conductances. Default: `squid`, those of 1952. */
  readonly channels?: (typeof VARIANTS.channels)[number];
  readonly capacitance?: string;
  /** Leak conductance. */
  readonly leak?: string;
  /** Reversal potential of the leak. */
  readonly rest?: string;
  /** Largest sodium conductance. */
  readonly sodium?: string;
  readonly sodiumReversal?: string;
  /** Largest potassium conductance. */
  readonly potassium?: string;
  readonly potassiumReversal?: string;
  /** Reference potential of the gates' rates: -65 mV for the squid's axon, -63 mV (V_T) for `traubMiles`. */
  readonly shift?: string;
  /** A spike is an upward crossing of v through this potential. Default: "-20 mV". */
  readonly threshold?: string;
}

const check = signature("neurons/hodgkin-huxley", {
  options: fields<HodgkinHuxleyOptions>(
    {
      ...CONDUCTANCE_OPTIONS,
      channels: optional(choice(VARIANTS.channels)),
      capacitance: optional(quantity),
      leak: optional(quantity),
      rest: optional(quantity),
      sodium: optional(quantity),
      sodiumReversal: optional(quantity),
      potassium: optional(quantity),
      potassiumReversal: optional(quantity),
      shift: optional(quantity),
      threshold: optional(quantity),
    },
    { root: "options" },
  ),
});

/**
 * Hodgkin-Huxley neuron with sodium and potassium channels, and exponential synaptic conductances.
 *
 *     C dv/dt = leak (rest - v) + sodium m^3 h (E_Na - v) + potassium n^4 (E_K - v) + synapses + I
 *     dx/dt = open(v) (1 - x) - close(v) x   for the gates x = m, h, n
 *
 * Every equation is linear in its own variable; exponential Euler treats the others as constant during a step and is stable
 * at 0.1 ms. A state `below` stores if v was below the threshold, so that one upswing is one spike. The gates start
 * at their steady state for the initial v.
 * @throws SpikevineError for unknown options, wrong units and values outside their range.
 * Source: A. Hodgkin and A. Huxley, J. Physiol. 117 (1952) 500-544; `traubMiles`: R. Brette et al., J. Comput. Neurosci. 23
 * (2007) 349-398, appendix B, benchmark 3.
 */
export function hodgkinHuxley(options: HodgkinHuxleyOptions = {}): NeuronDefinition {
  check([options]);
  const { picked, values } = splitOptions(options, VARIANTS);
  const { rates, defaults, source } = CHANNELS[picked.channels];
  const at = (text: string, v: string): string => text.replaceAll(/\bx\b/g, `((${v} - shift) / mV)`);
  const gates = Object.entries(rates);
  const parameter = (name: string, summary: string, positive = false): [string, ParameterSpec] => [
    name,
    { value: defaults[name]!, ...(positive ? { min: 0, exclusiveMin: true } : {}), summary },
  ];
  return defineNeuron({
    name: "hodgkin-huxley",
    summary: `Hodgkin-Huxley neuron, channels ${picked.channels}.`,
    source,
    input: { unit: "pA" },
    states: {
      v: { unit: "mV", initial: "initial", summary: "membrane potential" },
      ...Object.fromEntries(
        gates.map(([gate, { open, close }]) => [
          gate,
          {
            initial: `(${at(open, "initial")}) / (${at(open, "initial")} + ${at(close, "initial")})`,
            summary: `gate ${gate}`,
          },
        ]),
      ),
      ...conductances.states,
      below: { initial: 1, summary: "1 if v was below the threshold at the start of the step, else 0" },
    },
    parameters: Object.fromEntries([
      parameter("capacitance", "membrane capacitance", true),
      parameter("leak", "leak conductance", true),
      parameter("rest", "reversal potential of the leak"),
      parameter("sodium", "largest sodium conductance", true),
      parameter("sodiumReversal", "reversal potential of sodium"),
      parameter("potassium", "largest potassium conductance", true),
      parameter("potassiumReversal", "reversal potential of potassium"),
      parameter("shift", "reference potential of the gates' rate functions"),
      parameter("initial", "potential before the first step"),
      ["threshold", { value: "-20 mV", summary: "potential whose upward crossing is a spike" }],
      ["mV", { value: "1 mV", summary: "unit of potential in the rate functions" }],
      ["ms", { value: "1 ms", summary: "unit of time in the rate functions" }],
      ...Object.entries(conductances.parameters),
    ]),
    dynamics: {
      v: `(leak * (rest - v) + sodium * m^3 * h * (sodiumReversal - v) + potassium * n^4 * (potassiumReversal - v) + ${conductances.current} + I) / capacitance`,
      ...Object.fromEntries(
        gates.map(([gate, { open, close }]) => [
          gate,
          `(${at(open, "v")} * (1 - ${gate}) - ${at(close, "v")} * ${gate}) / ms`,
        ]),
      ),
      ...conductances.dynamics,
    },
    update: { below: "v <= threshold ? 1 : 0" },
    spike: "below * (v - threshold) / mV",
    surrogate: tanhDerivative(),
  }).with({ parameters: values });
}

import { choice, fields, flag, optional, quantity, signature } from "../src/arguments/index.js";
import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { splitOptions } from "../src/equations/definitions/options.js";
import { SURROGATE, type SurrogateDefinition } from "../src/equations/definitions/surrogate.js";
import { isDimensionless, parseQuantity } from "../src/equations/language/units.js";
import { refractoriness } from "./refractory.js";
import { tanhDerivative } from "./surrogates/index.js";

const RETENTION = {
  value: 0.5,
  min: 0,
  max: 1,
  exclusiveMax: true,
  summary: "fraction of v - rest kept at a spike",
} as const;

const VARIANTS = { reset: ["zero", "subtract", "soft"] } as const;

export interface LifOptions {
  /** Membrane time constant, above 0. Default: "20 ms". */
  readonly tau?: string;
  /** Firing threshold: a plain number (default: 1), or a voltage, which puts the whole neuron in mV and pA. */
  readonly threshold?: number | string;
  /** Resting potential. Default: 0, or "-65 mV" for a neuron in mV. */
  readonly rest?: number | string;
  /** Membrane resistance. Default: 1, or "100 MOhm" for a neuron in mV. */
  readonly resistance?: number | string;
  /**
   * Reset of v after a spike. Default: `zero`.
   * - `zero`: back to rest.
   * - `subtract`: lowered by threshold - rest, so that the excess over the threshold remains.
   * - `soft`: keeps the fraction `retention` of its distance from rest (partial reset; Bugmann et al. 1997).
   */
  readonly reset?: (typeof VARIANTS.reset)[number];
  /** For the soft reset, in [0, 1). Default: 0.5. */
  readonly retention?: number;
  /** True: derivatives do not pass through the reset, as if its spike were a constant. Default: false. */
  readonly detachReset?: boolean;
  /** Refractory period, during which v is constant after a spike. Default: none. */
  readonly refractory?: string;
  /** Default: `tanhDerivative()`. In a neuron in mV its argument is (v - threshold) / (threshold - rest). */
  readonly surrogate?: SurrogateDefinition;
}

const check = signature("neurons/lif", {
  options: fields<LifOptions>(
    {
      tau: optional(quantity),
      threshold: optional(quantity),
      rest: optional(quantity),
      resistance: optional(quantity),
      reset: optional(choice(VARIANTS.reset)),
      retention: optional(quantity),
      detachReset: optional(flag),
      refractory: optional(quantity),
      surrogate: optional(SURROGATE),
    },
    { root: "options" },
  ),
});

/**
 * Leaky integrate-and-fire neuron, integrated by exponential Euler (exact for a current that is constant during a step).
 *
 *     tau dv/dt = rest - v + resistance * I;   fires where v > threshold
 *
 * By default v and I are plain numbers (threshold 1, rest 0); with a threshold in mV, v is in mV and I in pA.
 * With `refractory`, a second state counts the remaining time, in which v is constant and the neuron does not fire. The
 * period is rounded to whole steps.
 * @throws SpikevineError for unknown options, wrong units and values outside their range.
 * Source: L. Lapicque 1907; W. Gerstner et al., Neuronal Dynamics (2014), eq. 1.5; exponential Euler: Rotter and Diesmann 1999.
 */
export function lif(options: LifOptions = {}): NeuronDefinition {
  const where = "neurons/lif";
  check([options]);
  const { surrogate = tanhDerivative(), detachReset = false, ...others } = options;
  const y = detachReset ? "detach(y)" : "y";
  const { picked, values } = splitOptions(others, VARIANTS);
  const inVolts = !isDimensionless(parseQuantity(options.threshold ?? 1, `${where}: "threshold"`).dimension);
  const unit = inVolts ? { unit: "mV" } : {};
  const membrane = "(rest - v + resistance * I) / tau";
  const excess = inVolts ? "(v - threshold) / (threshold - rest)" : "v - threshold";
  const isRefractory = options.refractory !== undefined;
  const after = {
    zero: `v + (rest - v) * ${y}`,
    subtract: `v - (threshold - rest) * ${y}`,
    soft: `v + (1 - retention) * (rest - v) * ${y}`,
  }[picked.reset];
  return defineNeuron({
    name: "lif",
    summary: `Leaky integrate-and-fire neuron, reset ${picked.reset}${isRefractory ? ", refractory" : ""}.`,
    source: "W. Gerstner et al., Neuronal Dynamics (2014), eq. 1.5; S. Rotter and M. Diesmann, Biol. Cybern. 81 (1999)",
    input: inVolts ? { unit: "pA" } : {},
    states: {
      v: { ...unit, initial: "rest", summary: "membrane potential" },
      ...(isRefractory ? { r: refractoriness.state } : {}),
    },
    parameters: {
      tau: { value: "20 ms", min: 0, exclusiveMin: true, summary: "membrane time constant" },
      threshold: { value: inVolts ? "-50 mV" : 1, ...unit, summary: "firing threshold" },
      rest: { value: inVolts ? "-65 mV" : 0, ...unit, summary: "resting potential" },
      resistance: { value: inVolts ? "100 MOhm" : 1, min: 0, exclusiveMin: true, summary: "membrane resistance" },
      ...(picked.reset === "soft" ? { retention: RETENTION } : {}),
      ...(isRefractory ? { refractory: refractoriness.parameter("2 ms") } : {}),
    },
    dynamics: { v: isRefractory ? refractoriness.held(membrane) : membrane },
    ...(isRefractory ? { update: { r: refractoriness.update } } : {}),
    spike: isRefractory ? refractoriness.spike(excess) : excess,
    reset: { v: after, ...(isRefractory ? { r: refractoriness.reset } : {}) },
    surrogate,
  }).with({ parameters: values });
}

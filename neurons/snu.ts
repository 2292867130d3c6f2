import { choice, fields, flag, optional, quantity, signature } from "../src/arguments/index.js";
import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { splitOptions } from "../src/equations/definitions/options.js";
import { SURROGATE, type SurrogateDefinition } from "../src/equations/definitions/surrogate.js";
import { SpikevineError } from "../src/errors.js";
import { tanhDerivative } from "./surrogates/index.js";

/** Variants of the spiking neural unit; shared with its soft form. The first of each is the default. */
export const UNIT_VARIANTS = {
  activation: ["relu", "identity", "leakyRelu"],
  reset: ["zero", "subtract", "proportional"],
} as const;

/** The kinds of the options that the unit and its soft form share. */
export const UNIT_OPTIONS = {
  decay: optional(quantity),
  threshold: optional(quantity),
  activation: optional(choice(UNIT_VARIANTS.activation)),
  reset: optional(choice(UNIT_VARIANTS.reset)),
  detachReset: optional(flag),
};

export interface SnuOptions {
  /** Decay l of the state per step, in [0, 1]. Default: 0.8. */
  readonly decay?: number;
  /** Threshold V_th (the paper's bias is b = -V_th). Default: 1. */
  readonly threshold?: number;
  /** g. `leakyRelu` has the slope 0.1 below 0. Default: `relu`. */
  readonly activation?: (typeof UNIT_VARIANTS.activation)[number];
  /**
   * State s that the next step starts from. Default: `zero`.
   * - `zero`: s (1 - y), the paper's.
   * - `subtract`: s - V_th y.
   * - `proportional`: s (1 - sigmoid(s - V_th)), the soft unit's reset with a binary output.
   */
  readonly reset?: (typeof UNIT_VARIANTS.reset)[number];
  /** True: derivatives do not pass through the reset, as if its output were a constant. Default: false. */
  readonly detachReset?: boolean;
  /** Default: `tanhDerivative()`, the paper's. */
  readonly surrogate?: SurrogateDefinition;
}

const check = signature("neurons/snu", {
  options: fields<SnuOptions>({ ...UNIT_OPTIONS, surrogate: optional(SURROGATE) }, { root: "options" }),
});

/** g, with its argument in place of p. */
export const ACTIVATIONS = {
  relu: (p: string) => `relu(${p})`,
  identity: (p: string) => p,
  leakyRelu: (p: string) => `max(${p}, 0.1 * (${p}))`,
} as const;

export const UNIT_PARAMETERS = {
  decay: { value: 0.8, min: 0, max: 1, summary: "decay l of the state per step, 1 - dt/tau" },
  threshold: { value: 1, train: "unit", summary: "threshold V_th; the paper's bias is -V_th" },
} as const;

/**
 * Spiking neural unit (SNU): a leaky integrator whose state is reset by its own spike.
 *
 *     s = g(I + decay * s * (1 - y));   y = step(s - threshold)
 *
 * All quantities are plain numbers, and a step does not depend on dt. One threshold per unit is trained.
 * @throws SpikevineError for an unknown option or a value outside its range.
 * Source: S. Wozniak et al., Nature Machine Intelligence 2 (2020), eq. 1 and 2 (arXiv 1812.07040).
 */
export function snu(options: SnuOptions = {}): NeuronDefinition {
  check([options]);
  const { surrogate = tanhDerivative(), detachReset = false, ...others } = options;
  const { picked, values } = splitOptions(others, UNIT_VARIANTS);
  const y = detachReset ? "detach(y)" : "y";
  if (detachReset && picked.reset === "proportional") {
    throw new SpikevineError(
      "neurons/snu: detachReset is true, but the reset proportional is a function of the state, not of the output; use the reset zero or subtract.",
    );
  }
  const left = {
    zero: `s * (1 - ${y})`,
    subtract: `(s - threshold * ${y})`,
    proportional: "s * (1 - sigmoid(s - threshold))",
  }[picked.reset];
  return defineNeuron({
    name: "snu",
    summary: `Spiking neural unit, activation ${picked.activation}, reset ${picked.reset}.`,
    source: "S. Wozniak et al., Nature Machine Intelligence 2 (2020) 325-336 (arXiv 1812.07040)",
    states: { s: { summary: "membrane state s" } },
    parameters: UNIT_PARAMETERS,
    update: { s: ACTIVATIONS[picked.activation](`I + decay * ${left}`) },
    spike: "s - threshold",
    surrogate,
  }).with({ parameters: values });
}

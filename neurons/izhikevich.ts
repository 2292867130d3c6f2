import { choice, fields, optional, quantity, signature } from "../src/arguments/index.js";
import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { splitOptions } from "../src/equations/definitions/options.js";
import { forwardEuler } from "../src/equations/integrators/index.js";
import { tanhDerivative } from "./surrogates/index.js";

/** The paper's cells, with the values in figure 2 and its text. */
const TYPES = {
  regularSpiking: { a: 0.02, b: 0.2, c: -65, d: 8 },
  intrinsicallyBursting: { a: 0.02, b: 0.2, c: -55, d: 4 },
  chattering: { a: 0.02, b: 0.2, c: -50, d: 2 },
  fastSpiking: { a: 0.1, b: 0.2, c: -65, d: 2 },
  lowThresholdSpiking: { a: 0.02, b: 0.25, c: -65, d: 2 },
} as const;

const VARIANTS = { type: Object.keys(TYPES) as (keyof typeof TYPES)[] };

export interface IzhikevichOptions {
  /** A cell of the paper, which sets the defaults of a, b, c and d. Default: `regularSpiking`. */
  readonly type?: keyof typeof TYPES;
  /** Rate of the recovery, per ms. */
  readonly a?: number;
  /** Sensitivity of the recovery to v. */
  readonly b?: number;
  /** v after a spike. */
  readonly c?: number;
  /** Increase of u per spike. */
  readonly d?: number;
}

const check = signature("neurons/izhikevich", {
  options: fields<IzhikevichOptions>(
    {
      type: optional(choice(VARIANTS.type)),
      a: optional(quantity),
      b: optional(quantity),
      c: optional(quantity),
      d: optional(quantity),
    },
    { root: "options" },
  ),
});

/**
 * Izhikevich's simple model. As in the paper v, u and I are plain numbers, v in the scale of millivolts.
 *
 *     dv/dt = 0.04 v^2 + 5 v + 140 - u + I;   du/dt = a (b v - u)   (per ms);   at v > 30: v = c, u = u + d
 *
 * Forward Euler, as in the paper, whose own program integrates v in two half steps of 0.5 ms. The rates use min(v, 30), so
 * that values stay finite in the step of a spike. Synapses may add to `v` directly.
 * @throws SpikevineError for unknown options and values outside their range.
 * Source: E. Izhikevich, IEEE Trans. Neural Networks 14 (2003) 1569-1572, eqs. 1 to 3 and figure 2.
 */
export function izhikevich(options: IzhikevichOptions = {}): NeuronDefinition {
  check([options]);
  const { picked, values } = splitOptions(options, VARIANTS);
  const { a, b, c, d } = TYPES[picked.type];
  return defineNeuron({
    name: "izhikevich",
    summary: `Izhikevich's simple model, ${picked.type}.`,
    source: "E. Izhikevich, IEEE Trans. Neural Networks 14 (2003) 1569-1572",
    states: {
      v: { initial: "c", summary: "membrane potential in the scale of mV" },
      u: { initial: "b * c", summary: "membrane recovery" },
    },
    parameters: {
      ms: { value: "1 ms", min: 0, exclusiveMin: true, summary: "unit of time of the equations" },
      a: { value: a, min: 0, summary: "rate of the recovery" },
      b: { value: b, summary: "sensitivity of the recovery to v" },
      c: { value: c, max: 30, summary: "v after a spike" },
      d: { value: d, summary: "increase of u per spike" },
    },
    dynamics: {
      v: "(0.04 * min(v, 30)^2 + 5 * min(v, 30) + 140 - u + I) / ms",
      u: "a * (b * min(v, 30) - u) / ms",
    },
    spike: "(v - 30) / 30",
    reset: { v: "y > 0 ? c : v", u: "u + d * y" },
    integrator: forwardEuler,
    surrogate: tanhDerivative(),
  }).with({ parameters: values });
}

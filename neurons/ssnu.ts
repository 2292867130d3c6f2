import { fields, signature } from "../src/arguments/index.js";
import { defineNeuron, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { splitOptions } from "../src/equations/definitions/options.js";
import { ACTIVATIONS, type SnuOptions, UNIT_OPTIONS, UNIT_PARAMETERS, UNIT_VARIANTS } from "./snu.js";

/** As for `snu`, without a surrogate: the output is smooth. */
export type SsnuOptions = Omit<SnuOptions, "surrogate">;

const check = signature("neurons/ssnu", { options: fields<SsnuOptions>(UNIT_OPTIONS, { root: "options" }) });

/**
 * Soft spiking neural unit (sSNU): the SNU with a sigmoid in place of the step function, so that its output is graded and its
 * reset partial.
 *
 *     s = g(I + decay * s * (1 - y));   y = sigmoid(s - threshold)
 *
 * Since y is graded, the reset `zero` removes the fraction y of the state. This equals `proportional`: here the two are the
 * same equation.
 * @throws SpikevineError for an unknown option or a value outside its range.
 * Source: S. Wozniak et al., Nature Machine Intelligence 2 (2020), sec. "sSNU" (arXiv 1812.07040).
 */
export function ssnu(options: SsnuOptions = {}): NeuronDefinition {
  check([options]);
  const { detachReset = false, ...others } = options;
  const { picked, values } = splitOptions(others, UNIT_VARIANTS);
  const y = detachReset ? "detach(y)" : "y";
  const left = picked.reset === "subtract" ? `(s - threshold * ${y})` : `s * (1 - ${y})`;
  return defineNeuron({
    name: "ssnu",
    summary: `Soft spiking neural unit, activation ${picked.activation}, reset ${picked.reset}.`,
    source: "S. Wozniak et al., Nature Machine Intelligence 2 (2020) 325-336 (arXiv 1812.07040)",
    states: { s: { summary: "membrane state s" } },
    parameters: UNIT_PARAMETERS,
    update: { s: ACTIVATIONS[picked.activation](`I + decay * ${left}`) },
    output: "sigmoid(s - threshold)",
  }).with({ parameters: values });
}

import { arctan } from "../../../neurons/surrogates/index.js";
import { defineNeuron, type NeuronDefinition } from "../../equations/definitions/neuron.js";
import type { NirConventions } from "./conventions.js";
import { numbersOf } from "./numbers-of.js";
import { fault, type NirNode } from "./read-graph.js";

/** Neurons of a node as a definition, and the values of its parameters: one number, or one per unit in the order of the file. */
export interface NirNeurons {
  readonly neuron: NeuronDefinition;
  readonly values: ReadonlyMap<string, readonly number[]>;
}

const NEURON_TYPES = ["IF", "LIF", "LI", "CubaLIF", "CubaLI", "I"];

export const isNeuronNode = ({ type }: NirNode): boolean => NEURON_TYPES.includes(type);

/** Words of the conventions, for the record in the definition. */
const wordsOf = (conventions: NirConventions, seconds: number): string =>
  [`dt ${seconds} s`, ...Object.entries(conventions).map(([name, value]) => `${name} ${value}`)].join(", ");

/**
 * The definition of a node of neurons: a linear step whose coefficients follow from the node's parameters and dt.
 * @param seconds length of a step
 * @throws SpikevineError if a parameter is missing, not finite or out of range
 */
export function neuronsOfNode(node: NirNode, conventions: NirConventions, seconds: number, file: string): NirNeurons {
  const { type, name } = node;
  const read = (field: string, absent?: number): readonly number[] => numbersOf(node, field, file, absent);
  const hasSynapse = type.startsWith("Cuba");
  const hasLeak = type !== "IF" && type !== "I";
  const fires = type.endsWith("IF");
  const isCrossing = fires && conventions.resetTime === "crossing";
  if (isCrossing && type !== "LIF") {
    throw fault(file, `has ${name} of type ${type}, for which resetTime "crossing" is not defined`, 'give "same step"');
  }
  const values = new Map<string, readonly number[]>();
  const kept = (tau: readonly number[], field: string): readonly number[] =>
    tau.map((constant) => {
      if (!(constant > 0)) throw fault(file, `has ${name} with ${field} ${constant}, not above 0`);
      const ratio = seconds / constant;
      if (conventions.scheme === "exact") return Math.exp(-ratio);
      if (ratio < 2) return 1 - ratio;
      throw fault(
        file,
        `has ${name} with ${field} ${constant} s, for which Euler steps of ${seconds} s are unstable`,
        'give a smaller dt or scheme "exact"',
      );
    });
  const decay = hasLeak ? kept(read(hasSynapse ? "tau_mem" : "tau"), hasSynapse ? "tau_mem" : "tau") : [1];
  const r = read("r");
  const leak = hasLeak ? read("v_leak") : [0];
  values.set("decay", decay);
  values.set("gain", hasLeak ? combine(r, decay, (one, stays) => one * (1 - stays)) : r.map((one) => one * seconds));
  values.set(
    "drive",
    combine(leak, decay, (one, stays) => one * (1 - stays)),
  );
  if (hasSynapse) {
    const synapse = kept(read("tau_syn"), "tau_syn");
    values.set("synapticDecay", synapse);
    values.set(
      "synapticGain",
      combine(read("w_in", 1), synapse, (one, stays) => one * (1 - stays)),
    );
  }
  if (fires) {
    values.set("threshold", read("v_threshold"));
    values.set("reset", read("v_reset", 0));
  }
  if (isCrossing) {
    values.set("leak", leak);
    values.set("resistance", r);
  }
  const parameters = Object.fromEntries([...values].map(([key, [first = 0]]) => [key, { value: first }]));
  const arriving = conventions.arrival === "next step" ? "arrived" : "I";
  const synaptic = `synapticDecay * i + synapticGain * ${arriving}`;
  const input = hasSynapse ? (conventions.current === "new" ? `(${synaptic})` : "i") : arriving;
  const afterSpike = conventions.reset === "file" ? "v + (reset - v) * y" : "v - (threshold - reset) * y";
  const isLate = fires && conventions.resetTime === "next step";
  const before = isLate && conventions.reset === "file" ? `(${afterSpike})` : "v";
  const lowered = isLate && conventions.reset === "subtract" ? " - (threshold - reset) * y" : "";
  const spec = {
    name: `nir-${type.toLowerCase()}`,
    summary: `${type} of NIR; ${wordsOf(conventions, seconds)}.`,
    source: "J. Pedersen et al., Nature Communications 15 (2024) 8122",
    states: {
      v: { summary: "membrane potential" },
      ...(hasSynapse ? { i: { summary: "synaptic current" } } : {}),
      ...(arriving === "arrived" ? { arrived: { summary: "input of the step before" } } : {}),
      ...(isCrossing ? { limit: { summary: "potential that v approaches" } } : {}),
    },
    parameters,
    update: {
      v: `decay * ${before} + drive + gain * ${input}${lowered}`,
      ...(hasSynapse ? { i: synaptic } : {}),
      ...(arriving === "arrived" ? { arrived: "I" } : {}),
      ...(isCrossing ? { limit: `leak + resistance * ${input}` } : {}),
    },
  };
  if (!fires) return { neuron: defineNeuron({ ...spec, output: "v" }), values };
  // From the crossing on v approaches its limit from the reset; both parts of the step together last dt.
  const crossing = "limit + (reset - limit) * (limit - v) / max(limit - threshold, 1e-30)";
  const reset = { v: isCrossing ? `v + (${crossing} - v) * y` : afterSpike };
  return {
    neuron: defineNeuron({ ...spec, spike: "v - threshold", ...(isLate ? {} : { reset }), surrogate: arctan() }),
    values,
  };
}

/** Combines values of which one list may have a single value for all units. */
const combine = (a: readonly number[], b: readonly number[], by: (a: number, b: number) => number): readonly number[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) =>
    by(a[a.length === 1 ? 0 : i]!, b[b.length === 1 ? 0 : i]!),
  );

import { arctan } from "../../../neurons/surrogates/index.js";
import { defineNeuron, type NeuronDefinition, type NeuronSpec } from "../../equations/definitions/neuron.js";
import type { NirConventions } from "./conventions.js";

export const NEURON_TYPES = ["IF", "LIF", "LI", "CubaLIF", "CubaLI", "I", "Threshold"] as const;

export type NeuronType = (typeof NEURON_TYPES)[number];

export const firesOf = (type: NeuronType): boolean => type.endsWith("IF") || type === "Threshold";

/** Parameters of a node type by their names in the file. */
export function parametersOf(type: NeuronType): readonly string[] {
  if (type === "Threshold") return ["threshold"];
  const threshold = firesOf(type) ? ["v_threshold", "v_reset"] : [];
  if (type === "IF" || type === "I") return ["r", ...threshold];
  if (type === "LIF" || type === "LI") return ["tau", "r", "v_leak", ...threshold];
  return ["tau_syn", "tau_mem", "r", "v_leak", "w_in", ...threshold];
}

type Equations = Pick<NeuronSpec, "states" | "derived" | "update" | "spike" | "output" | "reset">;

/**
 * The equations of a node type: a step in the parameters of the file.
 * @param timeUnit unit of the file's times, ms
 */
export function nirEquations(type: NeuronType, conventions: NirConventions, timeUnit: number): Equations {
  if (type === "Threshold") return { spike: "I - threshold" };
  const { scheme, resetTime, arrival, current, firing, reset: kind } = conventions;
  const hasSynapse = type.startsWith("Cuba");
  const hasLeak = type !== "IF" && type !== "I";
  const fires = firesOf(type);
  const isCrossing = fires && resetTime === "crossing";
  const isLate = fires && resetTime === "next step";
  const arriving = arrival === "next step" ? "arrived" : "I";
  const rateOf = (tau: string): string => (scheme === "exact" ? `1 - exp(-elapsed / ${tau})` : `elapsed / ${tau}`);
  const synaptic = `i + synapticRate * (w_in * ${arriving} - i)`;
  const input = hasSynapse ? (current === "new" ? `(${synaptic})` : "i") : arriving;
  const afterSpike = kind === "file" ? "v + (v_reset - v) * y" : "v - (v_threshold - v_reset) * y";
  const start = isLate && kind === "file" ? "start" : "v";
  const lowered = isLate && kind === "subtract" ? " - (v_threshold - v_reset) * y" : "";
  // From the crossing on v approaches its limit from the reset; both parts of the step together last dt.
  const crossing = "limit + (v_reset - limit) * (limit - v) / max(limit - v_threshold, 1e-30)";
  // A spike needs a value above 0, so equality is lifted by the smallest amount that every device can hold.
  const spike = firing === "at" ? "v - v_threshold + 1e-30 * (v == v_threshold)" : "v - v_threshold";
  const reset = isCrossing ? `v + (${crossing} - v) * y` : afterSpike;
  return {
    states: {
      v: { summary: "membrane potential" },
      ...(hasSynapse ? { i: { summary: "synaptic current" } } : {}),
      ...(arriving === "arrived" ? { arrived: { summary: "input of the step before" } } : {}),
      ...(isCrossing ? { limit: { summary: "potential that v approaches" } } : {}),
    },
    derived: {
      elapsed: `dt / (${timeUnit} ms)`,
      ...(hasLeak ? { rate: rateOf(hasSynapse ? "tau_mem" : "tau") } : {}),
      ...(hasSynapse ? { synapticRate: rateOf("tau_syn") } : {}),
      ...(start === "start" ? { start: afterSpike } : {}),
    },
    update: {
      v: hasLeak
        ? `${start} + rate * (v_leak - ${start} + r * ${input})${lowered}`
        : `${start} + elapsed * r * ${input}${lowered}`,
      ...(hasSynapse ? { i: synaptic } : {}),
      ...(arriving === "arrived" ? { arrived: "I" } : {}),
      ...(isCrossing ? { limit: `v_leak + r * ${input}` } : {}),
    },
    ...(fires ? { spike } : { output: "v" }),
    ...(fires && !isLate ? { reset: { v: reset } } : {}),
  };
}

/**
 * Neurons of a node type.
 * @param values the first value of each parameter, in the units of the file
 * @param record choices in words
 */
export function nirNeuron(
  type: NeuronType,
  equations: Equations,
  values: Readonly<Record<string, number>>,
  record: string,
): NeuronDefinition {
  return defineNeuron({
    name: `nir-${type.toLowerCase()}`,
    summary: `${type} of NIR; ${record}.`,
    source: "J. Pedersen et al., Nature Communications 15 (2024) 8122",
    ...equations,
    parameters: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])),
    ...(firesOf(type) ? { surrogate: arctan() } : {}),
  });
}

import { chooseByConditions } from "../../../equations/analysis/differentiate.js";
import { isShared } from "../../../equations/definitions/white-noise.js";
import { emitStatements, tablesIn } from "../../../equations/kernels/emit-javascript.js";
import type { SynapseKernel } from "../../../equations/kernels/kernels.js";
import { type Expression, type Formulas, freeSymbols } from "../../../equations/language/expression.js";
import type { RowKey } from "../../../random/counter.js";
import { drawNormal } from "../../../random/normal.js";
import type { NeuronValueModel } from "../../model.js";

/** Values of a variable of neurons. */
export type NeuronValues = Float32Array | Float64Array;

/**
 * Changes synapses in place: `from` .. `to` - 1, or with a list, the synapses at these positions of the list.
 * @param neurons Values of each of `SynapseMemory.neurons`; the loop may change them too.
 * @param keys Of the draws of each of `kernel.noise`, if the formulas have noise.
 */
export type Loop = (
  from: number,
  to: number,
  list: Uint32Array | readonly number[],
  signal: number,
  neurons: readonly NeuronValues[],
  keys?: readonly RowKey[],
) => void;

/** The memory that loops over synapses work on. */
export interface SynapseMemory {
  readonly kernel: SynapseKernel;
  /** Values of each of `variablesOf(kernel)`, one per synapse. */
  readonly rows: readonly Float64Array[];
  readonly neurons: readonly NeuronValueModel[];
  /** The neuron of every synapse on either side. */
  readonly ends: Readonly<Record<"pre" | "post", Uint16Array | Uint32Array>>;
}

/** Names of the variables of a synapse, in storage order: those that change, then the parameters. */
export const variablesOf = ({ states, parameters }: SynapseKernel): string[] => ["weight", ...states, ...parameters];

/** Names of the variables that change. */
export const changingOf = ({ states }: SynapseKernel): string[] => ["weight", ...states];

/**
 * Compiles formulas of a synapse to one loop over many synapses.
 * @param listed True if the loop goes over a list of synapses instead of a range.
 */
export function compileLoop(memory: SynapseMemory, formulas: Formulas, listed: boolean): Loop {
  const changed = Object.keys(formulas);
  if (changed.length === 0) return () => {};
  const variables = variablesOf(memory.kernel);
  const { body, results } = perSynapse(memory, formulas);
  const place = (name: string): string => {
    const own = variables.indexOf(name);
    return own >= 0 ? `R${own}[s]` : neuronValue(memory, name);
  };
  const used = freeSymbols(Object.values(formulas));
  /** Declarations of the draws of shared noise, or of the noise of synapse `s`. */
  const draws = (shared: boolean): string[] =>
    memory.kernel.noise.flatMap((name, n) =>
      used.includes(name) && isShared(name) === shared
        ? [`const x${n} = drawNormal(keys[${n}], ${shared ? "0" : "s"});`]
        : [],
    );
  const lines = [
    listed ? "const s = list[k];" : "const s = k;",
    ...draws(false),
    ...body,
    ...changed.map((name) => `${place(name)} = ${results[name]};`),
  ];
  const loop = ["for (let k = from; k < to; k++) {", ...lines, "}"];
  return bind(memory, "from, to, list, signal, neurons, keys", [...draws(true), ...loop]) as Loop;
}

/** Compiles a formula to a loop that writes its values for listed synapses. */
export function compileRead(
  memory: SynapseMemory,
  value: Expression,
): (list: Uint32Array, out: Float64Array, neurons: readonly NeuronValues[]) => void {
  const { body, results } = perSynapse(memory, { value });
  return bind(memory, "list, out, neurons", [
    "for (let k = 0; k < list.length; k++) { const s = list[k];",
    ...body,
    `out[k] = ${results.value}; }`,
  ]) as ReturnType<typeof compileRead>;
}

/** Compiles a sum over the synapses of each neuron of one side; it is added to the values in `sums`. */
export function compileSum(
  memory: SynapseMemory,
  term: Expression,
  side: "pre" | "post",
): (sums: Float64Array, neurons: readonly NeuronValues[]) => void {
  const { body, results } = perSynapse(memory, { term });
  return bind(memory, "sums, neurons", [
    `for (let s = 0; s < ${memory.ends[side].length}; s++) {`,
    ...body,
    `sums[${side}[s]] += ${results.term}; }`,
  ]) as ReturnType<typeof compileSum>;
}

/** Compiles the largest stiffness of each state over all synapses. */
export function compileStiffness(
  memory: SynapseMemory,
): (synapses: number, signal: number, neurons: readonly NeuronValues[]) => readonly number[] {
  const { stiffness } = memory.kernel;
  const names = Object.keys(stiffness);
  if (names.length === 0) return () => [];
  const { body, results } = perSynapse(memory, stiffness);
  return bind(memory, "synapses, signal, neurons", [
    ...names.map((_, i) => `let most${i} = 0;`),
    "for (let s = 0; s < synapses; s++) {",
    ...body,
    ...names.map((name, i) => `most${i} = Math.max(most${i}, ${results[name]});`),
    "}",
    `return [${names.map((_, i) => `most${i}`).join(", ")}];`,
  ]) as ReturnType<typeof compileStiffness>;
}

/** Statements that load the variables that the formulas of synapse `s` read, and compute the formulas. */
function perSynapse(memory: SynapseMemory, formulas: Formulas) {
  const variables = variablesOf(memory.kernel);
  const used = freeSymbols(Object.values(formulas));
  const local = (name: string): string => {
    const own = variables.indexOf(name);
    return own >= 0 ? `v${own}` : `n${neuronIndex(memory, name)}`;
  };
  const { noise } = memory.kernel;
  const isGiven = (name: string): boolean => name === "signal" || noise.includes(name);
  const symbol = (name: string): string =>
    name === "signal" ? name : noise.includes(name) ? `x${noise.indexOf(name)}` : local(name);
  const { statements, results } = emitStatements(chooseByConditions(formulas), { symbol });
  const ofNeurons = used.filter((name) => !variables.includes(name) && !isGiven(name));
  const loads = [
    ...variables.flatMap((name, v) => (used.includes(name) ? [`const v${v} = R${v}[s];`] : [])),
    ...ofNeurons.map((name) => `const ${local(name)} = ${neuronValue(memory, name)};`),
  ];
  return { body: [...loads, ...statements], results };
}

/** All formulas of a synapse. */
export const formulasOf = ({ step, stiffness, derived, summed, pathways }: SynapseKernel): Expression[] =>
  [step, stiffness, derived, summed, ...pathways.map(({ changes }) => changes)].flatMap((all) => Object.values(all));

const neuronIndex = ({ neurons }: SynapseMemory, name: string): number =>
  neurons.findIndex(({ symbol }) => symbol === name);

/** The place of a neuron's value, for synapse `s`. */
function neuronValue(memory: SynapseMemory, name: string): string {
  const n = neuronIndex(memory, name);
  const value = memory.neurons[n]!;
  if ("clock" in value) return `N${n}[0]`;
  return "first" in value ? `(${value.side}[s] - ${value.first})` : `N${n}[${value.side}[s]]`;
}

/** Compiles a function over the memory. If it takes `neurons`, their arrays are `N0`, `N1` and so on. */
function bind({ kernel, rows, neurons, ends }: SynapseMemory, parameters: string, body: readonly string[]): unknown {
  const text = body.join("\n");
  const make = new Function(
    "rows",
    "pre",
    "post",
    "drawNormal",
    "tables",
    [
      '"use strict";',
      ...rows.map((_, v) => `const R${v} = rows[${v}];`),
      `return (${parameters}) => {`,
      ...neurons.flatMap((_, n) => (text.includes(`N${n}[`) ? [`const N${n} = neurons[${n}];`] : [])),
      text,
      "};",
    ].join("\n"),
  );
  return make(rows, ends.pre, ends.post, drawNormal, tablesIn(formulasOf(kernel)));
}

import { chooseByConditions } from "../../../equations/analysis/differentiate.js";
import { emitStatements } from "../../../equations/kernels/emit-javascript.js";
import type { SynapseKernel } from "../../../equations/kernels/kernels.js";
import { type Formulas, freeSymbols } from "../../../equations/language/expression.js";

/** Changes synapses in place: `from` .. `to` - 1, or with a list, the synapses at these positions of the list. */
export type Loop = (from: number, to: number, list: Uint32Array | readonly number[], signal: number) => void;

/** Names of the variables of a synapse, in storage order. */
export const variablesOf = ({ states }: SynapseKernel): string[] => ["weight", ...states];

/**
 * Compiles formulas of a synapse to one loop over many synapses.
 * @param rows The values of each variable, one per synapse.
 * @param listed True if the loop goes over a list of synapses instead of a range.
 */
export function compileLoop(
  kernel: SynapseKernel,
  formulas: Formulas,
  rows: readonly Float64Array[],
  listed: boolean,
): Loop {
  const changed = Object.keys(formulas);
  if (changed.length === 0) return () => {};
  const variables = variablesOf(kernel);
  const { body, results } = perSynapse(kernel, formulas);
  const lines = [
    listed ? "const s = list[k];" : "const s = k;",
    ...body,
    ...changed.map((name) => `R${variables.indexOf(name)}[s] = ${results[name]};`),
  ];
  return overRows(variables, "from, to, list, signal", ["for (let k = from; k < to; k++) {", ...lines, "}"])(
    rows,
  ) as Loop;
}

/** Compiles the formula of a derived quantity to a loop that writes its values for listed synapses. */
export function compileRead(
  kernel: SynapseKernel,
  name: string,
  rows: readonly Float64Array[],
): (list: Uint32Array, out: Float64Array) => void {
  const { body, results } = perSynapse(kernel, { [name]: kernel.derived[name]! });
  return overRows(variablesOf(kernel), "list, out", [
    "for (let k = 0; k < list.length; k++) { const s = list[k];",
    ...body,
    `out[k] = ${results[name]}; }`,
  ])(rows) as (list: Uint32Array, out: Float64Array) => void;
}

/** Compiles the largest stiffness of each state over all synapses. */
export function compileStiffness(
  kernel: SynapseKernel,
  rows: readonly Float64Array[],
): (synapses: number, signal: number) => readonly number[] {
  const names = Object.keys(kernel.stiffness);
  if (names.length === 0) return () => [];
  const { body, results } = perSynapse(kernel, kernel.stiffness);
  return overRows(variablesOf(kernel), "synapses, signal", [
    ...names.map((_, i) => `let most${i} = 0;`),
    "for (let s = 0; s < synapses; s++) {",
    ...body,
    ...names.map((name, i) => `most${i} = Math.max(most${i}, ${results[name]});`),
    "}",
    `return [${names.map((_, i) => `most${i}`).join(", ")}];`,
  ])(rows) as (synapses: number, signal: number) => readonly number[];
}

/** Statements that load the variables of synapse `s` that the formulas read, and compute the formulas. */
function perSynapse(kernel: SynapseKernel, formulas: Formulas) {
  const variables = variablesOf(kernel);
  const used = freeSymbols(Object.values(formulas));
  const symbol = (name: string): string => (name === "signal" ? name : `v${variables.indexOf(name)}`);
  const { statements, results } = emitStatements(chooseByConditions(formulas), { symbol });
  const loads = variables.flatMap((name, v) => (used.includes(name) ? [`const v${v} = R${v}[s];`] : []));
  return { body: [...loads, ...statements], results };
}

function overRows(variables: readonly string[], parameters: string, body: readonly string[]) {
  const rows = variables.map((_, v) => `const R${v} = rows[${v}];`);
  return new Function("rows", ['"use strict";', ...rows, `return (${parameters}) => {`, ...body, "};"].join("\n")) as (
    rows: readonly Float64Array[],
  ) => unknown;
}

import { COUNTS } from "../../equations/definitions/synapse-equations.js";
import type { SynapseKernel } from "../../equations/kernels/kernels.js";
import { constant, type Expression, substitute, symbol } from "../../equations/language/expression.js";
import { DIMENSIONLESS } from "../../equations/language/units.js";
import { filled } from "../../filled.js";
import { rowOfEach } from "../executors/plastic/row-of-each.js";
import type { SynapsesModel } from "../model.js";
import type { Variable, Variables } from "./element-expression.js";
import { mapSynapseKernel } from "./map-synapse-kernel.js";
import type { SynapseRows } from "./synapse-rows.js";

/** Numbers of synapses that begin or end at each neuron. */
const outgoing = ({ rowStart }: SynapseRows): Float64Array =>
  Float64Array.from({ length: rowStart.length - 1 }, (_, pre) => rowStart[pre + 1]! - rowStart[pre]!);

function incoming({ targets }: SynapseRows, neurons: number): Float64Array {
  const counts = new Float64Array(neurons);
  for (let k = 0; k < targets.length; k++) counts[targets[k]!]!++;
  return counts;
}

/** The largest target and one more. */
const reached = ({ targets }: SynapseRows): number => {
  let most = 0;
  for (let k = 0; k < targets.length; k++) most = Math.max(most, targets[k]! + 1);
  return most;
};

/** Tells if an expression has a name. */
export const usesName = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);

/** Tells if an expression may use the numbers of synapses of its neurons. */
export const usesCounts = (text: string): boolean => Object.keys(COUNTS).some((name) => usesName(text, name));

/** The names of an expression over synapses, with the numbers of synapses of their neurons. */
export function withCountNames(variables: Variables, rows: SynapseRows): Variables {
  const given = (values: Float64Array, per: Variable["per"]): Variable => ({ dimension: DIMENSIONLESS, values, per });
  return new Map([
    ["N_incoming", given(incoming(rows, reached(rows)), "column")],
    ["N_outgoing", given(outgoing(rows), "row")],
    ...variables,
  ]);
}

/** A kernel that knows the numbers of synapses and neurons of its projection. */
interface CountedKernel {
  readonly kernel: SynapseKernel;
  /** Numbers that differ between the synapses, which are parameters of the kernel. */
  readonly parameters: Readonly<Record<string, Float64Array>>;
}

/**
 * Puts the numbers of synapses and neurons of a projection into the formulas of a kernel.
 * @param sizes Numbers by the name that equations have for them, such as `N_pre`.
 */
export function withCounts(
  kernel: SynapseKernel,
  { rowStart, targets }: Pick<SynapsesModel, "rowStart" | "targets">,
  sizes: Readonly<Record<string, number>>,
): CountedKernel {
  const rows = { rowStart, targets };
  const numbers = new Map<Expression, Expression>();
  for (const name of kernel.reads) if (Object.hasOwn(sizes, name)) numbers.set(symbol(name), constant(sizes[name]!));
  const parameters: Record<string, Float64Array> = {};
  const perSynapse = (name: string): Float64Array => {
    const of = name === COUNTS.N_incoming ? incoming(rows, reached(rows)) : outgoing(rows);
    const neurons = name === COUNTS.N_incoming ? targets : rowOfEach(rowStart);
    return filled(new Float64Array(targets.length), neurons, (neuron) => of[neuron]!);
  };
  const given = kernel.given.filter((name) => {
    if (!Object.values<string>(COUNTS).includes(name)) return true;
    const values = perSynapse(name);
    if (values.every((value) => value === values[0])) numbers.set(symbol(name), constant(values[0] ?? 0));
    else parameters[name] = values;
    return false;
  });
  if (numbers.size === 0 && Object.keys(parameters).length === 0) return { kernel, parameters };
  return {
    kernel: {
      ...mapSynapseKernel(kernel, (e) => substitute(e, numbers)),
      parameters: [...kernel.parameters, ...Object.keys(parameters)],
      reads: kernel.reads.filter((name) => !numbers.has(symbol(name))),
      given,
    },
    parameters,
  };
}

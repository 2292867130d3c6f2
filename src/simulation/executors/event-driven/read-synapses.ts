import { chooseByConditions } from "../../../equations/analysis/differentiate.js";
import { emitStatements } from "../../../equations/kernels/emit-javascript.js";
import { type Expression, freeSymbols } from "../../../equations/language/expression.js";
import type { PlasticModel } from "../../model.js";
import { changingOf } from "../plastic/synapse-loops.js";
import { atPresent, type EventPlan, elapsedSymbol, OWNERS, type Owner, powerSymbol, rawSymbol } from "./event-plan.js";

/** What is kept of the synapses of a projection. */
export interface KeptSynapses {
  /** Of `weight` and each state: one number per element of its owner. */
  readonly variables: Readonly<Record<string, Float64Array>>;
  /** Steps to which the groups of each owner's elements have been advanced. */
  readonly last: Readonly<Partial<Record<Owner, Uint32Array>>>;
  /** Spikes that are sent from the first of these steps on, and before the second, have no effect. */
  readonly silent: Uint32Array;
}

/** The neuron of every synapse on either side. */
export type Ends = Readonly<Record<"pre" | "post", Uint16Array | Uint32Array>>;

/** Writes the present values of listed synapses. */
type Read = (kept: KeptSynapses, step: number, signal: number, list: Uint32Array, out: Float64Array) => void;

const INDEX: Readonly<Record<Owner, string>> = { pre: "pre[s]", post: "post[s]", synapse: "s" };

/** Compiles the reading of an expression over the variables, without advancing any. */
export function compilePresent(plan: EventPlan, model: PlasticModel, ends: Ends, shown: Expression): Read {
  const { value } = atPresent(plan, { value: shown }) as { value: Expression };
  const variables = changingOf(model.kernel);
  const code = new Map<string, string>([["signal", "signal"]]);
  for (const name of variables) {
    const number = `variables[${JSON.stringify(name)}][${INDEX[plan.owners.get(name)!]}]`;
    code.set(name, number).set(rawSymbol(name), number);
  }
  for (const name of Object.keys(model.parameters)) code.set(name, `parameters[${JSON.stringify(name)}][s]`);
  for (const owner of OWNERS) {
    const elapsed = model.active ? `(step - last.${owner}[${INDEX[owner]}])` : "0";
    code.set(elapsedSymbol(owner), elapsed);
    for (const [power, growth] of Object.entries(plan.powers)) {
      code.set(powerSymbol(owner, power), `Math.exp(${growth} * ${elapsed})`);
    }
  }
  const used = freeSymbols([value]);
  const place = new Map(used.map((name, k) => [name, `v${k}`]));
  const { statements, results } = emitStatements(chooseByConditions({ value }), { symbol: (name) => place.get(name)! });
  const body = [
    "const { variables, last } = kept;",
    "for (let k = 0; k < list.length; k++) {",
    "const s = list[k];",
    ...used.map((name) => `const ${place.get(name)} = ${code.get(name)};`),
    ...statements,
    `out[k] = ${results.value};`,
    "}",
  ].join("\n");
  const make = new Function(
    "pre",
    "post",
    "parameters",
    `"use strict"; return (kept, step, signal, list, out) => {\n${body}\n};`,
  );
  return make(ends.pre, ends.post, model.parameters) as Read;
}

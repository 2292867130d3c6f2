import { chooseByConditions } from "../../equations/analysis/differentiate.js";
import type { Update } from "../contract.js";
import { compileFormulas } from "../host/index.js";
import { allocate, type CompiledOperation, type Memory } from "./memory.js";

export function compileUpdate(operation: Update, memory: Memory): CompiledOperation {
  const { rule } = operation;
  const weight = memory.tensor(operation.weight);
  const gradient = memory.tensor(operation.gradient).data;
  const factor = operation.factor === undefined ? undefined : memory.tensor(operation.factor).data;
  // All results of the formulas, in order: the weight, then the optimizer's states.
  const changed = [weight.data, ...rule.states.map((state) => memory.tensor(operation.states[state]!).data)];
  const names = ["weight", ...rule.states];
  const own = [...names, "gradient", "factor"];
  const formulas = compileFormulas(
    chooseByConditions(rule.formulas),
    [...own, ...rule.uniforms],
    names,
    memory.precision,
  );
  const symbols = allocate(memory.precision, own.length + rule.uniforms.length);
  const results = allocate(memory.precision, names.length);
  return ({ scalars }) => {
    rule.uniforms.forEach((uniform, index) => {
      symbols[own.length + index] = scalars[operation.uniforms[uniform]!]!;
    });
    for (let synapse = 0; synapse < weight.data.length; synapse++) {
      for (let k = 0; k < changed.length; k++) symbols[k] = changed[k]![synapse]!;
      symbols[names.length] = gradient[synapse]!;
      symbols[names.length + 1] = factor === undefined ? 1 : factor[synapse % weight.columns]!;
      formulas(symbols, results);
      for (let k = 0; k < changed.length; k++) changed[k]![synapse] = results[k]!;
    }
  };
}

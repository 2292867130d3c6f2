import type { NeuronKernel } from "../../equations/kernels/kernels.js";
import type { ParameterBinding } from "../contract.js";
import { compileFormulas, neuronFormulas } from "../host/index.js";
import { allocate, type Memory, type Numbers } from "./memory.js";

/**
 * One set of a neuron's formulas. The caller fills in the symbols; `compute(unit)` binds the parameters of that unit
 * and writes the results. Symbols and results are in the order of their names.
 */
export interface UnitFormulas {
  readonly symbols: Numbers;
  readonly results: Numbers;
  compute(unit: number): void;
}

/** Compiles the formulas `results` of a set over `names` (which the caller fills in) and the neuron's parameters. */
export function unitFormulas(
  formulas: NeuronKernel["step"],
  names: readonly string[],
  results: readonly string[],
  bound: { readonly neuron: NeuronKernel; readonly parameters: Readonly<Record<string, ParameterBinding>> },
  memory: Memory,
): UnitFormulas {
  const { neuron, parameters } = bound;
  const compiled = compileFormulas(
    neuronFormulas(neuron, formulas),
    [...names, ...neuron.parameters],
    results,
    memory.precision,
  );
  const symbols = allocate(memory.precision, names.length + neuron.parameters.length);
  const computed = allocate(memory.precision, results.length);
  const trained: { at: number; data: Numbers }[] = [];
  neuron.parameters.forEach((name, index) => {
    const binding = parameters[name]!;
    if (typeof binding === "number") symbols[names.length + index] = binding;
    else trained.push({ at: names.length + index, data: memory.tensor(binding.tensor).data });
  });
  return {
    symbols,
    results: computed,
    compute(unit) {
      for (const { at, data } of trained) symbols[at] = data[unit % data.length]!;
      compiled(symbols, computed);
    },
  };
}

export const nowNames = (neuron: NeuronKernel): string[] => neuron.states.map((state) => `now__${state}`);

import type { Scan } from "../contract.js";
import { allocate, type CompiledOperation, type Memory, type Numbers } from "./memory.js";
import { nowNames, unitFormulas } from "./neuron.js";
import { addProduct } from "./products.js";

export function compileScan(operation: Scan, memory: Memory): CompiledOperation {
  const { neuron } = operation;
  const { precision, steps } = memory;
  const current = memory.signal(operation.current);
  const output = memory.signal(operation.to);
  const recurrent = operation.recurrent === undefined ? undefined : memory.tensor(operation.recurrent);
  const mask = operation.mask === undefined ? undefined : memory.signal(operation.mask).data;
  const carried = operation.carry === undefined ? undefined : memory.signal(operation.carry).data;
  const units = current.width;
  const states = neuron.states.length;
  const now = nowNames(neuron);

  const initial = unitFormulas(neuron.initial, [], neuron.states, operation, memory);
  const step = unitFormulas(neuron.step, ["input", ...neuron.states, "y"], [...now, "y__now"], operation, memory);
  const carry = unitFormulas(neuron.carry, ["input", ...now], [...neuron.states, "y"], operation, memory);

  /** Target of each stored value and its index in `stepValues`: the input, then the states now. */
  const stored = Object.entries(operation.store).map(([name, signal]) => ({
    data: memory.signal(signal).data,
    index: ["input", ...now].indexOf(name),
  }));
  const stepValues = carry.symbols;

  /** Values that the next step starts from, [states + 1, units]: state after state, then y. */
  const start = allocate(precision, (states + 1) * units);
  const input = allocate(precision, units);
  const recurrentInput = allocate(precision, units);

  const begin = (sample: number, resumes: boolean): void => {
    if (carried !== undefined && resumes) {
      start.set(carried.subarray(sample * start.length, (sample + 1) * start.length));
      return;
    }
    for (let n = 0; n < units; n++) {
      initial.compute(n);
      for (let s = 0; s < states; s++) start[s * units + n] = initial.results[s]!;
      start[states * units + n] = 0;
    }
  };

  const advance = (n: number, row: number): Numbers => {
    step.symbols[0] = input[n]!;
    for (let s = 0; s <= states; s++) step.symbols[1 + s] = start[s * units + n]!;
    step.compute(n);
    stepValues[0] = input[n]!;
    for (let s = 0; s < states; s++) stepValues[1 + s] = step.results[s]!;
    carry.compute(n);
    for (let s = 0; s <= states; s++) start[s * units + n] = carry.results[s]!;
    for (const { data, index } of stored) data[row * units + n] = stepValues[index]!;
    return step.results;
  };

  return ({ samples, firstStep }) => {
    for (let sample = 0; sample < samples; sample++) {
      begin(sample, firstStep > 0);
      for (let t = 0; t < steps; t++) {
        const row = sample * steps + t;
        const currentRow = (current.rows === 1 ? sample : row) * units;
        input.set(current.data.subarray(currentRow, currentRow + units));
        if (recurrent !== undefined) {
          for (let n = 0; n < units; n++) {
            recurrentInput[n] = start[states * units + n]! * (mask === undefined ? 1 : mask[sample * units + n]!);
          }
          addProduct(recurrentInput, 0, recurrent, input, 0);
        }
        for (let n = 0; n < units; n++) {
          const y = advance(n, row)[states]!;
          output.data[row * units + n] = mask === undefined ? y : y * mask[sample * units + n]!;
        }
      }
      carried?.set(start, sample * start.length);
    }
  };
}

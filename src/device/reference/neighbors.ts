import type { ErrorSource, Neighbors } from "../contract.js";
import type { CompiledOperation, Memory } from "./memory.js";
import { nowNames, type UnitFormulas, unitFormulas } from "./neuron.js";

export function compileNeighbors(operation: Neighbors, memory: Memory): CompiledOperation {
  const { neuron, smoothing } = operation;
  const { steps } = memory;
  const current = memory.signal(operation.current);
  const { data: to, width: units } = memory.signal(operation.to);
  const states = neuron.states.length;
  const now = nowNames(neuron);
  const sources = operation.errors.map((source) => ({ ...source, ...memory.signal(source.signal) }));
  const stored = new Map(Object.entries(operation.stored).map(([name, signal]) => [name, memory.signal(signal).data]));
  const needed = neuron.neighborNeeds.map((name) => stored.get(name)!);
  const traces = [...new Set(operation.errors.flatMap(({ of }) => (of === "output" ? [] : [of])))].map((of) => ({
    of,
    index: now.indexOf(of),
    data: stored.get(of)!,
  }));

  const mask = operation.mask === undefined ? undefined : memory.signal(operation.mask).data;
  const weighting = unitFormulas(neuron.weighting, ["input", ...neuron.neighborNeeds], ["factor"], operation, memory);
  const output = unitFormulas(neuron.carry, ["input", ...neuron.neighborNeeds], ["y"], operation, memory);
  const flippedNames = ["input", "y", ...neuron.neighborNeeds];
  const flipped = unitFormulas(neuron.flipped, flippedNames, [...neuron.states, "y"], operation, memory);
  const step = unitFormulas(neuron.step, ["input", ...neuron.states, "y"], [...now, "y__now"], operation, memory);
  const carry = unitFormulas(neuron.carry, ["input", ...now], [...neuron.states, "y"], operation, memory);

  const inputAt = (n: number, sample: number, t: number): number =>
    current.data[(current.rows === 1 ? sample : sample * steps + t) * units + n]!;

  /** Computes formulas of the stored values of a step, whose symbols begin at `first`; the input is symbol 0. */
  const computeAt = (formulas: UnitFormulas, first: number, n: number, sample: number, t: number): number => {
    formulas.symbols[0] = inputAt(n, sample, t);
    needed.forEach((data, k) => {
      formulas.symbols[first + k] = data[(sample * steps + t) * units + n]!;
    });
    formulas.compute(n);
    return formulas.results[0]!;
  };

  /** The output of the unit itself. */
  const outputAt = (n: number, sample: number, t: number): number => computeAt(output, 1, n, sample, t);

  const errorAt = (place: ErrorSource["of"], n: number, sample: number, t: number): number => {
    let sum = 0;
    for (const { of, at, scale, rows, data } of sources) {
      if (of !== place || (at === "last" && t !== steps - 1)) continue;
      sum += scale * data[(rows === 1 ? sample : sample * steps + t) * units + n]!;
    }
    return sum;
  };

  /** The effect of the spike of unit n at step t. */
  const effect = (n: number, sample: number, t: number): number => {
    const masked = mask === undefined ? 1 : mask[sample * units + n]!;
    const y = outputAt(n, sample, t);
    let difference = 1 - y - y;
    let sum = masked * errorAt("output", n, sample, t) * difference;
    flipped.symbols[1] = 1 - y;
    computeAt(flipped, 2, n, sample, t);
    let start: ArrayLike<number> = flipped.results;
    for (let r = t + 1; r < steps; r++) {
      const input = inputAt(n, sample, r);
      step.symbols[0] = input;
      carry.symbols[0] = input;
      for (let s = 0; s <= states; s++) step.symbols[1 + s] = start[s]!;
      step.compute(n);
      for (let s = 0; s < states; s++) carry.symbols[1 + s] = step.results[s]!;
      carry.compute(n);
      start = carry.results;
      difference = smoothing * difference + step.results[states]! - outputAt(n, sample, r);
      sum += masked * errorAt("output", n, sample, r) * difference;
      for (const { of, index, data } of traces) {
        sum += errorAt(of, n, sample, r) * (step.results[index]! - data[(sample * steps + r) * units + n]!);
      }
    }
    return sum * computeAt(weighting, 1, n, sample, t);
  };

  return ({ samples }) => {
    for (let sample = 0; sample < samples; sample++) {
      for (let t = 0; t < steps; t++) {
        for (let n = 0; n < units; n++) to[(sample * steps + t) * units + n] = effect(n, sample, t);
      }
    }
  };
}

import type { ErrorSource, Neighbors } from "../contract.js";
import type { CompiledOperation, Memory } from "./memory.js";
import { nowNames, unitFormulas } from "./neuron.js";

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

  /** The output of the unit itself. */
  const outputAt = (n: number, sample: number, t: number): number => {
    output.symbols[0] = inputAt(n, sample, t);
    needed.forEach((data, k) => {
      output.symbols[1 + k] = data[(sample * steps + t) * units + n]!;
    });
    output.compute(n);
    return output.results[0]!;
  };

  const errorAt = (place: ErrorSource["of"], n: number, sample: number, t: number): number => {
    let sum = 0;
    for (const { of, at, scale, rows, data } of sources) {
      if (of !== place || (at === "last" && t !== steps - 1)) continue;
      sum += scale * data[(rows === 1 ? sample : sample * steps + t) * units + n]!;
    }
    return sum;
  };

  const weightAt = (n: number, sample: number, t: number): number => {
    weighting.symbols[0] = inputAt(n, sample, t);
    needed.forEach((data, k) => {
      weighting.symbols[1 + k] = data[(sample * steps + t) * units + n]!;
    });
    weighting.compute(n);
    return weighting.results[0]!;
  };

  /** The effect of the spike of unit n at step t. */
  const effect = (n: number, sample: number, t: number): number => {
    const masked = mask === undefined ? 1 : mask[sample * units + n]!;
    const y = outputAt(n, sample, t);
    let difference = 1 - y - y;
    let sum = masked * errorAt("output", n, sample, t) * difference;
    flipped.symbols[0] = inputAt(n, sample, t);
    flipped.symbols[1] = 1 - y;
    needed.forEach((data, k) => {
      flipped.symbols[2 + k] = data[(sample * steps + t) * units + n]!;
    });
    flipped.compute(n);
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
    return sum * weightAt(n, sample, t);
  };

  return ({ samples }) => {
    for (let sample = 0; sample < samples; sample++) {
      for (let t = 0; t < steps; t++) {
        for (let n = 0; n < units; n++) to[(sample * steps + t) * units + n] = effect(n, sample, t);
      }
    }
  };
}

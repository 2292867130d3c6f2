import { freeSymbols } from "../../equations/language/expression.js";
import type { AdjointScan } from "../contract.js";
import { allocate, type CompiledOperation, type Memory } from "./memory.js";
import { nowNames, unitFormulas } from "./neuron.js";
import { transposedProduct } from "./products.js";

export function compileAdjointScan(operation: AdjointScan, memory: Memory): CompiledOperation {
  const { neuron, truncate = Infinity } = operation;
  const { precision, steps } = memory;
  const sources = operation.errors.map((source) => ({ ...source, ...memory.signal(source.signal) }));
  const { data: to, width: units } = memory.signal(operation.to);
  const recurrent = operation.recurrent === undefined ? undefined : memory.tensor(operation.recurrent);
  const mask = operation.mask === undefined ? undefined : memory.signal(operation.mask).data;
  const factor = operation.factor === undefined ? undefined : memory.tensor(operation.factor).data;
  const states = neuron.states.length;
  const trained = Object.entries(operation.parameterErrors).map(([parameter, signal]) => ({
    name: `d__${parameter}`,
    data: memory.signal(signal).data,
  }));
  const fromStart = trained.filter(({ name }) => Object.hasOwn(neuron.initialAdjoint, name));

  // Symbols of a step, in one fixed order: stored values, the values that the step started from, and incoming errors.
  const needs = neuron.adjointNeeds;
  const stored = needs.map((name) => memory.signal(operation.stored[name]!).data);
  const propagatedNames = [...neuron.states, "y"].map((name) => `d__${name}`);
  const results = ["d__input", ...propagatedNames, ...trained.map(({ name }) => name)];
  // The starting values of a step are computed only if a required formula reads them; the others may not have been
  // stored.
  const read = freeSymbols(results.map((name) => neuron.adjoint[name]!));
  const began = [...neuron.states, "y"].filter((name) => read.includes(name));
  const beganStates = began.filter((name) => name !== "y");
  const next = neuron.states.map((state) => `d__${state}__next`);
  const entry = nowNames(neuron).map((now) => `d__${now}`);
  const names = [...needs, ...began, "d__y__now", ...next, ...entry];
  const beganAt = needs.length;
  const outputAt = beganAt + began.length;
  const nextAt = outputAt + 1;
  const entryAt = nextAt + next.length;

  const initial = unitFormulas(neuron.initial, [], beganStates, operation, memory);
  const carry = unitFormulas(neuron.carry, needs, began, operation, memory);
  const adjoint = unitFormulas(neuron.adjoint, names, results, operation, memory);
  const initialAdjoint = unitFormulas(
    neuron.initialAdjoint,
    propagatedNames.slice(0, states),
    fromStart.map(({ name }) => name),
    operation,
    memory,
  );

  /** Errors propagated from a step to the one before, [states + 1, units]: at each state, then at y. */
  const propagated = allocate(precision, (states + 1) * units);
  const inputErrors = allocate(precision, units);
  /** Error at the outputs of the step before, through the recurrent connections. */
  const recurrentErrors = allocate(precision, units);

  const beginning = (n: number, row: number, first: boolean): void => {
    const { symbols } = adjoint;
    if (first) {
      initial.compute(n);
      symbols.fill(0, beganAt, outputAt);
      symbols.set(initial.results, beganAt);
      return;
    }
    for (let k = 0; k < stored.length; k++) carry.symbols[k] = stored[k]![(row - 1) * units + n]!;
    carry.compute(n);
    symbols.set(carry.results, beganAt);
  };

  /** Errors that enter from outside at a step: at y, then at each state. */
  const outside = new Float64Array(1 + states);
  const placed = sources.map((source) => ({
    ...source,
    place: source.of === "output" ? 0 : 1 + entry.indexOf(`d__${source.of}`),
  }));
  const enter = (n: number, sample: number, t: number): void => {
    outside.fill(0);
    for (const { at, scale, rows, data, place } of placed) {
      if (at === "last" && t !== steps - 1) continue;
      const entering = scale * data[(rows === 1 ? sample : sample * steps + t) * units + n]!;
      outside[place] = outside[place]! + entering;
    }
  };

  const unitStep = (n: number, sample: number, t: number): void => {
    const row = sample * steps + t;
    const { symbols } = adjoint;
    for (let k = 0; k < stored.length; k++) symbols[k] = stored[k]![row * units + n]!;
    beginning(n, row, t === 0);
    enter(n, sample, t);
    const outputError = outside[0]! + recurrentErrors[n]!;
    symbols[outputAt] =
      outputError * (mask === undefined ? 1 : mask[sample * units + n]!) + propagated[states * units + n]!;
    for (let s = 0; s < states; s++) {
      symbols[nextAt + s] = propagated[s * units + n]!;
      symbols[entryAt + s] = outside[1 + s]!;
    }
    adjoint.compute(n);
    const inputError = adjoint.results[0]!;
    inputErrors[n] = inputError;
    to[row * units + n] = factor === undefined ? inputError : inputError * factor[n % factor.length]!;
    for (let s = 0; s <= states; s++) propagated[s * units + n] = adjoint.results[1 + s]!;
    trained.forEach(({ data }, p) => {
      const index = sample * units + n;
      data[index] = data[index]! + adjoint.results[2 + states + p]!;
    });
    if (t === 0) atStart(n, sample);
  };

  /** Adds the errors at the initial values to the parameters. */
  const atStart = (n: number, sample: number): void => {
    if (fromStart.length === 0) return;
    for (let s = 0; s < states; s++) initialAdjoint.symbols[s] = propagated[s * units + n]!;
    initialAdjoint.compute(n);
    fromStart.forEach(({ data }, p) => {
      const index = sample * units + n;
      data[index] = data[index]! + initialAdjoint.results[p]!;
    });
  };

  return ({ samples }) => {
    for (const { data } of trained) data.fill(0);
    for (let sample = 0; sample < samples; sample++) {
      propagated.fill(0);
      recurrentErrors.fill(0);
      for (let t = steps - 1; t >= 0; t--) {
        for (let n = 0; n < units; n++) unitStep(n, sample, t);
        if (t % truncate === 0) {
          propagated.fill(0);
          recurrentErrors.fill(0);
        } else if (recurrent !== undefined) transposedProduct(inputErrors, 0, recurrent, recurrentErrors, 0);
      }
    }
  };
}

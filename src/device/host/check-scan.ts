import type { NeuronKernel } from "../../equations/kernels/kernels.js";
import { freeSymbols } from "../../equations/language/expression.js";
import { ownValue } from "../../own-value.js";
import type { AdjointScan, ErrorSource, Neighbors, Scan } from "../contract.js";
import type { PlanLookup } from "./plan-lookup.js";

export function checkScan(operation: Scan, lookup: PlanLookup): void {
  const { neuron } = operation;
  const { width } = lookup.read(operation.current, { kind: "values" });
  checkNeuron(operation, width, lookup);
  for (const [stored, signal] of Object.entries(operation.store)) {
    if (stored !== "input" && !isStoredState(neuron, stored)) {
      lookup.fail(`neuron ${neuron.name} has nothing to store under "${stored}"; ${storable(neuron)}`);
    }
    lookup.write(signal, { kind: "values", width, rows: "steps" });
  }
  if (operation.carry !== undefined) {
    const need = { kind: "values", width: (neuron.states.length + 1) * width, rows: "sample", role: "kept" } as const;
    lookup.write(operation.carry, need);
  }
  lookup.write(operation.to, { kind: neuron.output, width, rows: "steps" });
}

export function checkAdjointScan(operation: AdjointScan, lookup: PlanLookup): void {
  const { neuron } = operation;
  const [first] = operation.errors;
  if (first === undefined) throw lookup.fail("errors is empty; give at least one");
  const { width } = lookup.read(first.signal);
  checkNeuron(operation, width, lookup);
  for (const needed of neuron.adjointNeeds) {
    const signal = operation.stored[needed];
    if (signal === undefined) lookup.fail(`the adjoint of ${neuron.name} needs the stored "${needed}"`);
    else lookup.read(signal, { kind: "values", width, rows: "steps" });
  }
  for (const source of operation.errors) checkSource(source, neuron, width, lookup);
  const { truncate } = operation;
  if (truncate !== undefined && (!Number.isInteger(truncate) || truncate < 1)) {
    lookup.fail(`truncate is ${truncate}; give a number of steps from 1 up`);
  }
  if (operation.factor !== undefined) lookup.unitTensor(operation.factor, width);
  for (const [parameter, signal] of Object.entries(operation.parameterErrors)) {
    if (!neuron.parameters.includes(parameter)) lookup.fail(`neuron ${neuron.name} has no parameter "${parameter}"`);
    lookup.write(signal, { kind: "values", width, rows: "sample" });
  }
  lookup.write(operation.to, { kind: "values", width, rows: "steps" });
}

function checkSource({ signal, at, of }: ErrorSource, neuron: NeuronKernel, width: number, lookup: PlanLookup): void {
  lookup.read(signal, { kind: "values", width, ...(at === "last" ? { rows: "sample" } : {}) });
  if (of === "output") return;
  if (!isStoredState(neuron, of)) {
    lookup.fail(`neuron ${neuron.name} has no error at "${of}"; write output, or ${storable(neuron)}`);
  }
  if (!freeSymbols(Object.values(neuron.adjoint)).includes(`d__${of}`)) {
    lookup.fail(`the adjoint of ${neuron.name} has no seed d__${of}, so no error can enter there`);
  }
}

export function checkNeighbors(operation: Neighbors, lookup: PlanLookup): void {
  const { neuron, errors, stored, smoothing } = operation;
  const [first] = errors;
  if (first === undefined) throw lookup.fail("errors is empty; give at least one");
  const { width } = lookup.read(first.signal);
  checkNeuron(operation, width, lookup);
  lookup.read(operation.current, { kind: "values", width });
  const states = errors.flatMap(({ of }) => (of === "output" ? [] : [of]));
  for (const needed of [...neuron.neighborNeeds, ...states]) {
    const signal = ownValue(stored, needed);
    if (signal === undefined) lookup.fail(`the neighbors of ${neuron.name} need the stored "${needed}"`);
    else lookup.read(signal, { kind: "values", width, rows: "steps" });
  }
  for (const { signal, at, of } of errors) {
    lookup.read(signal, { kind: "values", width, ...(at === "last" ? { rows: "sample" } : {}) });
    if (of === "output" || neuron.traces.some((trace) => of === `now__${trace}`)) continue;
    lookup.fail(`neuron ${neuron.name} has no trace of its spikes "${of}"`);
  }
  if (!(smoothing >= 0 && smoothing < 1)) lookup.fail(`smoothing is ${smoothing}; give at least 0 and less than 1`);
  lookup.write(operation.to, { kind: "values", width, rows: "steps" });
}

/** Checks that forward and adjoint scans share: parameters, recurrent weights, dropout mask. */
function checkNeuron(
  operation: Pick<Scan, "neuron" | "parameters" | "recurrent" | "mask">,
  width: number,
  lookup: PlanLookup,
): void {
  const { neuron, parameters } = operation;
  for (const parameter of neuron.parameters) {
    const binding = ownValue(parameters, parameter);
    if (binding === undefined) lookup.fail(`parameter "${parameter}" of neuron ${neuron.name} is not bound`);
    else if (typeof binding !== "number") lookup.unitTensor(binding.tensor, width);
  }
  if (operation.recurrent !== undefined) lookup.tensor(operation.recurrent, width, width);
  if (operation.mask !== undefined) {
    lookup.read(operation.mask, { kind: "values", width, rows: "sample" });
  }
}

const isStoredState = (neuron: NeuronKernel, name: string): boolean =>
  neuron.states.some((state) => name === `now__${state}`);

const storable = (neuron: NeuronKernel): string =>
  `one of ${[...neuron.states.map((state) => `now__${state}`), "input"].join(", ")}`;

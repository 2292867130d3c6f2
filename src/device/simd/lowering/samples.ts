import type {
  AdjointScan,
  Current,
  Encode,
  InputGradient,
  Mask,
  ParameterBinding,
  Readout,
  Scan,
} from "../../contract.js";
import { adjointScan } from "../kernels/adjoint/adjoint-scan.js";
import { adjointWorkspace } from "../kernels/adjoint/recurrent-adjoint-scan.js";
import { mask } from "../kernels/encode/dropout-mask.js";
import { activeBytes, encode } from "../kernels/encode/encode.js";
import { activeFactors } from "../kernels/output-sparse/active-conditions.js";
import type { ActiveUnitTest } from "../kernels/output-sparse/active-units.js";
import { HEEDED_BYTES } from "../kernels/output-sparse/output-sparse-product.js";
import { choiceBytes } from "../kernels/products/dense-or-sparse.js";
import { valueCurrent } from "../kernels/products/graded-current.js";
import { upstream } from "../kernels/products/input-gradient.js";
import { recurrentWorkspace } from "../kernels/scan/recurrent-scan.js";
import { type ScanWork, scan } from "../kernels/scan/scan.js";
import { spikeCurrent } from "../kernels/spikes/spike-current.js";
import { bitsBytes, hasSilence } from "../kernels/spikes/spike-deltas.js";
import { readout } from "../kernels/tensors/reductions.js";
import { optional, region, type StepList, signal, tensor } from "./step-list.js";
import type { Resource } from "./steps.js";

/** Tensors among the bindings of parameters. */
const bindings = (parameters: Readonly<Record<string, ParameterBinding>>): Resource[] =>
  Object.values(parameters).flatMap((binding) => (typeof binding === "number" ? [] : [tensor(binding.tensor)]));

/** Room for the spikes of a signal as bits, before they are listed. */
function addBits(list: StepList, to: string): string {
  const { width, rows } = list.shape(to);
  return list.addBytes(list.name("bits"), bitsBytes(width, rows));
}

export function lowerEncode(list: StepList, operation: Encode): void {
  const { encoder, from, to } = operation;
  const fires = encoder.output === "spikes";
  const active =
    fires && encoder.zeroIsSilent ? list.addBytes(list.name("active"), activeBytes(list.shape(from).width)) : undefined;
  const bits = fires ? addBits(list, to) : undefined;
  const access = { reads: [signal(from)], writes: [to, active, bits].flatMap((name) => optional(signal, name)) };
  list.sample("encode", access, (context, name) => encode(context, name, operation, { active, bits }));
}

export function lowerCurrent(list: StepList, { from, weights, bias, to }: Current): void {
  const reads = [signal(from), tensor(weights), ...optional(tensor, bias)];
  const shape = list.shape(from);
  if (shape.kind === "spikes") {
    const bounds = hasSilence(shape.rows) ? list.largestWeights(weights) : undefined;
    const access = { reads: [...reads, ...optional(region, bounds)], writes: [signal(to)] };
    list.sample("current", access, (context, name) => spikeCurrent(context, name, { from, weights, bias, to, bounds }));
    return;
  }
  const working = addRoom(list, choiceBytes(shape));
  const access = { reads, writes: [signal(to), ...optional(signal, working)] };
  list.sample("current", access, (context, name) => valueCurrent(context, name, { from, weights, bias, to, working }));
}

export function lowerMask(list: StepList, operation: Mask): void {
  const access = { reads: [], writes: [signal(operation.to)] };
  list.sample("mask", access, (context, name) => mask(context, name, operation));
}

export function lowerScan(list: StepList, operation: Scan): void {
  const { neuron, parameters, current, recurrent, to, store, carry, mask: dropout } = operation;
  const { kind, width } = list.shape(to);
  const work: ScanWork =
    recurrent === undefined
      ? { bits: kind === "spikes" ? addBits(list, to) : undefined }
      : {
          recurrent,
          working: list.addValues(list.name("working"), width, recurrentWorkspace(neuron.states.length).count),
        };
  const working = "recurrent" in work ? work.working : work.bits;
  const access = {
    reads: [signal(current), ...bindings(parameters), ...optional(signal, dropout), ...optional(tensor, recurrent)],
    writes: [to, ...Object.values(store)].map(signal).concat(optional(signal, carry), optional(signal, working)),
  };
  list.sample("scan", access, (context, name) => scan(context, name, operation, work));
}

export function lowerReadout(list: StepList, operation: Readout): void {
  const { from, to } = operation;
  const working = list.addValues(list.name("counts"), list.shape(from).width);
  const accumulate = list.procedure.signals[to]!.role === "kept";
  const access = { reads: [signal(from)], writes: [signal(to), signal(working)] };
  list.sample("readout", access, (context, name) => readout(context, name, operation, { accumulate, working }));
}

export function lowerAdjointScan(list: StepList, operation: AdjointScan): void {
  const { neuron, parameters, recurrent, stored, error, mask: dropout, to, factor, parameterErrors } = operation;
  const reads = [
    ...[error, ...Object.values(stored)].map(signal),
    ...bindings(parameters),
    ...optional(signal, dropout),
    ...optional(tensor, factor),
  ];
  const writes = [to, ...Object.values(parameterErrors)].map(signal);
  if (recurrent === undefined) {
    list.sample("adjointScan", { reads, writes }, (context, name) => adjointScan(context, name, operation, undefined));
    return;
  }
  const transposed = list.transposed(recurrent);
  const { count } = adjointWorkspace(neuron.states.length, Object.keys(parameterErrors).length);
  const working = list.addValues(list.name("working"), list.shape(to).width, count);
  const access = { reads: [...reads, region(transposed)], writes: [...writes, signal(working)] };
  list.sample("adjointScan", access, (context, name) =>
    adjointScan(context, name, operation, { working, weights: recurrent, region: transposed }),
  );
}

export function lowerInputGradient(list: StepList, operation: InputGradient): void {
  const { error, weights, to } = operation;
  const transposed = list.transposed(weights);
  const shape = list.shape(error);
  const bytes = choiceBytes(shape);
  const activeTest = bytes === undefined || shape.rows === 1 ? undefined : activeTestOf(list, operation);
  const working = addRoom(list, bytes === undefined ? undefined : Math.max(bytes, HEEDED_BYTES));
  const stored = activeTest === undefined ? [] : Object.values(activeTest.scan.stored);
  const parameters = activeTest === undefined ? [] : bindings(activeTest.scan.parameters);
  const access = {
    reads: [...[error, ...stored].map(signal), ...parameters, tensor(weights), region(transposed)],
    writes: [signal(to), ...optional(signal, working)],
  };
  list.sample("upstream", access, (context, name) =>
    upstream(context, name, { error, weights, region: transposed, to, working, activeTest }),
  );
}

/** Room of so many bytes a sample to choose among products. */
const addRoom = (list: StepList, bytes: number | undefined): string | undefined =>
  bytes === undefined ? undefined : list.addBytes(list.name("entries"), bytes);

/** The scan that takes the errors, and when it heeds them, if nobody else looks at them and it can tell beforehand. */
function activeTestOf(list: StepList, operation: InputGradient): ActiveUnitTest | undefined {
  const { error, to } = operation;
  const { operations, signals } = list.procedure;
  const readers = operations.filter((each) => each !== operation && Object.values(each).includes(to));
  const [scan] = readers;
  if (signals[to]!.role !== "scratch" || readers.length > 1 || scan?.op !== "adjointScan") return undefined;
  if (scan.of !== "output" || list.shape(error).width % 4 > 0 || list.shape(to).width % 4 > 0) return undefined;
  const factors = activeFactors(scan);
  return factors.length > 0 ? { scan, factors } : undefined;
}

import type {
  AdjointScan,
  Current,
  DropoutMask,
  Encode,
  InputGradient,
  Neighbors,
  ParameterBinding,
  Readout,
  Scan,
} from "../../contract.js";
import { namesIn } from "../../host/index.js";
import { adjointScan } from "../kernels/adjoint/adjoint-scan.js";
import { adjointSlots } from "../kernels/adjoint/recurrent-adjoint-scan.js";
import { dropoutMask } from "../kernels/encode/dropout-mask.js";
import { activeBytes, encode } from "../kernels/encode/encode.js";
import { encodeInTime } from "../kernels/encode/encode-in-time.js";
import { spikeInput } from "../kernels/encode/spike-input.js";
import { neighbors } from "../kernels/neighbors/neighbors.js";
import { activeFactors } from "../kernels/output-sparse/active-conditions.js";
import type { ActiveUnitTest } from "../kernels/output-sparse/active-units.js";
import { OUTPUT_SPARSE_BYTES } from "../kernels/output-sparse/output-sparse-product.js";
import { choiceBytes } from "../kernels/products/dense-or-sparse.js";
import { gradedCurrent } from "../kernels/products/graded-current.js";
import { inputGradient } from "../kernels/products/input-gradient.js";
import { recurrentSlots } from "../kernels/scan/recurrent-scan.js";
import { type ScanWork, scan } from "../kernels/scan/scan.js";
import { spikeCurrent } from "../kernels/spikes/spike-current.js";
import { bitsBytes, canMissSpikes } from "../kernels/spikes/spike-deltas.js";
import { readout } from "../kernels/tensors/reductions.js";
import { perUnit } from "./per-unit.js";
import { optional, region, signal, type TaskList, tensor } from "./task-list.js";

/** Tensors among the bindings of parameters. */
export const bindings = (parameters: Readonly<Record<string, ParameterBinding>>): string[] =>
  Object.values(parameters).flatMap((binding) => (typeof binding === "number" ? [] : [binding.tensor]));

/** Memory for the bitmap of a signal's spikes, before they are listed. */
function addBits(list: TaskList, to: string): string {
  const { width, rows } = list.shape(to);
  return list.addBytes(list.name("bits"), bitsBytes(width, rows));
}

/** Lists the spikes of an input, whose bits the host writes before a run. */
export function lowerSpikeInput(list: TaskList, input: string): void {
  const { width, rows } = list.shape(input);
  const bits = list.addInputBits(input, bitsBytes(width, rows));
  const access = { reads: [], writes: [input, bits].map(signal) };
  list.sample("listSpikes", access, (context, name) => spikeInput(context, name, { bits, to: input }));
}

export function lowerEncode(list: TaskList, operation: Encode): void {
  const { encoder, from, to, before } = operation;
  const fires = encoder.output === "spikes";
  const inTime = list.procedure.signals[from]!.rows === "steps";
  const active =
    fires && encoder.zeroIsSilent && !inTime
      ? list.addBytes(list.name("active"), activeBytes(list.shape(from).width))
      : undefined;
  const bits = fires ? addBits(list, to) : undefined;
  const reads = [signal(from), ...optional(signal, before)];
  const access = { reads, writes: [to, active, bits].flatMap((name) => optional(signal, name)) };
  list.sample("encode", access, (context, name) =>
    inTime ? encodeInTime(context, name, operation, bits) : encode(context, name, operation, { active, bits }),
  );
}

export function lowerCurrent(list: TaskList, { from, weights, bias, to }: Current): void {
  const biases = perUnit(list, bias === undefined ? [] : [bias], list.shape(to).width);
  const reads = [signal(from), tensor(weights), ...biases.reads];
  const shape = list.shape(from);
  if (shape.kind === "spikes") {
    const bounds = canMissSpikes(shape.rows) ? list.largestWeights(weights) : undefined;
    const access = { reads: [...reads, ...optional(region, bounds)], writes: [signal(to)] };
    list.sample("current", access, (context, name) =>
      spikeCurrent(biases.within(context), name, { from, weights, bias, to, bounds }),
    );
    return;
  }
  const workspace = addWorkspace(list, choiceBytes(shape));
  const access = { reads, writes: [signal(to), ...optional(signal, workspace)] };
  list.sample("current", access, (context, name) =>
    gradedCurrent(biases.within(context), name, { from, weights, bias, to, workspace }),
  );
}

export function lowerDropoutMask(list: TaskList, operation: DropoutMask): void {
  const access = { reads: [], writes: [signal(operation.to)] };
  list.sample("dropoutMask", access, (context, name) => dropoutMask(context, name, operation));
}

export function lowerScan(list: TaskList, operation: Scan): void {
  const { neuron, parameters, current, recurrent, to, store, carry, mask: dropout } = operation;
  const { kind, width } = list.shape(to);
  const work: ScanWork =
    recurrent === undefined
      ? { bits: kind === "spikes" ? addBits(list, to) : undefined }
      : {
          recurrent,
          workspace: list.addValues(list.name("workspace"), width, recurrentSlots(neuron.states.length).count),
        };
  const workspace = "recurrent" in work ? work.workspace : work.bits;
  const values = perUnit(list, bindings(parameters), width);
  const access = {
    reads: [signal(current), ...values.reads, ...optional(signal, dropout), ...optional(tensor, recurrent)],
    writes: [to, ...Object.values(store)].map(signal).concat(optional(signal, carry), optional(signal, workspace)),
  };
  list.sample("scan", access, (context, name) => scan(values.within(context), name, operation, work));
}

export function lowerReadout(list: TaskList, operation: Readout): void {
  const { from, to } = operation;
  const workspace = list.addValues(list.name("counts"), list.shape(from).width);
  const accumulate = list.procedure.signals[to]!.role === "kept";
  const access = { reads: [signal(from)], writes: [signal(to), signal(workspace)] };
  list.sample("readout", access, (context, name) => readout(context, name, operation, { accumulate, workspace }));
}

export function lowerAdjointScan(list: TaskList, operation: AdjointScan): void {
  const { neuron, parameters, recurrent, stored, errors, mask: dropout, to, factor, parameterErrors } = operation;
  const tensors = [...bindings(parameters), ...(factor === undefined ? [] : [factor])];
  const values = perUnit(list, tensors, list.shape(to).width);
  const reads = [
    ...[...errors.map((source) => source.signal), ...Object.values(stored)].map(signal),
    ...values.reads,
    ...optional(signal, dropout),
  ];
  const writes = [to, ...Object.values(parameterErrors)].map(signal);
  if (recurrent === undefined) {
    list.sample("adjointScan", { reads, writes }, (context, name) =>
      adjointScan(values.within(context), name, operation, undefined),
    );
    return;
  }
  const transposed = list.transposed(recurrent);
  const { count } = adjointSlots(neuron.states.length, Object.keys(parameterErrors).length);
  const workspace = list.addValues(list.name("workspace"), list.shape(to).width, count);
  const access = { reads: [...reads, region(transposed)], writes: [...writes, signal(workspace)] };
  list.sample("adjointScan", access, (context, name) =>
    adjointScan(values.within(context), name, operation, { workspace, weights: recurrent, region: transposed }),
  );
}

export function lowerNeighbors(list: TaskList, operation: Neighbors): void {
  const { parameters, current, stored, errors, mask, to } = operation;
  const values = perUnit(list, bindings(parameters), list.shape(to).width);
  const read = [
    current,
    ...(mask === undefined ? [] : [mask]),
    ...errors.map((source) => source.signal),
    ...Object.values(stored),
  ];
  const access = { reads: [...read.map(signal), ...values.reads], writes: [signal(to)] };
  list.sample("neighbors", access, (context, name) => neighbors(values.within(context), name, operation));
}

export function lowerInputGradient(list: TaskList, operation: InputGradient): void {
  const { error, weights, to } = operation;
  const transposed = list.transposed(weights);
  const shape = list.shape(error);
  const bytes = choiceBytes(shape);
  const activeTest = bytes === undefined || shape.rows === 1 ? undefined : activeTestOf(list, operation);
  const workspace = addWorkspace(list, bytes === undefined ? undefined : Math.max(bytes, OUTPUT_SPARSE_BYTES));
  const stored = activeTest === undefined ? [] : Object.values(activeTest.scan.stored);
  const tested = activeTest === undefined ? [] : bindings(activeTest.scan.parameters);
  const values = perUnit(list, tested, list.shape(to).width);
  const access = {
    reads: [...[error, ...stored].map(signal), ...values.reads, tensor(weights), region(transposed)],
    writes: [signal(to), ...optional(signal, workspace)],
  };
  list.sample("inputGradient", access, (context, name) =>
    inputGradient(values.within(context), name, { error, weights, region: transposed, to, workspace, activeTest }),
  );
}

/** Memory of so many bytes per sample for choosing a product. */
const addWorkspace = (list: TaskList, bytes: number | undefined): string | undefined =>
  bytes === undefined ? undefined : list.addBytes(list.name("entries"), bytes);

/**
 * The test for active units, if the only reader of the errors is an adjoint scan with a factor that can be exactly 0.
 */
export function activeTestOf(list: TaskList, operation: InputGradient): ActiveUnitTest | undefined {
  const { error, to } = operation;
  const { operations, signals } = list.procedure;
  const readers = operations.filter((each) => each !== operation && namesIn(each).includes(to));
  const [scan] = readers;
  if (signals[to]!.role !== "scratch" || readers.length > 1 || scan?.op !== "adjointScan") return undefined;
  if (scan.errors.some((source) => source.signal === to && source.of !== "output")) return undefined;
  if (list.shape(error).width % 4 > 0 || list.shape(to).width % 4 > 0) return undefined;
  const factors = activeFactors(scan);
  return factors.length > 0 ? { scan, factors } : undefined;
}

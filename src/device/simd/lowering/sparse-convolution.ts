import type { Convolution, Current, InputGradient, WeightGradient, Windows } from "../../contract.js";
import { sparseConvolution } from "../kernels/convolution/sparse-current.js";
import {
  inputGradientBytes,
  type SampleProduct,
  sparseInputGradient,
} from "../kernels/convolution/sparse-input-gradient.js";
import { packPlanes } from "../kernels/convolution/sparse-pack-errors.js";
import { pixelStarts, pixelTable, tableName } from "../kernels/convolution/sparse-pixels.js";
import { errorPlanes } from "../kernels/convolution/sparse-planes.js";
import { transposedImageLists, transposedImages } from "../kernels/convolution/sparse-transposed-lists.js";
import { partialBytes, sparseWeightGradient } from "../kernels/convolution/sparse-weight-gradient.js";
import { sumOfParts } from "../kernels/convolution/sum-of-parts.js";
import { transposeWindows, windowItems, windowWeightsBytes } from "../kernels/convolution/window-weights.js";
import { perUnit } from "./per-unit.js";
import { activeTestOf, bindings } from "./samples.js";
import { optional, region, signal, type TaskList, tensor } from "./task-list.js";
import type { Resource } from "./tasks.js";

/** The signal of the pixel tables of a signal of spikes. */
function pixelTables(list: TaskList, from: string, windows: Windows): string {
  const starts = `${from} ${tableName(windows)}`;
  return list.derive(starts, signal(from), () => {
    list.addBytes(starts, pixelTable(windows).stepBytes * list.shape(from).rows);
    list.sample("pixelStarts", { reads: [signal(from)], writes: [signal(starts)] }, (context, name) =>
      pixelStarts(context, name, { from, starts, windows }),
    );
  });
}

/** The convolution of a signal of spikes, without groups. */
export function lowerSparseConvolution(
  list: TaskList,
  {
    from,
    weights,
    bias,
    to,
    convolution,
  }: Omit<Current, "bias"> & {
    readonly convolution: Convolution;
    readonly bias: string | undefined;
  },
): void {
  const starts = pixelTables(list, from, convolution);
  const access = {
    reads: [signal(from), signal(starts), tensor(weights), ...optional(tensor, bias)],
    writes: [signal(to)],
  };
  list.sample("current", access, (context, name) =>
    sparseConvolution(context, name, { from, starts, weights, bias, to, convolution }),
  );
}

/** The weight gradient of a convolution of spikes, without groups. The error has the rows of the spikes. */
export function lowerSparseConvolutionGradient(
  list: TaskList,
  { from, error, to, convolution }: WeightGradient & { readonly convolution: Convolution },
): void {
  const planes = errorPlanes(convolution, list.procedure.batch * list.shape(from).rows);
  const { border, planeCells, together, parts } = planes;
  const layout = `${border} ${planeCells} ${together}`;
  const packed = `${error} planes ${layout}`;
  list.derive(packed, signal(error), () => {
    list.addRegion(packed, planes.groups * planes.groupBytes);
    list.sample("packPlanes", { reads: [signal(error)], writes: [region(packed)] }, (context, name) =>
      packPlanes(context, name, { error, region: packed, planes, convolution }),
    );
  });
  const lists = `${from} by channel ${JSON.stringify([convolution.stride, layout])}`;
  list.derive(lists, signal(from), () => {
    list.addRegion(lists, planes.groups * transposedImages(convolution, planes).groupBytes);
    const access = { reads: [signal(from)], writes: [region(lists)], items: planes.groups, grain: 1 };
    list.synapse("transposedLists", access, (context, name) =>
      transposedImageLists(context, name, { from, region: lists, planes, convolution }),
    );
  });
  const partial = parts === 1 ? undefined : list.addRegion(list.name("parts"), parts * partialBytes(convolution));
  const access = {
    reads: [signal(from), region(packed), region(lists)],
    writes: partial === undefined ? [tensor(to)] : [region(partial)],
    items: parts * planes.slices,
    grain: 1,
  };
  const operands = { convolution, planes, from, lists, packed, to, partial };
  list.synapse("weightGradient", access, (context, name) => sparseWeightGradient(context, name, operands));
  if (partial === undefined) return;
  const sum = { reads: [region(partial)], writes: [tensor(to)], items: planes.slices, grain: 1 };
  list.synapse("sumOfParts", sum, (context, name) => sumOfParts(context, name, { partial, to, parts }));
}

/** A dense product for one sample, and the resources that it reads and writes besides the error and the result. */
export interface DenseProduct {
  readonly emit: SampleProduct;
  readonly writes: readonly Resource[];
  readonly reads: readonly Resource[];
}

/**
 * The input gradient of a convolution without groups and dilation along rows: from the errors that are not 0, or of active
 * units only, or by the dense product. Returns false if there is only the dense product.
 */
export function lowerSparseInputGradient(
  list: TaskList,
  operation: InputGradient,
  convolution: Convolution,
  dense: DenseProduct,
): boolean {
  const { error, weights, to } = operation;
  if (convolution.groups > 1 || convolution.dilation[1] > 1) return false;
  const bytesOfWindows = windowWeightsBytes(convolution);
  const windows = list.fromTensor(weights, `windows ${convolution.size}`, bytesOfWindows, (copy, at) => {
    const items = windowItems(convolution);
    const copyAccess = { reads: [tensor(weights)], writes: [region(copy)], items, grain: 4 };
    list.synapse(
      "transposeWindows",
      copyAccess,
      (context, name) => transposeWindows(context, name, { weights, region: copy, convolution }),
      at,
    );
  });
  const { rows } = list.shape(to);
  // Tiles of active units need windows that lie side by side.
  const canTile = rows > 1 && convolution.stride.every((stride) => stride === 1);
  const activeTest = canTile ? activeTestOf(list, operation) : undefined;
  const bytes = inputGradientBytes(convolution, rows, activeTest !== undefined);
  const workspace = list.addBytes(list.name("entries"), bytes);
  const { stored = {}, parameters = {} } = activeTest?.scan ?? {};
  const values = perUnit(list, bindings(parameters), list.shape(to).width);
  const access = {
    reads: [
      ...[error, ...Object.values(stored)].map(signal),
      ...values.reads,
      ...[tensor(weights), region(windows)],
      ...dense.reads,
    ],
    writes: [signal(to), signal(workspace), ...dense.writes],
  };
  const operands = { error, weights, windows, to, convolution, workspace, activeTest, dense: dense.emit };
  list.sample("inputGradient", access, (context, name) => sparseInputGradient(values.within(context), name, operands));
  return true;
}

import type { Convolution, Current, InputGradient, WeightGradient } from "../../contract.js";
import { rowsShape } from "../compile/layout.js";
import { denseConvolution } from "../kernels/convolution/dense-current.js";
import { denseInputGradient, errorPlanesBytes, transposedRows } from "../kernels/convolution/dense-input-gradient.js";
import { denseWeightGradient, sumPartials } from "../kernels/convolution/dense-weight-gradient.js";
import { inputPlane } from "../kernels/convolution/geometry.js";
import { gradientLayout, isPanel, packedErrorShape, partialBytes } from "../kernels/convolution/gradient-layout.js";
import { imagePlanes } from "../kernels/convolution/image-plane.js";
import { packImageErrors } from "../kernels/convolution/pack-image-errors.js";
import { type Packing, packedBlocks, packedWeights, packWeights } from "../kernels/convolution/pack-weights.js";
import { addPerUnit } from "../kernels/tensors/repeated.js";
import { perUnit } from "./per-unit.js";
import {
  type DenseProduct,
  lowerSparseConvolution,
  lowerSparseConvolutionGradient,
  lowerSparseInputGradient,
} from "./sparse-convolution.js";
import { errorForRows } from "./static-input.js";
import { optional, region, signal, type TaskList, tensor } from "./task-list.js";

/** An operation with a convolution. */
type With<T extends { readonly convolution?: Convolution }> = T & { readonly convolution: Convolution };

export const isConvolution = <T extends { readonly convolution?: Convolution }>(operation: T): operation is With<T> =>
  operation.convolution !== undefined;

/** Name of a region with packed weights. */
function packed(list: TaskList, weights: string, convolution: Convolution, packing: Packing): string {
  const name = `${packing} ${JSON.stringify(convolution)}`;
  return list.fromTensor(weights, name, packedWeights(convolution, packing).bytes, (copy, at) => {
    const access = {
      reads: [tensor(weights)],
      writes: [region(copy)],
      items: packedBlocks(convolution, packing),
      grain: 1,
    };
    list.synapse(
      "packWeights",
      access,
      (context, kernel) => packWeights(context, kernel, { convolution, packing, weights, region: copy }),
      at,
    );
  });
}

/** Name of the signal of images with borders; the signal itself if windows stay inside an image of values. */
function planesOf(list: TaskList, from: string, convolution: Convolution): string {
  const plane = inputPlane(convolution);
  const { kind, rows } = list.shape(from);
  if (kind === "values" && !plane.hasBorder) return from;
  const name = `${from} planes ${plane.row} ${plane.origin} ${plane.bytes}`;
  return list.derive(name, signal(from), () => {
    list.addSignal(name, rowsShape(rows, plane.bytes));
    list.sample("planes", { reads: [signal(from)], writes: [signal(name)] }, (context, kernel) =>
      imagePlanes(context, kernel, { from, to: name, plane }),
    );
  });
}

/** True if the sparse kernels apply: they list spikes per pixel, of all channels. */
const isSparse = (list: TaskList, from: string, { groups }: Convolution): boolean =>
  list.shape(from).kind === "spikes" && groups === 1;

export function lowerConvolution(list: TaskList, operation: With<Current>): void {
  const { from, convolution, bias, to } = operation;
  const columns = bias === undefined ? 1 : list.plan.tensors[bias]!.columns;
  const isPerChannel = columns === 1 || columns === convolution.output.channels;
  const inProduct = { ...operation, bias: isPerChannel ? bias : undefined };
  if (isSparse(list, from, convolution)) lowerSparseConvolution(list, inProduct);
  else lowerDenseConvolution(list, inProduct);
  if (bias === undefined || isPerChannel) return;
  const values = perUnit(list, [bias], list.shape(to).width);
  list.sample("bias", { reads: [signal(to), ...values.reads], writes: [signal(to)] }, (context, name) =>
    addPerUnit(values.within(context), name, to, bias),
  );
}

function lowerDenseConvolution(
  list: TaskList,
  { from, weights, convolution, bias, to }: Omit<With<Current>, "bias"> & { readonly bias: string | undefined },
): void {
  const planes = planesOf(list, from, convolution);
  const copy = packed(list, weights, convolution, "forward");
  const access = { reads: [signal(planes), region(copy), ...optional(tensor, bias)], writes: [signal(to)] };
  list.sample("convolution", access, (context, name) =>
    denseConvolution(context, name, convolution, inputPlane(convolution), { planes, packed: copy, bias, to }),
  );
}

export function lowerConvolutionInputGradient(list: TaskList, operation: With<InputGradient>): void {
  const { error, weights, convolution, to } = operation;
  const copy = packed(list, weights, convolution, "transposed");
  const bytes = errorPlanesBytes(convolution, list.shape(error).rows, list.blockSamples);
  const planes =
    bytes === undefined ? undefined : list.addBytes(list.name("error planes"), Math.ceil(bytes / list.blockSamples));
  const names = { error, packed: copy, planes, to };
  const writes = optional(signal, planes);
  const dense: DenseProduct = {
    emit: (f, context, rows, block) => transposedRows(f, context, { convolution, names, block }, rows),
    reads: [region(copy)],
    writes,
  };
  if (lowerSparseInputGradient(list, operation, convolution, dense)) return;
  const access = { reads: [signal(error), region(copy)], writes: [signal(to), ...writes] };
  list.sample("convolutionInputGradient", access, (context, name) =>
    denseInputGradient(context, name, convolution, names),
  );
}

export function lowerConvolutionWeightGradient(list: TaskList, operation: With<WeightGradient>): void {
  const { from, convolution } = operation;
  const error = errorForRows(list, operation);
  if (isSparse(list, from, convolution)) lowerSparseConvolutionGradient(list, { ...operation, error });
  else lowerDenseConvolutionGradient(list, { ...operation, error });
}

function lowerDenseConvolutionGradient(list: TaskList, { from, error, convolution, to }: With<WeightGradient>): void {
  const planes = planesOf(list, from, convolution);
  const plane = inputPlane(convolution);
  const { batch } = list.procedure;
  const layout = gradientLayout(convolution, plane, batch);
  const errors = isPanel(convolution) ? error : packedErrors(list, error, convolution, batch);
  const partials = layout.isDirect ? undefined : list.addRegion(list.name("partials"), partialBytes(layout));
  const access = {
    reads: [signal(planes), signal(errors)],
    writes: partials === undefined ? [tensor(to)] : [region(partials)],
    items: layout.items,
    grain: 1,
  };
  list.synapse("convolutionWeightGradient", access, (context, name) =>
    denseWeightGradient(context, name, convolution, plane, layout, { planes, errors, partials, to }),
  );
  if (partials === undefined) return;
  const sums = { reads: [region(partials)], writes: [tensor(to)], items: layout.rows, grain: 16 };
  list.synapse("sumPartials", sums, (context, name) =>
    sumPartials(context, name, convolution, layout, { partials, to }),
  );
}

/** Name of the signal of errors in panels of channels. */
function packedErrors(list: TaskList, error: string, convolution: Convolution, batch: number): string {
  const { output, groups } = convolution;
  const name = `${error} in panels of ${output.channels} channels in ${groups}`;
  return list.derive(name, signal(error), () => {
    const layout = gradientLayout(convolution, inputPlane(convolution), batch);
    list.addSignal(name, packedErrorShape(convolution, layout, list.shape(error).rows));
    list.sample("packErrors", { reads: [signal(error)], writes: [signal(name)] }, (context, kernel) =>
      packImageErrors(context, kernel, convolution, layout, { error, packed: name }),
    );
  });
}

import type { Convolution, Current, WeightGradient } from "../../contract.js";
import { compileUnitRow } from "../operations/rows.js";
import type { DeviceArray } from "../program/arrays.js";
import type { CompileContext, CompiledOperation } from "../program/compile-context.js";
import { LARGEST_ARRAY } from "../program/kernel-cache.js";
import { makeGatherSum } from "./gather-sum.js";
import { COUNTS } from "./index-lists.js";
import { listPlaces, listWindows, windowSizes } from "./window-lists.js";

/**
 * Whether the products of spikes and weights are summed by lists: on a CPU, for one group, if the lists of a step are
 * small enough for a kernel.
 */
export function sumsByLists(from: string, convolution: Convolution, context: CompileContext): boolean {
  const { weightRows, places } = windowSizes(convolution, context.batch);
  const fits = (COUNTS + weightRows) * (COUNTS + places) <= LARGEST_ARRAY;
  return context.hostArrays && context.signal(from).kind === "spikes" && convolution.groups === 1 && fits;
}

/**
 * The convolution of spikes on a CPU: per step, sample and output pixel, the sum of the weight rows that a list names. With
 * channels last, these sums in order are the units of the output.
 */
export function compileSparseConvolution(
  { from, weights, to, bias }: Current,
  convolution: Convolution,
  context: CompileContext,
): CompiledOperation {
  const { batch } = context;
  const { channels } = convolution.output;
  const { weightRows, places } = windowSizes(convolution, batch);
  const capacity = COUNTS + weightRows;
  const sum = makeGatherSum(context.kernels, {
    name: `convolution ${to}`,
    output: [channels, places, 1],
    capacity,
    plus: bias === undefined ? undefined : "row",
  });
  const biasRow = bias === undefined ? undefined : compileUnitRow(context, bias, channels);
  return async (memory) => {
    const by = await memory.tensor(weights);
    const added = biasRow === undefined ? 0 : await biasRow(memory);
    const results: DeviceArray[] = [];
    for (const spikes of await memory.signal(from)) {
      const steps: DeviceArray[] = [];
      for (let t = 0; t < spikes.shape[2]; t++) {
        const lists = listWindows(memory.layer(spikes, t).numbers!, batch, convolution);
        steps.push(await sum(await memory.upload(lists, [capacity, places, 1]), by, added));
      }
      const { numbers } = memory.stack(steps, 0);
      results.push(await memory.upload(numbers!, [context.signal(to).width, batch, steps.length]));
    }
    memory.writeSignal(to, results);
  };
}

/** Its weight gradient: per step and weight row, the sum of the errors at the listed samples and output pixels. */
export function compileSparseConvolutionGradient(
  { from, error, to }: WeightGradient,
  convolution: Convolution,
  context: CompileContext,
): CompiledOperation {
  const { batch, kernels } = context;
  const { weightRows, places } = windowSizes(convolution, batch);
  const capacity = COUNTS + places;
  const source = { name: `gradient ${to}`, output: [convolution.output.channels, weightRows, 1], capacity } as const;
  const first = makeGatherSum(kernels, source);
  const later = makeGatherSum(kernels, { ...source, plus: "array" });
  const isStatic = context.signal(from).rows === "sample";
  return async (memory) => {
    const spikes = await memory.signal(from);
    const { samples } = memory.run;
    const list = (array: DeviceArray, t: number): Promise<DeviceArray> => {
      const lists = listPlaces(memory.layer(array, t).numbers!, batch, samples, convolution);
      return memory.upload(lists, [capacity, weightRows, 1]);
    };
    let lists = isStatic ? await list(spikes[0]!, 0) : undefined;
    let sum: DeviceArray | undefined;
    for (const [c, errors] of (await memory.signal(error)).entries()) {
      for (let t = 0; t < errors.shape[2]; t++) {
        if (!isStatic) lists = await list(spikes[c]!, t);
        sum = await (sum === undefined ? first : later)(lists!, memory.layer(errors, t), sum ?? 0);
      }
    }
    memory.writeTensor(to, sum!);
  };
}

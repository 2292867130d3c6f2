import type { AdjointScan } from "../../contract.js";
import {
  adjointArrays,
  compileFactor,
  compileSlices,
  compileStarts,
  errorsOfChunk,
  positionOf,
} from "../operations/adjoint-common.js";
import { compileMatrix } from "../operations/products.js";
import type { DeviceArray, Shape } from "../program/arrays.js";
import type { CompileContext, CompiledOperation } from "../program/compile-context.js";
import { AdjointSource } from "../source/adjoint-source.js";
import { returnByLayer } from "../source/emit.js";
import { NeuronSource } from "../source/neuron-source.js";
import { makeParallelProduct } from "./dense-product.js";
import { makeStack } from "./stack.js";

/**
 * The adjoint scan with recurrent connections on a graphics processor, step by step from the last. One kernel computes
 * all results of a step, packed in layers: the propagated errors, the sums for trained parameters, then the error at
 * the current.
 */
export function compileRecurrentAdjointScan(
  operation: AdjointScan,
  context: CompileContext,
  recurrent: string,
): CompiledOperation {
  const { batch, kernels } = context;
  const units = context.signal(operation.to).width;
  const text = new NeuronSource(operation, context, units);
  const adjoint = new AdjointSource(operation, text, context);
  const errorLayer = adjoint.propagated.length;
  const packed: Shape = [units, batch, errorLayer + 1];
  const recurrentShape: Shape = [units, batch, 1];

  const starts = compileStarts(operation, text, adjoint, context, units);
  const slices = compileSlices(operation, context, units, text.states + 1);
  const scale = compileFactor(operation, context, units);
  const matrix = compileMatrix(context, { tensor: recurrent, direction: "backward" });
  const recurrentProduct = makeParallelProduct(kernels, {
    name: `recurrent error of ${operation.to}`,
    inner: units,
    output: recurrentShape,
    layer: errorLayer,
  });
  const chunks = context.chunks.map((chunk) => {
    const { first, steps } = chunk;
    const advance = kernels.make({
      name: `adjoint step of ${operation.to}`,
      arguments: ["t", "recurrentError", ...adjoint.arguments],
      body: `
const j = Math.floor(t);
${adjoint.declare()}
${adjoint.step(first, steps, positionOf(chunk, context), "recurrentError[0][b][n]")}
${returnByLayer([...adjoint.propagated, "out"])}`,
      output: packed,
    });
    return { first, steps, advance, stack: makeStack(kernels, [units, batch, steps], errorLayer) };
  });
  const { truncate = Infinity } = operation;

  return async (memory) => {
    const { parameters, mask, errors, stored } = await adjointArrays(operation, text, memory);
    const by = await matrix(memory);
    const noError = await memory.zeros(recurrentShape);
    let recurrentError = noError;
    let propagated = await memory.zeros(packed);
    const results: DeviceArray[] = [];
    for (let c = chunks.length - 1; c >= 0; c--) {
      const { first, steps, advance, stack } = chunks[c]!;
      const start = await starts(c, stored, parameters);
      const now = stored.map((arrays) => arrays[c]!);
      const packs: DeviceArray[] = [];
      for (let t = steps - 1; t >= 0; t--) {
        propagated = await advance(
          t,
          recurrentError,
          ...now,
          start,
          ...errorsOfChunk(errors, c),
          propagated,
          mask,
          ...parameters,
        );
        packs[t] = propagated;
        if (first + t > 0)
          recurrentError = (first + t) % truncate === 0 ? noError : await recurrentProduct(propagated, by, 0);
      }
      results[c] = await stack(packs);
    }
    memory.writeSignal(operation.to, await scale(memory, results));
    for (const { signal, slice } of slices) memory.writeSignal(signal, [await slice(propagated)]);
  };
}

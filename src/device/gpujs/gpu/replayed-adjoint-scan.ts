import type { AdjointScan } from "../../contract.js";
import {
  adjointArrays,
  compileFactor,
  compileSlices,
  compileStarts,
  errorsOfChunk,
  positionOf,
} from "../operations/adjoint-common.js";
import type { DeviceArray, Shape } from "../program/arrays.js";
import type { Chunk } from "../program/chunks.js";
import type { CompileContext, CompiledOperation } from "../program/compile-context.js";
import type { Launch } from "../program/kernel-cache.js";
import { AdjointSource } from "../source/adjoint-source.js";
import { returnByLayer } from "../source/emit.js";
import { NeuronSource } from "../source/neuron-source.js";

/**
 * The adjoint scan without recurrent connections on a graphics processor, chunk by chunk from the last. Thread (n, b,
 * z) replays the steps of its chunk from the last down to z. One more kernel computes the errors that are propagated
 * to the chunk before and the sums for trained parameters, packed in layers.
 */
export function compileAdjointScan(operation: AdjointScan, context: CompileContext): CompiledOperation {
  const units = context.signal(operation.to).width;
  const text = new NeuronSource(operation, context, units);
  const adjoint = new AdjointSource(operation, text, context);
  const starts = compileStarts(operation, text, adjoint, context, units);
  const chunks = context.chunks.map((chunk) => compileChunk(operation, text, adjoint, context, chunk));
  const propagatedShape: Shape = [units, context.batch, adjoint.propagated.length];
  const scale = compileFactor(operation, context, units);
  const slices = compileSlices(operation, context, units, text.states + 1);

  return async (memory) => {
    const { parameters, mask, errors, stored } = await adjointArrays(operation, text, memory);
    let propagated = await memory.zeros(propagatedShape);
    const results: DeviceArray[] = [];
    for (let c = chunks.length - 1; c >= 0; c--) {
      const { scan, propagate } = chunks[c]!;
      const now = stored.map((arrays) => arrays[c]!);
      const start = await starts(c, stored, parameters);
      const given = [...now, start, ...errorsOfChunk(errors, c), propagated, mask, ...parameters];
      results[c] = await scan(...given);
      if (c > 0 || slices.length > 0) propagated = await propagate(...given);
    }
    memory.writeSignal(operation.to, await scale(memory, results));
    for (const { signal, slice } of slices) memory.writeSignal(signal, [await slice(propagated)]);
  };
}

/** Kernels of one chunk: the errors of its steps, and the errors propagated to the chunk before. */
function compileChunk(
  operation: AdjointScan,
  text: NeuronSource,
  adjoint: AdjointSource,
  context: CompileContext,
  chunk: Chunk,
): { readonly scan: Launch; readonly propagate: Launch } {
  const { first, steps } = chunk;
  const { width: units } = context.signal(operation.to);
  const step = adjoint.step(first, steps, positionOf(chunk, context));
  const last = steps - 1;
  /** The steps from the last of the chunk down to j. */
  const replay = (j: string): string => `
for (let s = 0; s <= ${last} - ${j}; s++) {
  const j = ${last} - s;
  ${step}
}`;
  // A unit without memory propagates no error, so the later steps do not matter.
  const own = text.isMemoryless ? `const j = z;\n${step}` : replay("z");
  const make = (name: string, statements: string, result: string, layers: number): Launch =>
    context.kernels.make({
      name,
      arguments: adjoint.arguments,
      body: `${adjoint.declare()}\n${statements}\n${result}`,
      output: [units, context.batch, layers],
      iterations: steps + 1,
    });
  return {
    scan: make(`adjoint ${operation.to}`, own, "return out;", steps),
    propagate: make(
      `errors before ${operation.to}`,
      replay("0"),
      returnByLayer(adjoint.propagated),
      adjoint.propagated.length,
    ),
  };
}

import type { UnitGradient, WeightGradient } from "../../contract.js";
import { align } from "../cpu/align-chunk.js";
import { makeDenseProduct } from "../cpu/dense-product.js";
import { compileSparseGradient } from "../cpu/sparse-gradient.js";
import { compileParallelGradient } from "../gpu/dense-gradient.js";
import type { DeviceArray } from "../program/arrays.js";
import type { CompileContext, CompiledOperation } from "../program/compile-context.js";
import { compileConvolvedWeightGradient } from "./convolution.js";
import { compileFold } from "./rows.js";

/** A weight gradient is one product over all steps and samples, chunk by chunk. */
export function compileWeightGradient(operation: WeightGradient, context: CompileContext): CompiledOperation {
  const { convolution } = operation;
  if (convolution !== undefined) return compileConvolvedWeightGradient(operation, convolution, context);
  if (!context.hostArrays) return compileParallelGradient(operation, context);
  return context.signal(operation.from).kind === "spikes"
    ? compileSparseGradient(operation, context)
    : compileDenseGradient(operation, context);
}

function compileDenseGradient(
  { from, error, to, delayed }: WeightGradient,
  context: CompileContext,
): CompiledOperation {
  const { kernels, batch } = context;
  const { width: inputs, rows } = context.signal(from);
  const { width: units } = context.signal(error);
  const chunks = context.chunksOf(error);
  const products = chunks.map(({ steps }, c) =>
    makeDenseProduct(kernels, {
      name: `gradient ${to}`,
      output: [units, inputs, 1],
      inner: steps * batch,
      left: { row: 1, term: inputs },
      right: { term: units, column: 1 },
      plus: c === 0 ? undefined : "array",
    }),
  );
  return async (memory) => {
    const { samples } = memory.run;
    const [fromArrays, errorArrays] = [await memory.signal(from), await memory.signal(error)];
    let sum: DeviceArray | undefined;
    for (const [c, { steps }] of chunks.entries()) {
      const size = { batch, samples, steps };
      const left = align(fromArrays, c, { ...size, width: inputs, static: rows === "sample", delayed });
      const right = align(errorArrays, c, { ...size, width: units, static: false, delayed: false });
      sum = await products[c]!(
        await memory.upload(left, [inputs, batch, steps]),
        await memory.upload(right, [units, batch, steps]),
        sum ?? 0,
      );
    }
    memory.writeTensor(to, sum!);
  };
}

/** Sums over steps and samples, and over the units of a channel. */
export function compileUnitGradient(operation: UnitGradient, context: CompileContext): CompiledOperation {
  const { kernels, batch } = context;
  const { from, to } = operation;
  const { width } = context.signal(from);
  const chunks = context.chunksOf(from).map(({ steps }, c) =>
    kernels.make({
      name: `unit gradient ${to}`,
      arguments: ["signal", "samples", "earlier"],
      body: `
let sum = 0;
for (let t = 0; t < ${steps}; t++) {
  for (let s = 0; s < ${batch}; s++) {
    if (s < samples) { sum += signal[t][s][n]; }
  }
}
return ${c === 0 ? "sum" : "sum + earlier[0][0][n]"};`,
      output: [width, 1, 1],
    }),
  );
  const fold = compileFold(context, width, context.tensor(to).columns);
  return async (memory) => {
    let sum: DeviceArray | undefined;
    for (const [c, array] of (await memory.signal(from)).entries()) {
      sum = await chunks[c]!(array, memory.run.samples, sum ?? 0);
    }
    memory.writeTensor(to, await fold(sum!));
  };
}

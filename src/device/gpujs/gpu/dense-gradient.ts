import type { WeightGradient } from "../../contract.js";
import type { DeviceArray } from "../program/arrays.js";
import type { Chunk } from "../program/chunks.js";
import { type CompileContext, type CompiledOperation, stepOf } from "../program/compile-context.js";
import type { KernelSet, Launch } from "../program/kernel-cache.js";
import { makeParallelProduct } from "./dense-product.js";

/**
 * The weight gradient on a graphics processor. Both factors are first rearranged for the product; samples beyond those
 * of the run become zeros, whatever the padding contains.
 */
export function compileParallelGradient(operation: WeightGradient, context: CompileContext): CompiledOperation {
  const { kernels, batch } = context;
  const { from, error, to, delayed } = operation;
  const [inputs, units] = [context.signal(from).width, context.signal(error).width];
  const chunks = context.chunksOf(error).map((chunk, c) => ({
    before: delayed && c > 0 ? makeLastStep(kernels, inputs, batch, context.chunks[c - 1]!) : undefined,
    spread: makeByUnit(context, from, chunk, delayed),
    arrange: makeByRow(context, error, chunk),
    product: makeParallelProduct(kernels, {
      name: `gradient ${to}`,
      inner: chunk.steps * batch,
      output: [units, inputs, 1],
      plus: c === 0 ? undefined : "array",
    }),
  }));
  return async (memory) => {
    const { samples } = memory.run;
    const [fromArrays, errorArrays] = [await memory.signal(from), await memory.signal(error)];
    const nothing = delayed ? await memory.zeros([inputs, batch, 1]) : 0;
    let sum: DeviceArray | undefined;
    for (const [c, { before, spread, arrange, product }] of chunks.entries()) {
      const earlier = before === undefined ? nothing : await before(fromArrays[c - 1]!);
      const first = await spread(fromArrays[c] ?? fromArrays[0]!, samples, earlier);
      const second = await arrange(errorArrays[c]!, samples);
      sum = await product(first, second, sum ?? 0);
    }
    memory.writeTensor(to, sum!);
  };
}

/** Statements that compute step `t` and sample `s` of row `row` of a chunk laid out as `[steps * batch]`. */
const stepAndSample = (row: string, batch: number): string => `
const t = Math.floor((${row} + 0.5) / ${batch});
const s = ${row} - t * ${batch};`;

/**
 * Kernel (signal, samples, before): a chunk as `[width, steps * batch]`; if delayed by a step, `before` comes first.
 */
function makeByUnit(context: CompileContext, signal: string, { steps }: Chunk, delayed: boolean): Launch {
  const spec = context.signal(signal);
  const read = delayed
    ? `value = before[0][Math.floor(s)][b];
if (t > 0) { value = signal[Math.floor(t - 1)][Math.floor(s)][b]; }`
    : `value = signal[${stepOf(spec, "Math.floor(t)")}][Math.floor(s)][b];`;
  return context.kernels.make({
    name: `by unit ${signal}`,
    arguments: ["signal", "samples", "before"],
    body: `${stepAndSample("n", context.batch)}
let value = 0;
if (s < samples) { ${read} }
return value;`,
    output: [steps * context.batch, spec.width, 1],
  });
}

/** Kernel (signal, samples): a chunk as `[steps * batch, width]`. */
function makeByRow(context: CompileContext, signal: string, { steps }: Chunk): Launch {
  const { width } = context.signal(signal);
  return context.kernels.make({
    name: `by row ${signal}`,
    arguments: ["signal", "samples"],
    body: `${stepAndSample("b", context.batch)}
let value = 0;
if (s < samples) { value = signal[Math.floor(t)][Math.floor(s)][n]; }
return value;`,
    output: [width, steps * context.batch, 1],
  });
}

function makeLastStep(kernels: KernelSet, width: number, batch: number, { steps }: Chunk): Launch {
  return kernels.make({
    name: "last step",
    arguments: ["signal"],
    body: `return signal[${steps - 1}][b][n];`,
    output: [width, batch, 1],
  });
}

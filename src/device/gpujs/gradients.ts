import type { UnitGradient, WeightGradient } from "../contract.js";
import { align } from "./align.js";
import type { DeviceArray, Shape } from "./arrays.js";
import type { Chunk } from "./chunks.js";
import { makeDenseProduct } from "./dense-product.js";
import type { KernelSet, Launch } from "./kernels.js";
import type { ProcedureMemory } from "./memory.js";
import { compileParallelGradient } from "./parallel-gradient.js";
import { listColumns } from "./spike-lists.js";
import { makeSumOfListed } from "./sum-of-listed.js";
import type { Step, Workshop } from "./workshop.js";

/** A weight gradient is one product over all steps and samples, chunk by chunk. */
export function compileWeightGradient(operation: WeightGradient, workshop: Workshop): Step {
  if (!workshop.plain) return compileParallelGradient(operation, workshop);
  const { from, error, to, delayed } = operation;
  const { batch } = workshop;
  const { width, rows, kind } = workshop.signal(from);
  const units = workshop.signal(error).width;
  const compile = kind === "spikes" ? compileListed : compileDense;
  const chunks = workshop.chunks.map((chunk, c) => ({
    steps: chunk.steps,
    add: compile(workshop, `gradient ${to}`, [units, width, 1], chunk, c > 0),
  }));
  return async (memory) => {
    const { samples } = memory.run;
    const [fromArrays, errorArrays] = [await memory.signal(from), await memory.signal(error)];
    let sum: DeviceArray | undefined;
    for (const [c, { steps, add }] of chunks.entries()) {
      const size = { batch, samples, steps };
      const first = align(fromArrays, c, { ...size, width, static: rows === "sample", delayed });
      const second = align(errorArrays, c, { ...size, width: units, static: false, delayed: false });
      sum = await add(memory, first, second, sum ?? 0);
    }
    memory.writeTensor(to, sum!);
  };
}

/** The product of the presynaptic numbers `[steps, batch, inputs]` and errors `[steps, batch, units]`, plus a sum. */
type Add = (
  memory: ProcedureMemory,
  from: Float32Array,
  error: Float32Array,
  plus: DeviceArray | number,
) => Promise<DeviceArray>;

/** Adds up the errors at the steps and samples at which an input fired. */
function compileListed(
  { kernels, batch }: Workshop,
  name: string,
  output: Shape,
  { steps }: Chunk,
  goesOn: boolean,
): Add {
  const [units, inputs] = output;
  const sum = makeSumOfListed(kernels, { name, output, longest: steps * batch, plus: goesOn ? "array" : undefined });
  return async (memory, from, error, plus) => {
    const { lists, room } = listColumns(from, inputs, units);
    const by = await memory.upload(error, [units, batch, steps]);
    return sum(await memory.upload(lists, [room, inputs, 1]), by, plus);
  };
}

function compileDense(
  { kernels, batch }: Workshop,
  name: string,
  output: Shape,
  { steps }: Chunk,
  goesOn: boolean,
): Add {
  const [units, inputs] = output;
  const multiply = makeDenseProduct(kernels, {
    name,
    output,
    inner: steps * batch,
    left: { row: 1, term: inputs },
    right: { term: units, column: 1 },
    plus: goesOn ? "array" : undefined,
  });
  return async (memory, from, error, plus) => {
    const left = await memory.upload(from, [inputs, batch, steps]);
    return multiply(left, await memory.upload(error, [units, batch, steps]), plus);
  };
}

/** Sums over steps and samples, and over units where the tensor has one column for a wider signal. */
export function compileUnitGradient(operation: UnitGradient, workshop: Workshop): Step {
  const { kernels, batch } = workshop;
  const { from, to } = operation;
  const { width } = workshop.signal(from);
  const chunks = workshop.chunksOf(from).map(({ steps }, c) =>
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
  const total = workshop.tensor(to).columns === 1 && width > 1 ? makeTotal(kernels, width) : undefined;
  return async (memory) => {
    let sum: DeviceArray | undefined;
    for (const [c, array] of (await memory.signal(from)).entries()) {
      sum = await chunks[c]!(array, memory.run.samples, sum ?? 0);
    }
    memory.writeTensor(to, total === undefined ? sum! : await total(sum!));
  };
}

/** Kernel (row): the sum of a row. */
export function makeTotal(kernels: KernelSet, width: number): Launch {
  return kernels.make({
    name: "total",
    arguments: ["row"],
    body: `let sum = 0; for (let i = 0; i < ${width}; i++) { sum += row[0][0][i]; } return sum;`,
    output: [1, 1, 1],
  });
}

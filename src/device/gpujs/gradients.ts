import type { UnitGradient, WeightGradient } from "../contract.js";
import type { DeviceArray } from "./arrays.js";
import type { Chunk } from "./chunks.js";
import type { KernelSet, Launch } from "./kernels.js";
import { makeProduct, type ProductText } from "./products.js";
import { type Step, stepOf, type Workshop } from "./workshop.js";

/**
 * A weight gradient is one product over all steps and samples. Both factors are first laid out for it, and there the
 * samples beyond those of the run become zeros, whatever the padding computed.
 */
export function compileWeightGradient(operation: WeightGradient, workshop: Workshop): Step {
  const { kernels, batch, order } = workshop;
  const { from, error, to, delayed } = operation;
  const [inputs, units] = [workshop.signal(from).width, workshop.signal(error).width];
  const chunks = workshop.chunks.map((chunk, c) => {
    const inner = chunk.steps * batch;
    const text: ProductText = { name: `gradient ${to}`, inner, output: [units, inputs, 1], order };
    return {
      before: delayed && c > 0 ? makeLastStep(kernels, inputs, batch, workshop.chunks[c - 1]!) : undefined,
      spread: makeByUnit(workshop, from, chunk, delayed),
      arrange: order === "byUnit" ? makeByUnit(workshop, error, chunk, false) : makeByRow(workshop, error, chunk),
      product: makeProduct(kernels, c === 0 ? text : { ...text, plus: "array" }),
    };
  });
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

/** Statements that find step `t` and sample `s` of row `row` of a chunk laid out as `[steps * batch]`. */
const placeOf = (row: string, batch: number): string => `
const t = Math.floor((${row} + 0.5) / ${batch});
const s = ${row} - t * ${batch};`;

/** Kernel (signal, samples, before): a chunk as `[width, steps * batch]`; if delayed by a step, `before` comes first. */
function makeByUnit(workshop: Workshop, signal: string, { steps }: Chunk, delayed: boolean): Launch {
  const spec = workshop.signal(signal);
  const read = delayed
    ? `value = before[0][Math.floor(s)][b];
if (t > 0) { value = signal[Math.floor(t - 1)][Math.floor(s)][b]; }`
    : `value = signal[${stepOf(spec, "Math.floor(t)")}][Math.floor(s)][b];`;
  return workshop.kernels.make({
    name: `by unit ${signal}`,
    arguments: ["signal", "samples", "before"],
    body: `${placeOf("n", workshop.batch)}
let value = 0;
if (s < samples) { ${read} }
return value;`,
    output: [steps * workshop.batch, spec.width, 1],
  });
}

/** Kernel (signal, samples): a chunk as `[steps * batch, width]`. */
function makeByRow(workshop: Workshop, signal: string, { steps }: Chunk): Launch {
  const { width } = workshop.signal(signal);
  return workshop.kernels.make({
    name: `by row ${signal}`,
    arguments: ["signal", "samples"],
    body: `${placeOf("b", workshop.batch)}
let value = 0;
if (s < samples) { value = signal[Math.floor(t)][Math.floor(s)][n]; }
return value;`,
    output: [width, steps * workshop.batch, 1],
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

import type { Convolution, Current, InputGradient, WeightGradient } from "../../contract.js";
import { compileSparseConvolution, compileSparseConvolutionGradient, sumsByLists } from "../cpu/sparse-convolution.js";
import type { DeviceArray } from "../program/arrays.js";
import { type CompileContext, type CompiledOperation, stepOf } from "../program/compile-context.js";
import { divide, forEachInput, forEachOutput, unitOfImage } from "../source/image-source.js";
import { compileUnitRow } from "./rows.js";

/** Channels of one group, at the input and at the output. */
const perGroup = ({ input, output, groups }: Convolution) => ({
  inputs: input.channels / groups,
  outputs: output.channels / groups,
});

/** Kernel (image, weights, bias): one thread per output, which sums the products of its window. */
export function compileConvolvedCurrent(
  operation: Current,
  convolution: Convolution,
  context: CompileContext,
): CompiledOperation {
  const { from, weights, to, bias } = operation;
  const { kernels, batch } = context;
  const isBiasOfChannels = bias === undefined || convolution.output.channels % context.tensor(bias).columns === 0;
  if (sumsByLists(from, convolution, context) && isBiasOfChannels) {
    return compileSparseConvolution(operation, convolution, context);
  }
  const { input, output, size } = convolution;
  const { inputs, outputs } = perGroup(convolution);
  const { width: units } = context.signal(to);
  const products = `
const start = (row * ${input.width} + column) * ${input.channels} + first;
const weight = (i * ${size[1]} + j) * ${inputs};
for (let k = 0; k < ${inputs}; k++) {
  sum += image[z][b][Math.floor(start + k)] * weights[0][Math.floor(weight + k)][Math.floor(c)];
}`;
  const body = `${unitOfImage(output)}
const first = Math.floor((c + 0.5) / ${outputs}) * ${inputs};
let sum = 0;
${forEachInput(convolution, ["y", "x"], ["i", "j", "row", "column"], products)}
return ${bias === undefined ? "sum" : "bias[0][0][n] + sum"};`;
  const launches = context.chunksOf(from).map(({ steps }) =>
    kernels.make({
      name: `convolution ${to}`,
      arguments: ["image", "weights", "bias"],
      body,
      output: [units, batch, steps],
    }),
  );
  const biasRow = bias === undefined ? undefined : compileUnitRow(context, bias, units);
  return async (memory) => {
    const by = await memory.tensor(weights);
    const added = biasRow === undefined ? 0 : await biasRow(memory);
    const results: DeviceArray[] = [];
    for (const [c, image] of (await memory.signal(from)).entries()) results.push(await launches[c]!(image, by, added));
    memory.writeSignal(to, results);
  };
}

/** Kernel (error, weights): one thread per input, which sums over the windows that cover it. */
export function compileConvolvedInputGradient(
  { error, weights, to }: InputGradient,
  convolution: Convolution,
  context: CompileContext,
): CompiledOperation {
  const { kernels, batch } = context;
  const { input, output, size } = convolution;
  const { inputs, outputs } = perGroup(convolution);
  const products = `
const start = (row * ${output.width} + column) * ${output.channels} + first;
const weight = (i * ${size[1]} + j) * ${inputs} + own;
for (let k = 0; k < ${outputs}; k++) {
  sum += error[z][b][Math.floor(start + k)] * weights[0][Math.floor(weight)][Math.floor(first + k)];
}`;
  const body = `${unitOfImage(input)}
${divide("group", "own", "c", inputs)}
const first = group * ${outputs};
let sum = 0;
${forEachOutput(convolution, products)}
return sum;`;
  const launches = context.chunksOf(error).map(({ steps }) =>
    kernels.make({
      name: `convolution ${to}`,
      arguments: ["error", "weights"],
      body,
      output: [context.signal(to).width, batch, steps],
    }),
  );
  return async (memory) => {
    const by = await memory.tensor(weights);
    const results: DeviceArray[] = [];
    for (const [c, array] of (await memory.signal(error)).entries()) results.push(await launches[c]!(array, by));
    memory.writeSignal(to, results);
  };
}

/** Kernel (image, error, samples, earlier): one thread per weight, which sums over steps, samples and outputs. */
export function compileConvolvedWeightGradient(
  operation: WeightGradient,
  convolution: Convolution,
  context: CompileContext,
): CompiledOperation {
  const { from, error, to } = operation;
  if (sumsByLists(from, convolution, context)) {
    return compileSparseConvolutionGradient(operation, convolution, context);
  }
  const { kernels, batch } = context;
  const { input, output, size, stride, padding, dilation } = convolution;
  const { inputs, outputs } = perGroup(convolution);
  const { rows, columns } = context.tensor(to);
  const step = stepOf(context.signal(from), "t");
  const body = (steps: number, earlier: string): string => `
${divide("position", "c", "b", inputs)}
${divide("i", "j", "position", size[1])}
const own = Math.floor((n + 0.5) / ${outputs}) * ${inputs} + c;
let sum = 0;
for (let t = 0; t < ${steps}; t++) {
  for (let s = 0; s < ${batch}; s++) {
    if (s < samples) {
      let part = 0;
      for (let y = 0; y < ${output.height}; y++) {
        const row = y * ${stride[0]} - ${padding[0]} + i * ${dilation[0]};
        if (row >= 0 && row < ${input.height}) {
          for (let x = 0; x < ${output.width}; x++) {
            const column = x * ${stride[1]} - ${padding[1]} + j * ${dilation[1]};
            if (column >= 0 && column < ${input.width}) {
              const unit = (row * ${input.width} + column) * ${input.channels} + own;
              part += image[${step}][s][Math.floor(unit)] * error[t][s][(y * ${output.width} + x) * ${output.channels} + n];
            }
          }
        }
      }
      sum += part;
    }
  }
}
return ${earlier}sum;`;
  const launches = context.chunksOf(error).map(({ steps }, c) =>
    kernels.make({
      name: `gradient ${to}`,
      arguments: ["image", "error", "samples", "earlier"],
      body: body(steps, c === 0 ? "" : "earlier[0][b][n] + "),
      output: [columns, rows, 1],
    }),
  );
  return async (memory) => {
    const [images, errors] = [await memory.signal(from), await memory.signal(error)];
    let sum: DeviceArray | undefined;
    for (const [c, array] of errors.entries()) {
      sum = await launches[c]!(images[c] ?? images[0]!, array, memory.run.samples, sum ?? 0);
    }
    memory.writeTensor(to, sum!);
  };
}

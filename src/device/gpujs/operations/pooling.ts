import type { Pool, PoolGradient } from "../../contract.js";
import type { DeviceArray } from "../program/arrays.js";
import { type CompileContext, type CompiledOperation, stepOf } from "../program/compile-context.js";
import { forEachInput, forEachOutput, unitOfImage } from "../source/image-source.js";

/** Kernel (image, scale): one thread per output. */
export function compilePool({ kind, windows, scale, from, to }: Pool, context: CompileContext): CompiledOperation {
  const { input, output, stride, padding } = windows;
  const own = `image[z][b][Math.floor((row * ${input.width} + column) * ${input.channels} + c)]`;
  const inputs = (statements: string): string =>
    forEachInput(windows, ["y", "x"], ["i", "j", "row", "column"], statements);
  // Padding is smaller than a window, so the first input inside the image belongs to the window.
  const largest = `
const top = Math.max(y * ${stride[0]} - ${padding[0]}, 0);
const left = Math.max(x * ${stride[1]} - ${padding[1]}, 0);
let largest = image[z][b][Math.floor((top * ${input.width} + left) * ${input.channels} + c)];
${inputs(`const value = ${own};\nif (value > largest || value !== value) { largest = value; }`)}
return largest;`;
  const sum = `let sum = 0;\n${inputs(`sum += ${own};`)}\nreturn sum * scale;`;
  const launches = context.chunksOf(from).map(({ steps }) =>
    context.kernels.make({
      name: `pool ${to}`,
      arguments: ["image", "scale"],
      body: `${unitOfImage(output)}\n${kind === "max" ? largest : sum}`,
      output: [context.signal(to).width, context.batch, steps],
    }),
  );
  return async (memory) => {
    const results: DeviceArray[] = [];
    for (const [c, image] of (await memory.signal(from)).entries()) results.push(await launches[c]!(image, scale));
    memory.writeSignal(to, results);
  };
}

/**
 * Kernel (error, image, scale): one thread per input. For a maximum it takes the errors of the windows in which no input
 * before it is as large and none after it is larger.
 */
export function compilePoolGradient(
  { kind, windows, scale, error, from, to }: PoolGradient,
  context: CompileContext,
): CompiledOperation {
  const { input, output, size } = windows;
  const incoming = `error[z][b][Math.floor((row * ${output.width} + column) * ${output.channels} + c)]`;
  const step = stepOf(context.signal(from), "z");
  const compare = `
const other = image[${step}][b][Math.floor((above2 * ${input.width} + beside2) * ${input.channels} + c)];
if (k * ${size[1]} + l < i * ${size[1]} + j) { if (other >= own) { isFirst = 0; } }
else { if (other > own) { isFirst = 0; } }`;
  const ifLargest = `
let isFirst = 1;
${forEachInput(windows, ["row", "column"], ["k", "l", "above2", "beside2"], compare)}
if (isFirst > 0) { sum += ${incoming}; }`;
  const body =
    kind === "max"
      ? `const own = image[${step}][b][n];\nlet sum = 0;\n${forEachOutput(windows, ifLargest)}\nreturn sum;`
      : `let sum = 0;\n${forEachOutput(windows, `sum += ${incoming};`)}\nreturn sum * scale;`;
  const launches = context.chunksOf(error).map(({ steps }) =>
    context.kernels.make({
      name: `errors of pool ${to}`,
      arguments: ["error", "image", "scale"],
      body: `${unitOfImage(input)}\n${body}`,
      output: [context.signal(to).width, context.batch, steps],
    }),
  );
  return async (memory) => {
    const images = kind === "max" ? await memory.signal(from) : [];
    const results: DeviceArray[] = [];
    for (const [c, array] of (await memory.signal(error)).entries()) {
      results.push(await launches[c]!(array, images[c] ?? images[0] ?? 0, scale));
    }
    memory.writeSignal(to, results);
  };
}

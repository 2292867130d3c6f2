import type { Rescale } from "../../contract.js";
import type { DeviceArray } from "../program/arrays.js";
import type { CompileContext, CompiledOperation } from "../program/compile-context.js";
import { emitKernel } from "../source/emit.js";
import { compileFold } from "./rows.js";

/** A signal times a factor of its mean size: sums per unit, then over the units, then the factor. */
export function compileRescale(operation: Rescale, context: CompileContext): CompiledOperation {
  const { from, formula, reference, size, to } = operation;
  const { kernels, batch, steps } = context;
  const { width, rows } = context.signal(from);
  const chunks = context.chunksOf(from);
  const sums = chunks.map((chunk, index) =>
    kernels.make({
      name: `sizes of ${from}`,
      arguments: ["values", "samples", "earlier"],
      body: `
let sum = 0;
for (let t = 0; t < ${chunk.steps}; t++) {
  for (let s = 0; s < ${batch}; s++) {
    if (s < samples) { sum += Math.abs(values[t][s][n]); }
  }
}
return ${index === 0 ? "sum" : "sum + earlier[0][0][n]"};`,
      output: [width, 1, 1],
    }),
  );
  const fold = compileFold(context, width, 1);
  const { statements, results } = emitKernel(
    { factor: formula },
    { mean: "mean", ...(reference === undefined ? {} : { reference: "other" }) },
    "r",
  );
  const declared = `const mean = sum[0][0][0] / count; ${reference === undefined ? "" : "const other = reference[0][0][0];"}
${statements}
let factor = 0; factor = ${results.factor};`;
  const scalar = (name: string, result: string) =>
    kernels.make({
      name: `${name} of ${from}`,
      arguments: ["sum", "count", ...(reference === undefined ? [] : ["reference"])],
      body: `${declared}\nreturn ${result};`,
      output: [1, 1, 1],
    });
  const factorOf = scalar("factor", "factor");
  const sizeOf = scalar("size", "Math.abs(factor) * mean");
  const launches = chunks.map((chunk) =>
    kernels.make({
      name: `rescale ${to}`,
      arguments: ["values", "factor"],
      body: "return values[z][b][n] * factor[0][0][0];",
      output: [width, batch, chunk.steps],
    }),
  );
  return async (memory) => {
    const { samples } = memory.run;
    const values = await memory.signal(from);
    let sum: DeviceArray | undefined;
    for (const [index, launch] of sums.entries()) sum = await launch(values[index]!, samples, sum ?? 0);
    const given = [await fold(sum!), samples * (rows === "steps" ? steps : 1) * width];
    const other = reference === undefined ? [] : [await memory.tensor(reference)];
    const factor = await factorOf(...given, ...other);
    memory.writeTensor(size, await sizeOf(...given, ...other));
    memory.writeSignal(to, await Promise.all(values.map((array, index) => launches[index]!(array, factor))));
  };
}

import type { Readout, Reduce } from "../../contract.js";
import type { DeviceArray } from "../program/arrays.js";
import type { CompileContext, CompiledOperation } from "../program/compile-context.js";
import { compileFold } from "./rows.js";

export function compileReadout(operation: Readout, context: CompileContext): CompiledOperation {
  const { kind, from, to, scale } = operation;
  const { kernels, batch, chunks } = context;
  const { width } = context.signal(from);
  const accumulate = kind === "sum" && context.isKept(to);
  const make = (steps: number, first: number, earlier: string) =>
    kernels.make({
      name: `readout ${to}`,
      arguments: ["signal", "earlier"],
      body: `
let sum = 0;
for (let t = ${first}; t < ${steps}; t++) { sum += signal[t][b][n]; }
return ${earlier}sum * ${scale < 0 ? `(${scale})` : scale};`,
      output: [width, batch, 1],
    });
  if (kind === "last") {
    const { steps } = chunks.at(-1)!;
    const launch = make(steps, steps - 1, "");
    return async (memory) => memory.writeSignal(to, [await launch((await memory.signal(from)).at(-1)!)]);
  }
  const launches = chunks.map(({ steps }) => make(steps, 0, "earlier[0][b][n] + "));
  return async (memory) => {
    const resumes = accumulate && memory.run.firstStep > 0;
    let sum: DeviceArray = resumes ? (await memory.signal(to))[0]! : await memory.zeros([width, batch, 1]);
    for (const [c, array] of (await memory.signal(from)).entries()) sum = await launches[c]!(array, sum);
    memory.writeSignal(to, [sum]);
  };
}

export function compileReduce(operation: Reduce, context: CompileContext): CompiledOperation {
  const { from, to, kind } = operation;
  const { kernels } = context;
  const { rows, columns } = context.tensor(from);
  const squares = kind === "squares";
  const value = "matrix[0][i][n]";
  const perColumn = kernels.make({
    name: `${kind} of ${from}`,
    arguments: ["matrix"],
    body: `
let sum = 0;
for (let i = 0; i < ${rows}; i++) { sum += ${squares ? `${value} * ${value}` : `Math.abs(${value})`}; }
return sum;`,
    output: [columns, 1, 1],
  });
  const fold = compileFold(context, columns, squares ? 1 : columns);
  return async (memory) => {
    const sums = await perColumn(await memory.tensor(from));
    memory.writeTensor(to, await fold(sums));
  };
}

import type { WeightGradient } from "../../contract.js";
import type { DeviceArray } from "../program/arrays.js";
import type { CompileContext, CompiledOperation } from "../program/compile-context.js";
import { makeGatherSum } from "./gather-sum.js";
import { COUNTS, listErrors } from "./index-lists.js";

/**
 * The weight gradient of spikes on a CPU: per input, the sums of the errors of the samples with baseline 1, plus the
 * errors of added spikes, minus the errors of missing spikes. Samples beyond those of the run are in no list.
 */
export function compileSparseGradient(
  { from, error, to, delayed }: WeightGradient,
  context: CompileContext,
): CompiledOperation {
  const { kernels, batch } = context;
  const { width: inputs, rows } = context.signal(from);
  const { width: units } = context.signal(error);
  const name = `gradient ${to}`;
  const chunks = context.chunksOf(error).map(({ steps }, c) => {
    const capacity = COUNTS + (steps + 1) * batch;
    return {
      steps,
      capacity,
      sumOfSteps: kernels.make({
        name: `errors of the samples for ${name}`,
        arguments: ["error"],
        body: `let sum = 0; for (let t = 0; t < ${steps}; t++) { sum += error[t][b][n]; } return sum;`,
        output: [units, batch, 1],
      }),
      gatherSum: makeGatherSum(kernels, {
        name,
        output: [units, inputs, 1],
        capacity,
        plus: c === 0 ? undefined : "array",
        changes: { of: "", direct: sumOfErrors({ capacity, steps, batch, units }) },
      }),
    };
  });
  const columns = { width: inputs, stride: units, batch, static: rows === "sample", delayed };
  return async (memory) => {
    const deltas = await memory.deltas(from);
    const errors = await memory.signal(error);
    let sum: DeviceArray | undefined;
    for (const [c, { steps, capacity, sumOfSteps, gatherSum }] of chunks.entries()) {
      const lists = listErrors(deltas, c, { ...columns, steps, samples: memory.run.samples });
      const own = errors[c]!.numbers!;
      const both = new Float32Array((steps + 1) * batch * units);
      both.set(own);
      both.set((await sumOfSteps(errors[c]!)).numbers!, own.length);
      sum = await gatherSum(
        await memory.upload(lists, [capacity, inputs, 1]),
        await memory.upload(both, [units, batch, steps + 1]),
        sum ?? 0,
        0,
        0,
      );
    }
    memory.writeTensor(to, sum!);
  };
}

interface ErrorsShape {
  readonly capacity: number;
  readonly steps: number;
  readonly batch: number;
  readonly units: number;
}

/** Adds the errors of the listed steps; a sample's sum is replaced by those of its steps that are not removed. */
const sumOfErrors = ({ capacity, steps, batch, units }: ErrorsShape): string => `
for (let a = ${COUNTS}; a < added; a++) {
  const entry = lists[z][b][a];
  if (entry < ${steps * batch * units}) { total += by[entry + n]; }
  else {
    for (let t = 0; t < ${steps}; t++) {
      const error = entry + (t - ${steps}) * ${batch * units};
      let counts = 1;
      for (let s = removed; s < ${capacity}; s++) { if (lists[z][b][s] === error) { counts = 0; } }
      if (counts > 0) { total += by[error + n]; }
    }
  }
}`;

import type { Normalize, NormalizeGradient } from "../../contract.js";
import type { DeviceArray } from "../program/arrays.js";
import type { Chunk } from "../program/chunks.js";
import { type CompileContext, type CompiledOperation, stepOf } from "../program/compile-context.js";
import type { ProcedureMemory } from "../program/memory.js";
import { columnOfUnit } from "../source/image-source.js";
import { compileFold } from "./rows.js";

/** Sums over samples and steps of a value for each unit, then over the units of a channel. */
interface ChannelSums {
  /** Chunks of the signals that the value reads. */
  readonly chunks: readonly Chunk[];
  readonly units: number;
  readonly channels: number;
  /** Names of the arrays that the value reads: first those of each chunk, then rows. */
  readonly arguments: readonly string[];
  /** Code of the value of unit `n` at step `t` of sample `s`; it may read channel `c` of a row. */
  readonly value: string;
}

type SumChannels = (
  chunks: readonly (readonly DeviceArray[])[],
  rows: readonly (DeviceArray | number)[],
  samples: number,
) => Promise<DeviceArray>;

function compileChannelSums({ kernels, batch }: CompileContext, sums: ChannelSums): SumChannels {
  const { units, channels } = sums;
  const fold = compileFold({ kernels }, units, channels);
  const launches = sums.chunks.map(({ steps }, index) =>
    kernels.make({
      name: "sums of a channel",
      arguments: [...sums.arguments, "samples", "earlier"],
      body: `
const c = ${columnOfUnit(channels, units)};
let sum = 0;
for (let t = 0; t < ${steps}; t++) {
  for (let s = 0; s < ${batch}; s++) {
    if (s < samples) { sum += ${sums.value}; }
  }
}
return ${index === 0 ? "sum" : "sum + earlier[0][0][n]"};`,
      output: [units, 1, 1],
    }),
  );
  return async (chunks, rows, samples) => {
    let sum: DeviceArray | undefined;
    for (const [index, launch] of launches.entries()) {
      sum = await launch(...chunks.map((arrays) => arrays[index] ?? arrays[0]!), ...rows, samples, sum ?? 0);
    }
    return fold(sum!);
  };
}

export function compileNormalize(operation: Normalize, context: CompileContext): CompiledOperation {
  const { from, to, gain, shift, epsilon } = operation;
  const { kernels, batch } = context;
  const { width: units } = context.signal(from);
  const { columns: channels } = context.tensor(gain);
  const measure = operation.statistics === "batch" ? compileStatistics(operation, context) : undefined;
  const launches = context.chunksOf(from).map(({ steps }) =>
    kernels.make({
      name: `normalization ${to}`,
      arguments: ["values", "gain", "shift", "mean", "variance", "epsilon"],
      body: `
const c = ${columnOfUnit(channels, units)};
const normal = (values[z][b][n] - mean[0][0][c]) / Math.sqrt(variance[0][0][c] + epsilon);
return gain[0][0][c] * normal + shift[0][0][c];`,
      output: [units, batch, steps],
    }),
  );
  return async (memory) => {
    const statistics =
      measure === undefined
        ? [await memory.tensor(operation.mean), await memory.tensor(operation.variance)]
        : await measure(memory);
    const given = [await memory.tensor(gain), await memory.tensor(shift), ...statistics, epsilon];
    const results: DeviceArray[] = [];
    for (const [c, values] of (await memory.signal(from)).entries()) results.push(await launches[c]!(values, ...given));
    memory.writeSignal(to, results);
  };
}

/**
 * Mean and variance of the batch, in two passes: the second sums deviations from the first mean and their squares, which do
 * not cancel. Also moves the running statistics.
 */
function compileStatistics(
  { from, mean, variance, momentum, batchMean, batchVariance, gain }: Normalize,
  context: CompileContext,
): (memory: ProcedureMemory) => Promise<DeviceArray[]> {
  const { width: units, rows } = context.signal(from);
  const { columns: channels } = context.tensor(gain);
  const chunks = context.chunksOf(from);
  const deviation = "(values[t][s][n] - middle[0][0][c])";
  const sums = (value: string): SumChannels =>
    compileChannelSums(context, { chunks, units, channels, arguments: ["values", "middle"], value });
  const total = sums("values[t][s][n]");
  const deviations = sums(deviation);
  const squares = sums(`${deviation} * ${deviation}`);
  const perChannel = (name: string, names: readonly string[], body: string) =>
    context.kernels.make({
      name: `${name} of ${from}`,
      arguments: names,
      body: `return ${body};`,
      output: [channels, 1, 1],
    });
  const middleOf = perChannel("mean", ["sum", "count"], "sum[0][0][n] / count");
  const meanOf = perChannel("mean", ["middle", "sum", "count"], "middle[0][0][n] + sum[0][0][n] / count");
  const varianceOf = perChannel(
    "variance",
    ["squares", "sum", "count"],
    "Math.max(squares[0][0][n] / count - (sum[0][0][n] / count) * (sum[0][0][n] / count), 0)",
  );
  const move = perChannel(
    "running statistics",
    ["running", "fresh", "momentum", "correction"],
    "(1 - momentum) * running[0][0][n] + momentum * correction * fresh[0][0][n]",
  );
  return async (memory) => {
    const { samples } = memory.run;
    const count = (samples * (rows === "steps" ? context.steps : 1) * units) / channels;
    const values = [await memory.signal(from)];
    const middle = await middleOf(await total(values, [0], samples), count);
    const offset = await deviations(values, [middle], samples);
    const fresh = {
      mean: await meanOf(middle, offset, count),
      variance: await varianceOf(await squares(values, [middle], samples), offset, count),
    };
    memory.writeTensor(batchMean!, fresh.mean);
    memory.writeTensor(batchVariance!, fresh.variance);
    memory.writeTensor(mean, await move(await memory.tensor(mean), fresh.mean, momentum!, 1));
    if (count > 1) {
      const moved = await move(await memory.tensor(variance), fresh.variance, momentum!, count / (count - 1));
      memory.writeTensor(variance, moved);
    }
    return [fresh.mean, fresh.variance];
  };
}

export function compileNormalizeGradient(operation: NormalizeGradient, context: CompileContext): CompiledOperation {
  const { from, error, to, gain, epsilon } = operation;
  const { kernels, batch } = context;
  const { width: units, rows } = context.signal(from);
  const { columns: channels } = context.tensor(gain);
  const chunks = context.chunksOf(error);
  const normal = (values: string): string => `((${values} - mean[0][0][c]) / Math.sqrt(variance[0][0][c] + epsilon))`;
  const read = ["error", "values", "mean", "variance", "epsilon"];
  const values = `values[${stepOf(context.signal(from), "t")}][s][n]`;
  const sums = { chunks, units, channels, arguments: read };
  const errorSums = compileChannelSums(context, { ...sums, value: "error[t][s][n]" });
  const productSums = compileChannelSums(context, { ...sums, value: `error[t][s][n] * ${normal(values)}` });
  const overSteps = rows === "sample" ? compileStepSums(error, context) : undefined;
  const launches = context.chunksOf(to).map(({ steps }) =>
    kernels.make({
      name: `errors of normalization ${to}`,
      arguments: [...read, "gain", "errors", "products", "count"],
      body: `
const c = ${columnOfUnit(channels, units)};
const normal = ${normal("values[z][b][n]")};
const own = error[z][b][n] - errors[0][0][c] / count - normal * products[0][0][c] / count;
return gain[0][0][c] * own / Math.sqrt(variance[0][0][c] + epsilon);`,
      output: [units, batch, steps],
    }),
  );
  return async (memory) => {
    const { samples } = memory.run;
    const count = (samples * (rows === "steps" ? context.steps : 1) * units) / channels;
    const [incoming, normalized] = [await memory.signal(error), await memory.signal(from)];
    const statistics = [await memory.tensor(operation.batchMean), await memory.tensor(operation.batchVariance)];
    const errors = await errorSums([incoming, normalized], [...statistics, epsilon], samples);
    const products = await productSums([incoming, normalized], [...statistics, epsilon], samples);
    const gains = await memory.tensor(gain);
    const perRow = overSteps === undefined ? incoming : [await overSteps(memory)];
    const results: DeviceArray[] = [];
    for (const [c, launch] of launches.entries()) {
      results.push(await launch(perRow[c]!, normalized[c]!, ...statistics, epsilon, gains, errors, products, count));
    }
    memory.writeSignal(to, results);
    memory.writeTensor(operation.shiftGradient, errors);
    memory.writeTensor(operation.gainGradient, products);
  };
}

/** The sum over steps of a signal, or the signal itself if it has one row per sample. */
function compileStepSums(signal: string, context: CompileContext): (memory: ProcedureMemory) => Promise<DeviceArray> {
  const { width, rows } = context.signal(signal);
  if (rows === "sample") return async (memory) => (await memory.signal(signal))[0]!;
  const launches = context.chunks.map(({ steps }, c) =>
    context.kernels.make({
      name: `sum over steps of ${signal}`,
      arguments: ["signal", "earlier"],
      body: `
let sum = 0;
for (let t = 0; t < ${steps}; t++) { sum += signal[t][b][n]; }
return ${c === 0 ? "sum" : "sum + earlier[0][b][n]"};`,
      output: [width, context.batch, 1],
    }),
  );
  return async (memory) => {
    let sum: DeviceArray | undefined;
    for (const [c, array] of (await memory.signal(signal)).entries()) sum = await launches[c]!(array, sum ?? 0);
    return sum!;
  };
}

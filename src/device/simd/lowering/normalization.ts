import type { Normalize, NormalizeGradient } from "../../contract.js";
import {
  applyNormalization,
  batchStatistics,
  coefficientBytes,
  runningCoefficients,
  STATISTICS_TERMS,
  statisticsSums,
} from "../kernels/normalization/normalize.js";
import {
  applyGradient,
  GRADIENT_TERMS,
  gradientCoefficientBytes,
  gradientSums,
  gradientTotals,
} from "../kernels/normalization/normalize-gradient.js";
import { channelSumsBytes } from "../kernels/tensors/channel-sums.js";
import { valuesOf } from "./pooling.js";
import { errorForRows } from "./static-input.js";
import { region, signal, type TaskList, tensor } from "./task-list.js";

/** Statistics of the batch end a phase: every sample is needed before the first can go on. */
export function lowerNormalize(list: TaskList, operation: Normalize): void {
  const { statistics, gain, shift, mean, variance, batchMean, batchVariance, to } = operation;
  const from = valuesOf(list, operation.from);
  const channels = list.plan.tensors[gain]!.columns;
  const items = Math.ceil(channels / 4);
  const coefficients = list.addRegion(list.name("coefficients"), coefficientBytes(channels));
  const maps = { writes: [region(coefficients)], items, grain: 4 };
  if (statistics === "batch") {
    const sums = list.addBytes(list.name("sums"), channelSumsBytes(channels, STATISTICS_TERMS));
    list.sample("statisticsSums", { reads: [signal(from)], writes: [signal(sums)] }, (context, name) =>
      statisticsSums(context, name, { from, sums }, channels),
    );
    const { rows, width } = list.shape(from);
    const written = [batchMean!, batchVariance!, mean, variance].map(tensor);
    const reads = [signal(sums), ...[gain, shift, mean, variance].map(tensor)];
    list.synapse("batchStatistics", { ...maps, reads, writes: [...maps.writes, ...written] }, (context, name) =>
      batchStatistics(context, name, operation, { sums, coefficients }, (rows * width) / channels),
    );
  } else {
    list.synapse("runningStatistics", { ...maps, reads: [gain, shift, mean, variance].map(tensor) }, (context, name) =>
      runningCoefficients(context, name, operation, coefficients),
    );
  }
  list.sample("normalize", { reads: [signal(from), region(coefficients)], writes: [signal(to)] }, (context, name) =>
    applyNormalization(context, name, { from, to, coefficients }, channels),
  );
}

export function lowerNormalizeGradient(list: TaskList, operation: NormalizeGradient): void {
  const { gain, batchMean, batchVariance, gainGradient, shiftGradient, to } = operation;
  const error = errorForRows(list, { from: operation.from, error: operation.error, delayed: false });
  const from = valuesOf(list, operation.from);
  const channels = list.plan.tensors[gain]!.columns;
  const { rows, width } = list.shape(from);
  const sums = list.addBytes(list.name("sums"), channelSumsBytes(channels, GRADIENT_TERMS));
  const coefficients = list.addRegion(list.name("coefficients"), gradientCoefficientBytes(channels));
  const names = { error, from, sums, coefficients, to };
  const reads = [signal(error), signal(from), tensor(batchMean)];
  list.sample("normalizeGradientSums", { reads, writes: [signal(sums)] }, (context, name) =>
    gradientSums(context, name, operation, names, channels),
  );
  const totals = {
    reads: [signal(sums), ...[gain, batchMean, batchVariance].map(tensor)],
    writes: [region(coefficients), tensor(gainGradient), tensor(shiftGradient)],
    items: Math.ceil(channels / 4),
    grain: 4,
  };
  list.synapse("normalizeGradientTotals", totals, (context, name) =>
    gradientTotals(context, name, operation, names, (rows * width) / channels),
  );
  const last = { reads: [signal(error), signal(from), region(coefficients)], writes: [signal(to)] };
  list.sample("normalizeGradient", last, (context, name) => applyGradient(context, name, names, channels));
}

import type { Normalize, NormalizeGradient } from "../contract.js";
import type { CompiledOperation, Memory, Numbers } from "./memory.js";

export function compileNormalize(operation: Normalize, memory: Memory): CompiledOperation {
  const { epsilon, momentum = 0 } = operation;
  const from = memory.signal(operation.from);
  const to = memory.signal(operation.to).data;
  const data = (name: string): Numbers => memory.tensor(name).data;
  const gain = data(operation.gain);
  const shift = data(operation.shift);
  const runningMean = data(operation.mean);
  const runningVariance = data(operation.variance);
  const channels = gain.length;
  const isBatch = operation.statistics === "batch";
  const mean = isBatch ? data(operation.batchMean!) : runningMean;
  const variance = isBatch ? data(operation.batchVariance!) : runningVariance;

  const measure = (values: Numbers): void => {
    const count = values.length / channels;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let n = c; n < values.length; n += channels) sum += values[n]!;
      mean[c] = sum / count;
      let squares = 0;
      for (let n = c; n < values.length; n += channels) squares += (values[n]! - sum / count) ** 2;
      variance[c] = squares / count;
      runningMean[c] = (1 - momentum) * runningMean[c]! + (momentum * sum) / count;
      if (count > 1) runningVariance[c] = (1 - momentum) * runningVariance[c]! + (momentum * squares) / (count - 1);
    }
  };

  return ({ samples }) => {
    const values = from.data.subarray(0, samples * from.rows * from.width);
    if (isBatch) measure(values);
    for (let n = 0; n < values.length; n++) {
      const c = n % channels;
      to[n] = (gain[c]! * (values[n]! - mean[c]!)) / Math.sqrt(variance[c]! + epsilon) + shift[c]!;
    }
  };
}

export function compileNormalizeGradient(operation: NormalizeGradient, memory: Memory): CompiledOperation {
  const { epsilon } = operation;
  const from = memory.signal(operation.from);
  const error = memory.signal(operation.error);
  const to = memory.signal(operation.to).data;
  const data = (name: string): Numbers => memory.tensor(name).data;
  const gain = data(operation.gain);
  const mean = data(operation.batchMean);
  const variance = data(operation.batchVariance);
  const gainGradient = data(operation.gainGradient);
  const shiftGradient = data(operation.shiftGradient);
  const channels = gain.length;

  /** The error at a value of `from`: summed over steps if the value holds at every step. */
  const errorAt = (n: number): number => {
    if (error.rows === from.rows) return error.data[n]!;
    const sample = Math.floor(n / from.width);
    let sum = 0;
    for (let step = 0; step < error.rows; step++) {
      sum += error.data[(sample * error.rows + step) * error.width + (n % from.width)]!;
    }
    return sum;
  };

  return ({ samples }) => {
    const length = samples * from.rows * from.width;
    const count = length / channels;
    for (let c = 0; c < channels; c++) {
      const deviation = Math.sqrt(variance[c]! + epsilon);
      const normal = (n: number): number => (from.data[n]! - mean[c]!) / deviation;
      let errors = 0;
      let products = 0;
      for (let n = c; n < length; n += channels) {
        errors += errorAt(n);
        products += errorAt(n) * normal(n);
      }
      shiftGradient[c] = errors;
      gainGradient[c] = products;
      // The mean and the variance depend on every value of the channel: the error loses the parts along 1 and `normal`.
      for (let n = c; n < length; n += channels) {
        to[n] = (gain[c]! / deviation) * (errorAt(n) - errors / count - (normal(n) * products) / count);
      }
    }
  };
}

import type { Current, InputGradient, WeightGradient } from "../contract.js";
import {
  compileConvolvedCurrent,
  compileConvolvedInputGradient,
  compileConvolvedWeightGradient,
} from "./convolution.js";
import type { CompiledOperation, Matrix, Memory, Numbers } from "./memory.js";

/** out[n] += sum_m row[m] * matrix[m, n]; rows are read and written from the given offsets. */
export function addProduct(
  row: Numbers,
  from: number,
  { data, rows, columns }: Matrix,
  out: Numbers,
  to: number,
): void {
  for (let m = 0; m < rows; m++) {
    const factor = row[from + m]!;
    for (let n = 0; n < columns; n++) out[to + n] = out[to + n]! + factor * data[m * columns + n]!;
  }
}

/** out[m] = sum_n row[n] * matrix[m, n], the product with the transposed matrix. */
export function transposedProduct(row: Numbers, from: number, matrix: Matrix, out: Numbers, to: number): void {
  const { data, rows, columns } = matrix;
  for (let m = 0; m < rows; m++) {
    let sum = 0;
    for (let n = 0; n < columns; n++) sum += row[from + n]! * data[m * columns + n]!;
    out[to + m] = sum;
  }
}

export function compileCurrent(operation: Current, memory: Memory): CompiledOperation {
  const { convolution } = operation;
  if (convolution !== undefined) return compileConvolvedCurrent(operation, convolution, memory);
  const from = memory.signal(operation.from);
  const to = memory.signal(operation.to);
  const weights = memory.tensor(operation.weights);
  const bias = operation.bias === undefined ? undefined : memory.tensor(operation.bias).data;
  return ({ samples }) => {
    for (let row = 0; row < samples * from.rows; row++) {
      for (let n = 0; n < to.width; n++) to.data[row * to.width + n] = bias === undefined ? 0 : bias[n % bias.length]!;
      addProduct(from.data, row * from.width, weights, to.data, row * to.width);
    }
  };
}

export function compileInputGradient(operation: InputGradient, memory: Memory): CompiledOperation {
  const { convolution } = operation;
  if (convolution !== undefined) return compileConvolvedInputGradient(operation, convolution, memory);
  const error = memory.signal(operation.error);
  const to = memory.signal(operation.to);
  const weights = memory.tensor(operation.weights);
  return ({ samples }) => {
    for (let row = 0; row < samples * error.rows; row++) {
      transposedProduct(error.data, row * error.width, weights, to.data, row * to.width);
    }
  };
}

export function compileWeightGradient(operation: WeightGradient, memory: Memory): CompiledOperation {
  const { convolution } = operation;
  if (convolution !== undefined) return compileConvolvedWeightGradient(operation, convolution, memory);
  const from = memory.signal(operation.from);
  const error = memory.signal(operation.error);
  const { data, columns } = memory.tensor(operation.to);
  const delay = operation.delayed ? 1 : 0;
  return ({ samples }) => {
    data.fill(0);
    for (let sample = 0; sample < samples; sample++) {
      for (let step = delay; step < error.rows; step++) {
        const fromRow = (sample * from.rows + (from.rows === 1 ? 0 : step - delay)) * from.width;
        const errorRow = (sample * error.rows + step) * error.width;
        for (let i = 0; i < from.width; i++) {
          const factor = from.data[fromRow + i]!;
          for (let n = 0; n < columns; n++) {
            data[i * columns + n] = data[i * columns + n]! + factor * error.data[errorRow + n]!;
          }
        }
      }
    }
  };
}

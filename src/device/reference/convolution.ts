import type { Convolution, Current, InputGradient, WeightGradient } from "../contract.js";
import { visitConvolution } from "./images.js";
import type { CompiledOperation, Memory } from "./memory.js";

export function compileConvolvedCurrent(
  operation: Current,
  convolution: Convolution,
  memory: Memory,
): CompiledOperation {
  const from = memory.signal(operation.from);
  const to = memory.signal(operation.to);
  const weights = memory.tensor(operation.weights).data;
  const bias = operation.bias === undefined ? undefined : memory.tensor(operation.bias).data;
  return ({ samples }) => {
    for (let row = 0; row < samples * from.rows; row++) {
      const image = from.data.subarray(row * from.width, (row + 1) * from.width);
      const result = to.data.subarray(row * to.width, (row + 1) * to.width);
      for (let n = 0; n < to.width; n++) result[n] = bias === undefined ? 0 : bias[n % bias.length]!;
      visitConvolution(convolution, (input, output, weight) => {
        result[output] = result[output]! + image[input]! * weights[weight]!;
      });
    }
  };
}

export function compileConvolvedInputGradient(
  operation: InputGradient,
  convolution: Convolution,
  memory: Memory,
): CompiledOperation {
  const error = memory.signal(operation.error);
  const to = memory.signal(operation.to);
  const weights = memory.tensor(operation.weights).data;
  return ({ samples }) => {
    for (let row = 0; row < samples * error.rows; row++) {
      const errors = error.data.subarray(row * error.width, (row + 1) * error.width);
      const result = to.data.subarray(row * to.width, (row + 1) * to.width);
      result.fill(0);
      visitConvolution(convolution, (input, output, weight) => {
        result[input] = result[input]! + errors[output]! * weights[weight]!;
      });
    }
  };
}

export function compileConvolvedWeightGradient(
  operation: WeightGradient,
  convolution: Convolution,
  memory: Memory,
): CompiledOperation {
  const from = memory.signal(operation.from);
  const error = memory.signal(operation.error);
  const gradient = memory.tensor(operation.to).data;
  return ({ samples }) => {
    gradient.fill(0);
    for (let row = 0; row < samples * error.rows; row++) {
      const source = from.rows === error.rows ? row : Math.floor(row / error.rows);
      const image = from.data.subarray(source * from.width, (source + 1) * from.width);
      const errors = error.data.subarray(row * error.width, (row + 1) * error.width);
      visitConvolution(convolution, (input, output, weight) => {
        gradient[weight] = gradient[weight]! + image[input]! * errors[output]!;
      });
    }
  };
}

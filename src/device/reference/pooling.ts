import type { Add, Pool, PoolGradient } from "../contract.js";
import { visitWindows } from "./images.js";
import type { CompiledOperation, Memory, Numbers } from "./memory.js";

export function compilePool({ kind, windows, scale, ...names }: Pool, memory: Memory): CompiledOperation {
  const from = memory.signal(names.from);
  const to = memory.signal(names.to);
  const first = firstLargest(windows, to.width);
  return ({ samples }) => {
    for (let row = 0; row < samples * from.rows; row++) {
      const image = from.data.subarray(row * from.width, (row + 1) * from.width);
      const result = to.data.subarray(row * to.width, (row + 1) * to.width);
      if (kind === "max") {
        const largest = first(image);
        for (let n = 0; n < to.width; n++) result[n] = image[largest[n]!]!;
      } else {
        result.fill(0);
        visitWindows(windows, (input, output) => {
          result[output] = result[output]! + image[input]!;
        });
        for (let n = 0; n < to.width; n++) result[n] = scale * result[n]!;
      }
    }
  };
}

export function compilePoolGradient(
  { kind, windows, scale, ...names }: PoolGradient,
  memory: Memory,
): CompiledOperation {
  const error = memory.signal(names.error);
  const from = memory.signal(names.from);
  const to = memory.signal(names.to);
  const first = firstLargest(windows, error.width);
  return ({ samples }) => {
    for (let row = 0; row < samples * error.rows; row++) {
      const errors = error.data.subarray(row * error.width, (row + 1) * error.width);
      const result = to.data.subarray(row * to.width, (row + 1) * to.width);
      result.fill(0);
      if (kind === "max") {
        const source = from.rows === error.rows ? row : Math.floor(row / error.rows);
        const largest = first(from.data.subarray(source * from.width, (source + 1) * from.width));
        for (let n = 0; n < error.width; n++) result[largest[n]!] = result[largest[n]!]! + errors[n]!;
      } else {
        visitWindows(windows, (input, output) => {
          result[input] = result[input]! + scale * errors[output]!;
        });
      }
    }
  };
}

/** A function that finds, for every output, the unit of the first largest input of its window. NaN is the largest. */
function firstLargest(windows: Pool["windows"], outputs: number): (image: Numbers) => Int32Array {
  const largest = new Int32Array(outputs);
  return (image) => {
    largest.fill(-1);
    visitWindows(windows, (input, output) => {
      const best = largest[output]!;
      const isLarger = best < 0 || image[input]! > image[best]!;
      if (isLarger || (Number.isNaN(image[input]!) && !Number.isNaN(image[best]!))) largest[output] = input;
    });
    return largest;
  };
}

export function compileAdd({ scale, ...names }: Add, memory: Memory): CompiledOperation {
  const from = names.from.map((name) => memory.signal(name));
  const to = memory.signal(names.to);
  return ({ samples }) => {
    for (let row = 0; row < samples * to.rows; row++) {
      for (let n = 0; n < to.width; n++) {
        let sum = 0;
        for (const { data, rows } of from) {
          const source = rows === to.rows ? row : Math.floor(row / to.rows);
          sum += data[source * to.width + n]!;
        }
        to.data[row * to.width + n] = scale * sum;
      }
    }
  };
}

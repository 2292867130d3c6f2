import type { Readout, Reduce, UnitGradient } from "../contract.js";
import type { CompiledOperation, Memory } from "./memory.js";

export function compileReadout(operation: Readout, memory: Memory, isKept: boolean): CompiledOperation {
  const { kind, scale } = operation;
  const from = memory.signal(operation.from);
  const to = memory.signal(operation.to);
  return ({ samples, firstStep }) => {
    const accumulate = kind === "sum" && isKept && firstStep > 0;
    for (let sample = 0; sample < samples; sample++) {
      for (let n = 0; n < to.width; n++) {
        let sum = 0;
        for (let step = kind === "last" ? from.rows - 1 : 0; step < from.rows; step++) {
          sum += from.data[(sample * from.rows + step) * from.width + n]!;
        }
        const at = sample * to.width + n;
        to.data[at] = (accumulate ? to.data[at]! : 0) + scale * sum;
      }
    }
  };
}

export function compileUnitGradient(operation: UnitGradient, memory: Memory): CompiledOperation {
  const from = memory.signal(operation.from);
  const { data, columns } = memory.tensor(operation.to);
  return ({ samples }) => {
    data.fill(0);
    for (let row = 0; row < samples * from.rows; row++) {
      for (let n = 0; n < from.width; n++) {
        const to = n % columns;
        data[to] = data[to]! + from.data[row * from.width + n]!;
      }
    }
  };
}

export function compileReduce(operation: Reduce, memory: Memory): CompiledOperation {
  const { data, rows, columns } = memory.tensor(operation.from);
  const to = memory.tensor(operation.to).data;
  if (operation.kind === "squares") {
    return () => {
      let sum = 0;
      for (const value of data) sum += value * value;
      to[0] = sum;
    };
  }
  return () => {
    for (let n = 0; n < columns; n++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += Math.abs(data[i * columns + n]!);
      to[n] = sum;
    }
  };
}

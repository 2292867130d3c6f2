import type { Rescale } from "../contract.js";
import { compileFormulas } from "../host/index.js";
import { allocate, type CompiledOperation, type Memory } from "./memory.js";

export function compileRescale({ from, formula, reference, size, to }: Rescale, memory: Memory): CompiledOperation {
  const source = memory.signal(from);
  const target = memory.signal(to).data;
  const sizes = memory.tensor(size).data;
  const other = reference === undefined ? undefined : memory.tensor(reference).data;
  const compute = compileFormulas({ factor: formula }, ["mean", "reference"], ["factor"], memory.precision);
  const symbols = allocate(memory.precision, 2);
  const result = allocate(memory.precision, 1);
  return ({ samples }) => {
    const count = samples * source.rows * source.width;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += Math.abs(source.data[i]!);
    symbols[0] = sum / count;
    symbols[1] = other?.[0] ?? 0;
    compute(symbols, result);
    const [scale] = result as unknown as [number];
    for (let i = 0; i < count; i++) target[i] = scale * source.data[i]!;
    sizes[0] = (sum / count) * Math.abs(scale);
  };
}

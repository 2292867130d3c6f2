import type { Add } from "../../contract.js";
import type { DeviceArray } from "../program/arrays.js";
import { type CompileContext, type CompiledOperation, stepOf } from "../program/compile-context.js";

/** Signals that one kernel adds: with the sum so far and its output, fewer than the smallest limit on bound buffers. */
const ARITY = 4;

/** A sum of signals, a few per launch; the last launch multiplies it by the scale. */
export function compileAdd({ from, scale, to }: Add, context: CompileContext): CompiledOperation {
  const { width } = context.signal(to);
  const groups: string[][] = [];
  for (let first = 0; first < from.length; first += ARITY) groups.push(from.slice(first, first + ARITY));
  const chunks = context.chunksOf(to).map(({ steps }) =>
    groups.map((names, group) => {
      const terms = names.map((name, k) => `term${k}[${stepOf(context.signal(name), "z")}][b][n]`);
      const sum = [...(group === 0 ? [] : ["earlier[z][b][n]"]), ...terms].join(" + ");
      return context.kernels.make({
        name: `sum ${to}`,
        arguments: ["earlier", "scale", ...names.map((_, k) => `term${k}`)],
        body: `let sum = 0; sum = ${sum}; return ${group === groups.length - 1 ? "sum * scale" : "sum"};`,
        output: [width, context.batch, steps],
      });
    }),
  );
  return async (memory) => {
    const results: DeviceArray[] = [];
    for (const [c, launches] of chunks.entries()) {
      let sum: DeviceArray | undefined;
      for (const [group, names] of groups.entries()) {
        const signals = await Promise.all(names.map((name) => memory.signal(name)));
        sum = await launches[group]!(sum ?? 0, scale, ...signals.map((arrays) => arrays[c] ?? arrays[0]!));
      }
      results.push(sum!);
    }
    memory.writeSignal(to, results);
  };
}

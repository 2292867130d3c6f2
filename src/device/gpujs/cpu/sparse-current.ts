import type { Current } from "../../contract.js";
import { compileUnitRow } from "../operations/rows.js";
import type { DeviceArray } from "../program/arrays.js";
import type { CompileContext, CompiledOperation } from "../program/compile-context.js";
import { makeGatherSum } from "./gather-sum.js";
import { COUNTS, listUnits } from "./index-lists.js";
import type { UnitRows } from "./spike-deltas.js";

/**
 * The current of spikes on a CPU: the weight rows of a sample's baseline are summed once, and each step adds its
 * deltas. Baselines cover the whole run, so that the size of chunks does not change any bit. The bias is added last,
 * so that without input the current equals the bias.
 */
export function compileSparseCurrent({ from, weights, to, bias }: Current, context: CompileContext): CompiledOperation {
  const { kernels, batch } = context;
  const { rows: inputs, columns } = context.tensor(weights);
  const name = `current ${to}`;
  kernels.assertSize(name, [columns, inputs, 1]);
  const capacity = COUNTS + inputs;
  const plus = bias === undefined ? undefined : "row";
  const biasRow = bias === undefined ? undefined : compileUnitRow(context, bias, columns);
  const baselineSum = makeGatherSum(kernels, { name, output: [columns, batch, 1], capacity });
  const changes = { of: "baseline[0][b][n]", direct: sumOfSpikes(capacity) } as const;
  const sums = context
    .chunksOf(from)
    .map(({ steps }) => makeGatherSum(kernels, { name, output: [columns, batch, steps], capacity, plus, changes }));
  return async (memory) => {
    const by = await memory.tensor(weights);
    const list = (added: UnitRows, removed?: UnitRows): Promise<DeviceArray> =>
      memory.upload(listUnits(added, removed, inputs, columns), [capacity, batch, (added.starts.length - 1) / batch]);
    const { baseline, chunks } = await memory.deltas(from);
    const baselines = await list(baseline);
    const baselineCurrent = await baselineSum(baselines, by, 0, 0, 0);
    const added = biasRow === undefined ? 0 : await biasRow(memory);
    const results: DeviceArray[] = [];
    for (const [c, deltas] of chunks.entries()) {
      results.push(await sums[c]!(await list(deltas.added, deltas.removed), by, added, baselineCurrent, baselines));
    }
    memory.writeSignal(to, results);
  };
}

/** Adds the rows of the baseline units that are not removed, then those of the added spikes. Both lists are sorted. */
const sumOfSpikes = (capacity: number): string => `
let silent = ${capacity} - 1;
const baselineEnd = ${COUNTS} + Math.floor(baselines[0][b][0]);
for (let h = ${COUNTS}; h < baselineEnd; h++) {
  if (silent >= removed && lists[z][b][silent] === baselines[0][b][h]) { silent = silent - 1; }
  else { total += by[baselines[0][b][h] + n]; }
}
for (let a = ${COUNTS}; a < added; a++) { total += by[lists[z][b][a] + n]; }`;

import type { Current } from "../../contract.js";
import type { DeviceArray } from "../program/arrays.js";
import type { CompileContext, Step } from "../program/compile-context.js";
import { makeGatherSum } from "./gather-sum.js";
import { COUNTS, listUnits } from "./index-lists.js";
import type { UnitRows } from "./spike-deltas.js";

/**
 * The current of spikes where the work is a CPU's: the weight rows of a sample's baseline are added up once, and at each step
 * those of the units that depart from it. Baselines are those of the whole run, so that chunks change no bit. The bias comes last, so
 * that it is the current where nothing arrives.
 */
export function compileSparseCurrent({ from, weights, to, bias }: Current, context: CompileContext): Step {
  const { kernels, batch } = context;
  const { rows: inputs, columns } = context.tensor(weights);
  const name = `current ${to}`;
  kernels.assertSize(name, [columns, inputs, 1]);
  const room = COUNTS + inputs;
  const plus = bias === undefined ? undefined : "row";
  const baselineSum = makeGatherSum(kernels, { name, output: [columns, batch, 1], room });
  const changes = { of: "baseline[0][b][n]", direct: sumOfSpikes(room) } as const;
  const sums = context
    .chunksOf(from)
    .map(({ steps }) => makeGatherSum(kernels, { name, output: [columns, batch, steps], room, plus, changes }));
  return async (memory) => {
    const by = await memory.tensor(weights);
    const list = (more: UnitRows, less?: UnitRows): Promise<DeviceArray> =>
      memory.upload(listUnits(more, less, inputs, columns), [room, batch, (more.starts.length - 1) / batch]);
    const { baseline, chunks } = await memory.deltas(from);
    const baselines = await list(baseline);
    const baselineCurrent = await baselineSum(baselines, by, 0, 0, 0);
    const added = bias === undefined ? 0 : await memory.tensor(bias);
    const results: DeviceArray[] = [];
    for (const [c, { more, less }] of chunks.entries()) {
      results.push(await sums[c]!(await list(more, less), by, added, baselineCurrent, baselines));
    }
    memory.writeSignal(to, results);
  };
}

/** The rows of the units that have the baseline and are not silent, and of those that fire against it; lists are in order. */
const sumOfSpikes = (room: number): string => `
let silent = ${room} - 1;
const baselineEnd = ${COUNTS} + Math.floor(baselines[0][b][0]);
for (let h = ${COUNTS}; h < baselineEnd; h++) {
  if (silent >= less && lists[z][b][silent] === baselines[0][b][h]) { silent = silent - 1; }
  else { total += by[baselines[0][b][h] + n]; }
}
for (let a = ${COUNTS}; a < more; a++) { total += by[lists[z][b][a] + n]; }`;

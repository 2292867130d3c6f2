import type { Current } from "../contract.js";
import type { DeviceArray } from "./arrays.js";
import type { UnitRows } from "./departures.js";
import { COUNTS, listUnits } from "./spike-lists.js";
import { makeSumOfListed } from "./sum-of-listed.js";
import type { Step, Workshop } from "./workshop.js";

/**
 * The current of spikes where the work is a CPU's: the weight rows of a sample's habit are added up once, and at each step
 * those of the units that depart from it. Habits are those of the whole run, so that chunks change no bit.
 */
export function compileListedCurrent({ from, weights, to, bias }: Current, workshop: Workshop): Step {
  const { kernels, batch } = workshop;
  const { rows: inputs, columns } = workshop.tensor(weights);
  const name = `current ${to}`;
  kernels.assertSize(name, [columns, inputs, 1]);
  const room = COUNTS + inputs;
  const addBias = bias === undefined ? undefined : "row";
  const sumOfHabit = makeSumOfListed(kernels, { name, output: [columns, batch, 1], room, plus: addBias });
  const sums = workshop
    .chunksOf(from)
    .map(({ steps }) => makeSumOfListed(kernels, { name, output: [columns, batch, steps], room, plus: "sample" }));
  return async (memory) => {
    const by = await memory.tensor(weights);
    const list = (more: UnitRows, less?: UnitRows): Promise<DeviceArray> =>
      memory.upload(listUnits(more, less, inputs, columns), [room, batch, (more.starts.length - 1) / batch]);
    const { habit, chunks } = await memory.departures(from);
    const usual = await sumOfHabit(await list(habit), by, bias === undefined ? 0 : await memory.tensor(bias));
    const results: DeviceArray[] = [];
    for (const [c, { more, less }] of chunks.entries()) results.push(await sums[c]!(await list(more, less), by, usual));
    memory.writeSignal(to, results);
  };
}

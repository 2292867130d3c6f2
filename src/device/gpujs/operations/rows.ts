import type { DeviceArray } from "../program/arrays.js";
import type { CompileContext } from "../program/compile-context.js";
import type { ProcedureMemory } from "../program/memory.js";
import { columnOfUnit } from "../source/image-source.js";

/** A tensor of one row as the values of all units: repeated if it holds one per layer or channel. */
export function compileUnitRow(
  { kernels, tensor: specOf }: CompileContext,
  tensor: string,
  units: number,
): (memory: ProcedureMemory) => Promise<DeviceArray> {
  const { columns } = specOf(tensor);
  if (columns === units) return (memory) => memory.tensor(tensor);
  const repeat = kernels.make({
    name: `values of all units from ${tensor}`,
    arguments: ["row"],
    body: `return row[0][0][${columnOfUnit(columns, units)}];`,
    output: [units, 1, 1],
  });
  return async (memory) => repeat(await memory.tensor(tensor));
}

/** The sums of a row over the units of each channel, or the row itself. */
export function compileFold(
  { kernels }: Pick<CompileContext, "kernels">,
  units: number,
  columns: number,
): (row: DeviceArray) => Promise<DeviceArray> {
  if (columns === units) return async (row) => row;
  const fold = kernels.make({
    name: "sums over the units of a channel",
    arguments: ["row"],
    body: `let sum = 0; for (let i = 0; i < ${units / columns}; i++) { sum += row[0][0][i * ${columns} + n]; } return sum;`,
    output: [columns, 1, 1],
  });
  return (row) => fold(row);
}

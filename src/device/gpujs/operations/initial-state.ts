import type { Scan } from "../../contract.js";
import type { DeviceArray } from "../program/arrays.js";
import type { ProcedureMemory } from "../program/memory.js";

/** Starting values of the first step of a forward scan: the carry of the run before, or the initial values. */
export async function startOf(
  { carry }: Scan,
  memory: ProcedureMemory,
  initial: () => Promise<DeviceArray>,
): Promise<DeviceArray> {
  if (carry === undefined || memory.run.firstStep === 0) return initial();
  return (await memory.signal(carry))[0]!;
}

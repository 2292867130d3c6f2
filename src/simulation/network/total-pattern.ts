import { drawBits, rowKey } from "../../random/counter.js";
import { SIMULATION_STREAM } from "../streams.js";
import { checkSynapses, type SynapseRows, targetArray } from "./synapse-rows.js";

/**
 * Draws a number of synapses, each between any two neurons: first the source of each, which gives the lengths of the rows, then the
 * targets row by row. No list of sources is kept or sorted.
 */
export function drawTotal(
  total: number,
  { pre, post }: { readonly pre: number; readonly post: number },
  counters: readonly number[],
): SynapseRows {
  checkSynapses(total);
  const rowStart = new Uint32Array(pre + 1);
  // The number behind that of the last row.
  const sources = rowKey(SIMULATION_STREAM.connections, ...counters, pre);
  for (let k = 0; k < total; k++) rowStart[1 + Math.floor(drawBits(sources, k) * 2 ** -32 * pre)]!++;
  for (let i = 0; i < pre; i++) rowStart[i + 1]! += rowStart[i]!;
  const targets = targetArray(total, post);
  for (let i = 0; i < pre; i++) {
    const key = rowKey(SIMULATION_STREAM.connections, ...counters, i);
    const from = rowStart[i]!;
    const row = targets.subarray(from, rowStart[i + 1]!);
    for (let k = 0; k < row.length; k++) row[k] = Math.floor(drawBits(key, k) * 2 ** -32 * post);
    row.sort();
  }
  return { rowStart, targets };
}

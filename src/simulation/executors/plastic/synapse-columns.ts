/** The synapses of each postsynaptic unit j: synapses[start[j]] .. synapses[start[j + 1] - 1], ascending. */
export function columns(
  targets: Uint16Array | Uint32Array,
  post: number,
): { readonly start: Uint32Array; readonly synapses: Uint32Array } {
  const start = new Uint32Array(post + 1);
  for (const target of targets) start[target + 1]!++;
  for (let j = 0; j < post; j++) start[j + 1]! += start[j]!;
  const next = start.slice();
  const synapses = new Uint32Array(targets.length);
  for (let s = 0; s < targets.length; s++) synapses[next[targets[s]!]!++] = s;
  return { start, synapses };
}

/** The row of each synapse: its presynaptic unit. */
export function rowOfEach(rowStart: Uint32Array): Uint32Array {
  const rows = new Uint32Array(rowStart.at(-1)!);
  for (let i = 0; i + 1 < rowStart.length; i++) rows.fill(i, rowStart[i]!, rowStart[i + 1]!);
  return rows;
}

/** The row of each synapse: its presynaptic unit. */
export function rowOfEach(rowStart: Uint32Array): Uint32Array {
  const rows = new Uint32Array(rowStart.at(-1)!);
  for (let i = 0; i + 1 < rowStart.length; i++) rows.fill(i, rowStart[i]!, rowStart[i + 1]!);
  return rows;
}

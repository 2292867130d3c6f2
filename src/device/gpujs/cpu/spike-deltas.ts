/**
 * Spikes of a signal told as deltas from baselines. A unit that fires in added than half of a sample's steps has the baseline
 * of firing there; at each step only those count who depart from it. Rate-coded pixels are mostly 0 or mostly 1 for as
 * long as an image is shown, so they are few.
 */
export interface Deltas {
  /** The units that have the baseline of firing, for every sample. */
  readonly baseline: UnitRows;
  /** For every chunk the units that fired against their baseline, and those that were silent against it; rows `[steps, batch]`. */
  readonly chunks: readonly { readonly added: UnitRows; readonly removed: UnitRows }[];
}

/** Rows of units one after the other: row `r` is `units[starts[r]]` to before `units[starts[r + 1]]`. */
export interface UnitRows {
  readonly starts: Uint32Array;
  readonly units: Uint32Array;
}

/** @param chunks Spikes, 0 or 1, `[steps, batch, width]` each. */
export function deltasOf(chunks: readonly Float32Array[], batch: number, width: number): Deltas {
  const baseline = baselineOf(chunks, batch * width);
  const silence = new Float32Array(baseline.length);
  return {
    baseline: compare(baseline, silence, width).added,
    chunks: chunks.map((spikes) => compare(spikes, baseline, width)),
  };
}

/** The units of a run of one step, which has no baselines. */
export function firedOf(spikes: Float32Array, batch: number, width: number): UnitRows {
  return compare(spikes, new Float32Array(batch * width), width).added;
}

/** 0 or 1 for every unit of every sample, `[batch, width]`. */
function baselineOf(chunks: readonly Float32Array[], size: number): Float32Array {
  const counts = new Float32Array(size);
  let steps = 0;
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += size, steps++) {
      for (let i = 0; i < size; i++) counts[i]! += chunk[start + i]!;
    }
  }
  for (let i = 0; i < size; i++) counts[i] = 2 * counts[i]! > steps ? 1 : 0;
  return counts;
}

/** The units of every row that are not what is expected of them, `[batch, width]`, at every step. */
function compare(spikes: Float32Array, expected: Float32Array, width: number): { added: UnitRows; removed: UnitRows } {
  const rows = spikes.length / width;
  const [addedStarts, removedStarts] = [new Uint32Array(rows + 1), new Uint32Array(rows + 1)];
  const [added, removed] = [new Uint32Array(spikes.length), new Uint32Array(spikes.length)];
  let [addedCount, removedCount] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    const usual = from % expected.length;
    for (let unit = 0; unit < width; unit++) {
      const fired = spikes[from + unit]!;
      if (fired === expected[usual + unit]!) continue;
      if (fired !== 0) added[addedCount++] = unit;
      else removed[removedCount++] = unit;
    }
    addedStarts[row + 1] = addedCount;
    removedStarts[row + 1] = removedCount;
  }
  return {
    added: { starts: addedStarts, units: added.slice(0, addedCount) },
    removed: { starts: removedStarts, units: removed.slice(0, removedCount) },
  };
}

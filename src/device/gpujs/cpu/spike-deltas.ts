/**
 * Spikes of a signal as deltas from a per-sample baseline. The baseline of a unit is 1 if it fires in more than half
 * of the sample's steps. Each step stores only the units that differ from it. Rate-coded pixels are mostly 0 or mostly
 * 1 for as long as an image is shown, so these are few.
 */
export interface Deltas {
  /** Units with baseline 1, per sample. */
  readonly baseline: UnitRows;
  /** Added and removed spikes per chunk; rows are `[steps, batch]`. */
  readonly chunks: readonly { readonly added: UnitRows; readonly removed: UnitRows }[];
}

/** Contiguous rows of units: row `r` is `units[starts[r]]` to before `units[starts[r + 1]]`. */
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

/** Spiking units of a run of one step, which has no baselines. */
export function firedOf(spikes: Float32Array, batch: number, width: number): UnitRows {
  return compare(spikes, new Float32Array(batch * width), width).added;
}

/** 0 or 1 per unit and sample, `[batch, width]`. */
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

/** Units that differ from the expected spikes `[batch, width]`, at every step. */
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

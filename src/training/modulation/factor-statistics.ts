/** Statistics of the modulation factors of a layer. */
export interface FactorStatistics {
  readonly mean: number;
  readonly deviation: number;
  /** Number of units with factors in [0, 0.1), [0.1, 0.2), ... [1.9, 2]. */
  readonly histogram: readonly number[];
}

const BINS = 20;

/** Mean, standard deviation and histogram over [0, 2] of factors `[units]`. */
export function factorStatistics(factors: Float32Array): FactorStatistics {
  const histogram = new Array<number>(BINS).fill(0);
  let sum = 0;
  for (const m of factors) {
    sum += m;
    const bin = Math.min(BINS - 1, Math.floor((m * BINS) / 2));
    histogram[bin] = histogram[bin]! + 1;
  }
  const mean = sum / factors.length;
  const variance = factors.reduce((total, m) => total + (m - mean) ** 2, 0) / factors.length;
  return { mean, deviation: Math.sqrt(variance), histogram };
}

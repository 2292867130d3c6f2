/** Value below which a fraction `q` in [0, 1] of the values lies, by linear interpolation of the sorted values. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new Error("quantile of no values");
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Summary of many timings. Their noise is one-sided and heavy-tailed, so it has the median and quartiles, not the mean. */
export interface Summary {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

export const summarize = (values: readonly number[]): Summary => ({
  median: median(values),
  lower: quantile(values, 0.25),
  upper: quantile(values, 0.75),
  count: values.length,
});

/** k of `y = c x^k`, by least squares on logarithms: 1 if the time is proportional to the work. */
export function fittedExponent(x: readonly number[], y: readonly number[]): number {
  if (x.length !== y.length || x.length < 2) throw new Error("an exponent needs two points or more");
  const u = x.map(Math.log);
  const v = y.map(Math.log);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanU, meanV] = [mean(u), mean(v)];
  const across = u.reduce((sum, value, i) => sum + (value - meanU) * (v[i]! - meanV), 0);
  return across / u.reduce((sum, value) => sum + (value - meanU) ** 2, 0);
}

import type { EventSeries, Series } from "./series.js";

/** Steps of a presentation to gather. */
export interface Window {
  readonly first: number;
  readonly steps: number;
}

/**
 * Writes a window of a sample's spikes as bits `[steps, words]` to `to`, from word `at` on. Steps after the sample's last
 * one are silent.
 */
export function gatherSpikes(
  series: Series,
  sample: number,
  { first, steps }: Window,
  words: number,
  to: Uint32Array,
  at: number,
): void {
  const target = to.subarray(at, at + steps * words);
  target.fill(0);
  if (series.kind === "events") {
    eachEvent(series, sample, { first, steps }, (step, unit) => {
      const word = step * words + (unit >>> 5);
      target[word] = target[word]! | (1 << (unit & 31));
    });
  } else if (series.kind === "spikes") {
    const last = Math.min(first + steps, series.steps);
    target.set(series.samples[sample]!.subarray(first * words, Math.max(first, last) * words));
  }
}

/** Writes a window of a sample's values `[steps, pixels]` to `to`, from index `at` on, 0 after the sample's last step. */
export function gatherValues(
  series: Series,
  sample: number,
  { first, steps }: Window,
  pixels: number,
  to: Float32Array,
  at: number,
): void {
  const target = to.subarray(at, at + steps * pixels);
  target.fill(0);
  if (series.kind === "events") {
    eachEvent(series, sample, { first, steps }, (step, unit) => {
      target[step * pixels + unit] = target[step * pixels + unit]! + 1;
    });
  } else if (series.kind === "values") {
    const last = Math.min(first + steps, series.steps);
    target.set(series.samples[sample]!.subarray(first * pixels, Math.max(first, last) * pixels));
  }
}

/** Calls `use` for every event of a window, with its step within the window and its input, channels last. */
function eachEvent(
  { samples, bin, sensor: [channels, , width], ...series }: EventSeries,
  sample: number,
  { first, steps }: Window,
  use: (step: number, unit: number) => void,
): void {
  const { x, y, p, t } = samples[sample]!;
  const end = Math.min(steps, series.steps - first);
  for (let i = 0; i < t.length; i++) {
    const step = Math.floor(t[i]! / bin) - first;
    if (step < 0 || step >= end) continue;
    use(step, ((y?.[i] ?? 0) * width + x[i]!) * channels + (p?.[i] ?? 0));
  }
}

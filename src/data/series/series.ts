import type { Events } from "./events.js";

/**
 * Samples that change from step to step. A sample may have fewer steps than the longest: it is silent (0) after its last
 * one. Rows of a sample are steps. Images have their channels last, as on the devices.
 */
export type Series = SpikeSeries | ValueSeries | EventSeries;

interface Steps {
  /** Steps of a presentation of any sample. */
  readonly steps: number;
}

/** Spike trains. */
export interface SpikeSeries extends Steps {
  readonly kind: "spikes";
  /** Bits `[steps of the sample, ceil(pixels / 32)]`: input i is bit i % 32 (from the lowest) of word floor(i / 32). */
  readonly samples: readonly Uint32Array[];
}

/** Values or counts at every step. */
export interface ValueSeries extends Steps {
  readonly kind: "values";
  /** `[steps of the sample, pixels]`, used as they are. */
  readonly samples: readonly (Uint8Array | Uint16Array | Float32Array)[];
}

/** Events of an event camera (or cochlea), binned when a batch is gathered. */
export interface EventSeries extends Steps {
  readonly kind: "events";
  readonly samples: readonly Events[];
  /** Length of a step, microseconds. */
  readonly bin: number;
  /** True if an input is the number of its events in a step; false if it is 1 where there is any. */
  readonly counted: boolean;
  readonly sensor: readonly [channels: number, height: number, width: number];
}

/** Form in which a network receives samples in time. */
export interface SeriesForm {
  /** Bits of spikes, or values. */
  readonly kind: "spikes" | "values";
  /** Steps of a presentation of any sample. */
  readonly steps: number;
  /** Length of a step, microseconds, if the samples have a time of their own. */
  readonly bin?: number;
}

export const formOf = (series: Series): SeriesForm => ({
  kind: series.kind === "spikes" || (series.kind === "events" && !series.counted) ? "spikes" : "values",
  steps: series.steps,
  ...(series.kind === "events" ? { bin: series.bin } : {}),
});

/** The samples from `start` up to, but not including, `end`; memory is shared. */
export const sliceSeries = <S extends Series>(series: S, start: number, end: number): S => ({
  ...series,
  samples: series.samples.slice(start, end),
});

/** The end of a sentence about a series that was not made by this library. */
export function seriesFault(
  series: Series,
  { count, pixels }: { readonly count: number; readonly pixels: number },
): string | undefined {
  const { kind, steps, samples } = series;
  const fix = "create it with spikeDataset, seriesDataset or eventDataset.";
  if (!["spikes", "values", "events"].includes(kind)) return `has a series of kind ${String(kind)}; ${fix}`;
  if (!Number.isInteger(steps) || steps < 1) return `has a series of ${String(steps)} steps; ${fix}`;
  if (!Array.isArray(samples) || samples.length !== count || count < 1) {
    return `has a series of ${samples?.length} samples for a count of ${count}; ${fix}`;
  }
  const row = kind === "spikes" ? Math.ceil(pixels / 32) : pixels;
  const bad = kind === "events" ? -1 : samples.findIndex((sample) => (sample as Uint8Array).length % row !== 0);
  return bad < 0 ? undefined : `has a sample ${bad} that is not whole steps of ${pixels} values; ${fix}`;
}

import { fields, list, number, numbers, optional, signature, text, whole } from "../arguments/index.js";
import { POPULATION_SPIKES, type PopulationSpikes } from "./event-list-raster.js";
import { givenRange, histogram, POPULATION_INTERVALS, type PopulationIntervals } from "./isi-histogram.js";
import { POPULATION_RATES, type PopulationRate } from "./rates.js";

/**
 * The simulator's plots as Vega-Lite specifications: plain JSON that contains the data, for notebooks and editors that draw
 * them (https://vega.github.io/vega-lite/, schema version 5).
 */
export interface VegaLiteSpec {
  readonly $schema: string;
  readonly title: string;
  readonly data: { readonly values: readonly Readonly<Record<string, number | string>>[] };
  readonly [field: string]: unknown;
}

const SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json";

type Row = Readonly<Record<string, number | string>>;

const spec = (title: string, values: readonly Row[], rest: Readonly<Record<string, unknown>>): VegaLiteSpec => ({
  $schema: SCHEMA,
  title,
  data: { values },
  width: 640,
  ...rest,
});

const time = { field: "time", type: "quantitative", title: "time (ms)" } as const;
const row = (name: string) => ({ field: name, type: "nominal", title: null });

interface VegaTrace {
  readonly name: string;
  readonly unit?: string | undefined;
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

interface VegaIntervalsOptions {
  readonly from?: number;
  readonly to?: number;
  readonly bins?: number;
  readonly title?: string;
}

const TITLE = text("a title");
const checkRaster = signature("vegaRaster", { populations: POPULATION_SPIKES, title: TITLE });
const checkTraces = signature("vegaTraces", {
  traces: list(fields<VegaTrace>({ name: text(), unit: optional(text()), times: numbers, values: numbers })),
  title: TITLE,
});
const checkRates = signature("vegaRates", { populations: POPULATION_RATES, title: TITLE });
const checkIntervals = signature("vegaIsi", {
  populations: POPULATION_INTERVALS,
  options: fields<VegaIntervalsOptions>(
    {
      from: optional(number({ least: 0 })),
      to: optional(number({ above: 0 })),
      bins: optional(whole(1)),
      title: optional(TITLE),
    },
    { root: "options" },
  ),
});

/** Spikes as ticks, a row for each population. */
export function vegaRaster(populations: readonly PopulationSpikes[], title = "Spike raster"): VegaLiteSpec {
  checkRaster([populations, title]);
  return spec(
    title,
    populations.flatMap(({ name, times, units }) =>
      Array.from(times, (at, k): Row => ({ population: name, time: at, unit: units[k]! })),
    ),
    {
      mark: { type: "point", shape: "stroke", angle: 90, size: 12, strokeWidth: 1 },
      encoding: {
        x: time,
        y: { field: "unit", type: "quantitative", scale: { zero: false } },
        color: { field: "population", type: "nominal", legend: null },
        row: row("population"),
      },
      resolve: { scale: { y: "independent" } },
    },
  );
}

/** State variables over time: membrane potentials, conductances, synaptic variables; a row for each. */
export function vegaTraces(traces: readonly VegaTrace[], title = "Traces"): VegaLiteSpec {
  checkTraces([traces, title]);
  return spec(
    title,
    traces.flatMap(({ name, unit, times, values }) => {
      const label = unit === undefined ? name : `${name} (${unit})`;
      return Array.from(times, (at, k): Row => ({ trace: label, time: at, value: values[k]! }));
    }),
    {
      mark: { type: "line", strokeWidth: 1.2 },
      encoding: {
        x: time,
        y: { field: "value", type: "quantitative", title: null, scale: { zero: false } },
        color: { field: "trace", type: "nominal", legend: null },
        row: row("trace"),
      },
      resolve: { scale: { y: "independent" } },
    },
  );
}

/** Population rates over time, in one panel. */
export function vegaRates(populations: readonly PopulationRate[], title = "Population rates"): VegaLiteSpec {
  checkRates([populations, title]);
  return spec(
    title,
    populations.flatMap(({ name, times, rates }) =>
      Array.from(times, (at, k): Row => ({ population: name, time: at, rate: rates[k]! })),
    ),
    {
      mark: { type: "line", strokeWidth: 1.2 },
      encoding: {
        x: time,
        y: { field: "rate", type: "quantitative", title: "rate (Hz)" },
        color: { field: "population", type: "nominal" },
      },
    },
  );
}

/**
 * Histograms of inter-spike intervals, a row for each population. The counts are in the specification, not the intervals.
 * @param options.from,options.to shortest and longest interval shown, ms; by default those of the data, as in `isiHistogram`
 * @throws SpikevineError if `from` is not below `to`
 */
export const vegaIsi = (
  populations: readonly PopulationIntervals[],
  options: VegaIntervalsOptions = {},
): VegaLiteSpec => {
  checkIntervals([populations, options]);
  const { bins = 60, title = "Inter-spike intervals" } = options;
  const [from, to] = givenRange("vegaIsi", options, populations);
  const width = (to - from) / bins;
  return spec(
    title,
    populations.flatMap(({ name, intervals }) =>
      Array.from(
        histogram(intervals, bins, [from, to]),
        (count, bin): Row => ({ population: name, from: from + bin * width, to: from + (bin + 1) * width, count }),
      ),
    ),
    {
      mark: "bar",
      encoding: {
        x: { field: "from", type: "quantitative", bin: { binned: true, step: width }, title: "interval (ms)" },
        x2: { field: "to" },
        y: { field: "count", type: "quantitative" },
        color: { field: "population", type: "nominal", legend: null },
        row: row("population"),
      },
    },
  );
};

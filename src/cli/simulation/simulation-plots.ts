import {
  isiHistogram,
  membraneTraces,
  type PopulationIntervals,
  type PopulationRate,
  type PopulationSpikes,
  populationRates,
  rasterFromTimes,
  type VegaLiteSpec,
  vegaIsi,
  vegaRaster,
  vegaRates,
  vegaTraces,
} from "../../plots/index.js";
import type { StateMonitor } from "../../simulation/index.js";

/** Largest number of marks in a Vega-Lite specification; browsers are too slow for more. */
const MOST_VEGA_MARKS = 20_000;
/** Largest number of neurons whose traces are drawn. */
const MOST_TRACES = 8;

/** Pictures by file name, and a sentence for each one that is left out. */
export interface Pictures {
  readonly files: ReadonlyMap<string, string>;
  readonly leftOut: readonly string[];
}

/** Activity to draw. */
export interface DrawnActivity {
  readonly name: string;
  /** End of the simulation, ms. */
  readonly time: number;
  readonly populations: readonly PopulationSpikes[];
  readonly rates: readonly PopulationRate[];
  readonly intervals: readonly PopulationIntervals[];
}

/** Rasters, rates and histograms of intervals, each as SVG and as Vega-Lite. */
export function activityPictures({ name, time, populations, rates, intervals }: DrawnActivity): Pictures {
  const [spikes, isi] = [`${name}: spikes`, `${name}: inter-spike intervals`];
  const files = new Map([
    ["rates.svg", populationRates({ title: `${name}: rates`, populations: rates })],
    ["raster.svg", rasterFromTimes({ title: spikes, to: time, populations })],
    ["intervals.svg", isiHistogram({ title: isi, populations: intervals })],
    ["intervals.vl.json", json(vegaIsi(intervals, { title: isi }))],
  ]);
  const leftOut: string[] = [];
  const addVega = (file: string, marks: number, kind: string, instead: string, make: () => VegaLiteSpec): void => {
    if (marks <= MOST_VEGA_MARKS) files.set(file, json(make()));
    else leftOut.push(tooMany(file, marks, kind, instead));
  };
  const points = rates.reduce((sum, { times }) => sum + times.length, 0);
  addVega("rates.vl.json", points, "points", "rates.csv", () => vegaRates(rates, `${name}: rates`));
  const count = populations.reduce((sum, { times }) => sum + times.length, 0);
  addVega("raster.vl.json", count, "spikes", "raster.svg", () => vegaRaster(populations, spikes));
  return { files, leftOut };
}

/** Traces of the first neurons of the first monitor, as SVG and as Vega-Lite. */
export function tracePictures(states: readonly StateMonitor[], name: string): Pictures {
  const [first] = states;
  if (first === undefined) return { files: new Map(), leftOut: [] };
  const stepMs = first.times.length > 1 ? first.times[1]! - first.times[0]! : 1;
  const title = `${name}: ${first.variable}`;
  const unit = first.unit === undefined ? {} : { unit: first.unit };
  const drawn = first.indices.slice(0, MOST_TRACES);
  const traces = drawn.map((index) => ({ name: `${first.population.name} ${index}`, values: first.trace(index) }));
  const files = new Map([["traces.svg", membraneTraces({ title, ...unit, stepMs, traces })]]);
  const marks = traces.length * first.times.length;
  if (marks > MOST_VEGA_MARKS) {
    return { files, leftOut: [tooMany("traces.vl.json", marks, "points", "traces.svg")] };
  }
  const timed = traces.map((trace) => ({ ...trace, ...unit, times: first.times }));
  return { files: files.set("traces.vl.json", json(vegaTraces(timed, title))), leftOut: [] };
}

const json = (spec: VegaLiteSpec): string => JSON.stringify(spec);

const tooMany = (file: string, marks: number, kind: string, instead: string): string =>
  `${file} is left out, since ${marks.toLocaleString("en")} ${kind} are more than the ${MOST_VEGA_MARKS.toLocaleString("en")} that a browser draws; see ${instead}`;

import { scaleLinear } from "d3-scale";
import { fields, list, number, numbers, optional, signature, whole, text as words } from "../arguments/index.js";
import { type Box, COLORS, figure, heading, STYLE, xAxis, yAxis } from "./chart.js";
import { element, round, text } from "./svg.js";

/** Inter-spike intervals of one population, those of all its neurons together. */
export interface PopulationIntervals {
  readonly name: string;
  /** ms */
  readonly intervals: ArrayLike<number>;
}

/** Intervals of populations, as an argument. */
export const POPULATION_INTERVALS = list(fields<PopulationIntervals>({ name: words(), intervals: numbers }));

const WIDTH = 840;
const LEFT = 60;
const HEIGHT = 130;

/** Counts in `bins` equal bins of 0 .. to; longer intervals are left out. */
export function histogram(values: ArrayLike<number>, bins: number, to: number): Uint32Array {
  const counts = new Uint32Array(bins);
  for (let k = 0; k < values.length; k++) {
    const bin = Math.floor((values[k]! / to) * bins);
    if (bin >= 0 && bin < bins) counts[bin]!++;
  }
  return counts;
}

interface IntervalHistogramOptions {
  title?: string;
  to?: number;
  bins?: number;
  populations: readonly PopulationIntervals[];
}

const check = signature("isiHistogram", {
  options: fields<IntervalHistogramOptions>(
    {
      title: optional(words()),
      to: optional(number({ above: 0 })),
      bins: optional(whole(1)),
      populations: POPULATION_INTERVALS,
    },
    { root: "options" },
  ),
});

/**
 * Histograms of inter-spike intervals, one panel per population with a common axis. Returns an SVG picture.
 * @param options.to longest interval shown, ms; by default the 99th percentile of all
 * @param options.bins default 60
 */
export function isiHistogram(options: IntervalHistogramOptions): string {
  check([options]);
  const { bins = 60, populations } = options;
  const to = options.to ?? percentile99(populations);
  const x = scaleLinear()
    .domain([0, to])
    .range([LEFT, WIDTH - 20]);
  let top = 66;
  const spoken: string[] = [];
  const content = populations.flatMap(({ name, intervals }, i) => {
    const box: Box = { left: LEFT, top, width: WIDTH - LEFT - 20, height: HEIGHT };
    top += HEIGHT + 52;
    const detail = describe(intervals);
    spoken.push(`${name}: ${detail}`);
    const counts = histogram(intervals, bins, to);
    const label = i === populations.length - 1 ? { label: "interval (ms)" } : {};
    return [
      heading(box, box.top - 10, name, detail),
      bars(box, counts, COLORS[i % COLORS.length]!),
      xAxis(box, x, label),
    ];
  });
  return figure({
    width: WIDTH,
    height: top,
    title: options.title ?? "Inter-spike intervals",
    description: spoken.join("; "),
    content,
  });
}

function percentile99(populations: readonly PopulationIntervals[]): number {
  const all = Float64Array.from(populations.flatMap(({ intervals }) => Array.from(intervals))).sort();
  return all.length === 0 ? 1 : all[Math.min(all.length - 1, Math.floor(all.length * 0.99))]!;
}

function describe(intervals: ArrayLike<number>): string {
  const values = Float64Array.from(intervals);
  if (values.length === 0) return "no intervals";
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return `${values.length} intervals, ${mean.toPrecision(3)} ms on average`;
}

function bars(box: Box, counts: Uint32Array, color: string): string {
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  if (most === 0) return text(box.left, box.top + 20, "no intervals", { fill: STYLE.muted });
  const y = scaleLinear()
    .domain([0, most])
    .nice(4)
    .range([box.top + box.height, box.top]);
  const width = box.width / counts.length;
  const bottom = box.top + box.height;
  const d = Array.from(counts, (count, bin) =>
    count === 0 ? "" : `M${round(box.left + bin * width)} ${bottom}V${round(y(count))}h${round(width)}V${bottom}z`,
  ).join("");
  return yAxis(box, y) + element("path", { d, fill: color, "fill-opacity": 0.75 });
}

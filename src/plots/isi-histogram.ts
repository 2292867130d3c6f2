import { scaleLinear } from "d3-scale";
import { fields, list, number, numbers, optional, signature, whole, text as words } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { type Box, COLORS, drawable, figure, heading, STYLE, thousands, xAxis, yAxis } from "./chart.js";
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
const LEFT = 64;
const HEIGHT = 130;

/** Counts in `bins` equal bins of a range, both ends included; other intervals are left out. */
export function histogram(values: ArrayLike<number>, bins: number, [from, to]: Range): Uint32Array {
  const counts = new Uint32Array(bins);
  for (let k = 0; k < values.length; k++) {
    if (!(values[k]! >= from && values[k]! <= to)) continue;
    counts[Math.min(bins - 1, Math.floor(((values[k]! - from) / (to - from)) * bins))]!++;
  }
  return counts;
}

export type Range = readonly [from: number, to: number];

/** Times the 99th percentile, up to which the longest interval is shown. */
const LONGEST_SHOWN = 1.25;

/**
 * The range of a histogram: that of the intervals, or up to their 99th percentile if few of them are much longer, widened
 * to round numbers.
 */
export function intervalRange(populations: readonly PopulationIntervals[]): Range {
  const all = Float64Array.from(populations.flatMap(({ intervals }) => Array.from(intervals).filter(drawable))).sort();
  if (all.length === 0) return [0, 1];
  const [least, most, usual] = [all[0]!, all.at(-1)!, all[Math.ceil(0.99 * (all.length - 1))]!];
  const last = most > LONGEST_SHOWN * usual ? usual : most;
  const room = last - least > 1e-9 * last ? 0 : Math.max(0.05 * Math.abs(last), 1e-3);
  const [from, to] = scaleLinear()
    .domain([Math.max(0, least - room), last + room])
    .nice(12)
    .domain() as [number, number];
  return [from, to];
}

interface IntervalHistogramOptions {
  title?: string;
  from?: number;
  to?: number;
  bins?: number;
  populations: readonly PopulationIntervals[];
}

const check = signature("isiHistogram", {
  options: fields<IntervalHistogramOptions>(
    {
      title: optional(words()),
      from: optional(number({ least: 0 })),
      to: optional(number({ above: 0 })),
      bins: optional(whole(1)),
      populations: POPULATION_INTERVALS,
    },
    { root: "options" },
  ),
});

/**
 * Histograms of inter-spike intervals, one panel per population with a common axis. Returns an SVG picture.
 * @param options.from,options.to shortest and longest interval shown, ms; by default those of the data, or up to the 99th
 * percentile if few intervals are much longer
 * @param options.bins default 60
 * @throws SpikevineError if `from` is not below `to`
 */
export function isiHistogram(options: IntervalHistogramOptions): string {
  check([options]);
  const { bins = 60, populations } = options;
  const range = givenRange("isiHistogram", options, populations);
  const x = scaleLinear()
    .domain(range)
    .range([LEFT, WIDTH - 20]);
  let top = 66;
  const spoken: string[] = [];
  const content = populations.flatMap(({ name, intervals }, i) => {
    const box: Box = { left: LEFT, top, width: WIDTH - LEFT - 20, height: HEIGHT };
    top += HEIGHT + 52;
    const counts = histogram(intervals, bins, range);
    const detail = describe(
      intervals,
      counts.reduce((sum, count) => sum + count, 0),
    );
    spoken.push(`${name}: ${detail}`);
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

/**
 * The range that the options set, completed by that of the intervals; it begins at 0 if only its end is given.
 * @throws SpikevineError if it is empty
 */
export function givenRange(
  caller: string,
  { from, to }: { readonly from?: number; readonly to?: number },
  populations: readonly PopulationIntervals[],
): Range {
  const own = intervalRange(populations);
  const range: Range = [from ?? (to === undefined ? own[0] : 0), to ?? own[1]];
  if (range[0] < range[1]) return range;
  throw new SpikevineError(`${caller}: from is ${range[0]} and to is ${range[1]}; give a smaller from.`);
}

function describe(intervals: ArrayLike<number>, shown: number): string {
  const values = Float64Array.from(intervals);
  if (values.length === 0) return "no intervals";
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const hidden = values.length - shown;
  const rest = hidden === 0 ? "" : `, ${thousands(hidden)} of them outside`;
  return `${thousands(values.length)} intervals, ${mean.toPrecision(3)} ms on average${rest}`;
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
  return yAxis(box, y, { label: "count" }) + element("path", { d, fill: color, "fill-opacity": 0.75 });
}

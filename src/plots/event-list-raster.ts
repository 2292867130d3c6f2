import { scaleLinear } from "d3-scale";
import { fields, list, number, numbers, optional, signature, text, whole } from "../arguments/index.js";
import { type Box, COLORS, figure, heading, STYLE, thousands, xAxis, yAxis } from "./chart.js";
import { element, round } from "./svg.js";

/** The spikes of one population, as recorded by a simulation's monitor. */
export interface PopulationSpikes {
  readonly name: string;
  /** Number of neurons. */
  readonly size: number;
  /** Time of every spike, ms. */
  readonly times: ArrayLike<number>;
  /** Index of the neuron of every spike. */
  readonly units: ArrayLike<number>;
}

/** The spikes of populations, as an argument. */
export const POPULATION_SPIKES = list(
  fields<PopulationSpikes>({ name: text(), size: whole(1), times: numbers, units: numbers }),
);

const WIDTH = 840;
const LEFT = 64;
const RIGHT = 20;
/** Largest number of marks; more would overlap and make the file too large to open. */
const MOST_MARKS = 60_000;

interface EventRasterOptions {
  title?: string;
  from?: number;
  to?: number;
  populations: readonly PopulationSpikes[];
}

const check = signature("rasterFromTimes", {
  options: fields<EventRasterOptions>(
    {
      title: optional(text()),
      from: optional(number()),
      to: optional(number()),
      populations: POPULATION_SPIKES,
    },
    { root: "options" },
  ),
});

/**
 * A raster of spikes given as times: one panel per population, time to the right, neurons upward. For populations with very
 * many spikes only every n-th neuron is drawn, and the panel notes this. Returns an SVG picture.
 * @param options.from start of the shown time, ms; its end is `to`; by default from 0 to the last spike
 */
export function rasterFromTimes(options: EventRasterOptions): string {
  check([options]);
  const { from = 0, populations } = options;
  const to = options.to ?? populations.reduce((last, { times }) => latest(times, last), from + 1);
  const heights = sharedHeights(populations);
  const x = scaleLinear()
    .domain([from, to])
    .range([LEFT, WIDTH - RIGHT]);
  let top = 64;
  const spoken: string[] = [];
  const content = populations.flatMap((population, i) => {
    const box: Box = { left: LEFT, top, width: WIDTH - LEFT - RIGHT, height: heights[i]! };
    top += box.height + 36;
    const marks = visibleMarks(population, from, to);
    const hertz = (1000 * marks.count) / (population.size * (to - from));
    const every = marks.every === 1 ? "" : `, 1 neuron in ${marks.every} drawn`;
    const detail = `${thousands(population.size)} neurons, ${hertz.toFixed(1)} Hz on average${every}`;
    spoken.push(`${population.name}: ${detail}`);
    const last = i === populations.length - 1;
    return [
      heading(box, box.top - 8, population.name, detail),
      panel(box, population.size, marks, x, COLORS[i % COLORS.length]!),
      last
        ? xAxis(box, x, { label: "time (ms)" })
        : element("path", { d: `M${box.left} ${box.top + box.height}h${box.width}`, stroke: STYLE.axis }),
    ];
  });
  return figure({
    width: WIDTH,
    height: top + 14,
    title: options.title ?? "Spike raster",
    description: spoken.join("; "),
    content,
  });
}

const latest = (times: ArrayLike<number>, last: number): number =>
  Array.prototype.reduce.call(times, (a, b) => Math.max(a as number, b as number), last) as number;

/** Height of panels, proportional to the size of their populations within limits. */
function sharedHeights(populations: readonly PopulationSpikes[]): number[] {
  const all = populations.reduce((sum, { size }) => sum + size, 0);
  return populations.map(({ size }) => Math.min(Math.max(60, (320 * size) / all), size * 16 + 20));
}

interface Marks {
  readonly points: readonly (readonly [time: number, unit: number])[];
  readonly every: number;
  /** Spikes in the time shown, drawn or not. */
  readonly count: number;
}

function visibleMarks({ times, units }: PopulationSpikes, from: number, to: number): Marks {
  const inTime: [number, number][] = [];
  for (let k = 0; k < times.length; k++) {
    if (times[k]! >= from && times[k]! <= to) inTime.push([times[k]!, units[k]!]);
  }
  const every = Math.ceil(inTime.length / MOST_MARKS);
  return { points: inTime.filter(([, unit]) => unit % every === 0), every, count: inTime.length };
}

function panel(box: Box, size: number, { points }: Marks, x: (time: number) => number, color: string): string {
  const y = scaleLinear()
    .domain([0, size])
    .range([box.top + box.height, box.top]);
  const ticks = y.ticks(4).filter((tick) => Number.isInteger(tick) && tick < size);
  const height = Math.max(1, (0.7 * box.height) / size);
  const d = points.map(([time, unit]) => `M${round(x(time))} ${round(y(unit + 0.5) - height / 2)}v${round(height)}`);
  const marks = { d: d.join(""), fill: "none", stroke: color, "stroke-width": 1 };
  return yAxis(box, y, { label: "neuron", ticks, format: thousands }) + (d.length === 0 ? "" : element("path", marks));
}

import { type ScaleLinear, scaleLinear } from "d3-scale";
import { curveLinear, curveStepAfter, line } from "d3-shape";
import { kind, numbers, optional, type Schema, text as words } from "../arguments/index.js";
import { type Box, COLORS, drawable, extent, figure, heading, padded, STYLE, xAxis, yAxis } from "./chart.js";
import { element, text } from "./svg.js";
import { timeAxis } from "./time.js";

/** One quantity over time, one value per step.  */
export interface TimeRow {
  readonly name: string;
  /** E.g. `mV`; left out for a number without a unit. */
  readonly unit?: string | undefined;
  readonly values: ArrayLike<number>;
  /** Drawn as a dashed line. */
  readonly threshold?: number | undefined;
  /** Non-zero values are spikes at that step, marked above the row. */
  readonly spikes?: ArrayLike<number> | undefined;
  /** `line` joins the values; `steps` holds each until the next; `spikes` draws a bar for each that is not zero. */
  readonly kind: "line" | "steps" | "spikes";
}

/** A number, possibly one that cannot be drawn. */
export const LEVEL = kind("a number", (value) => typeof value === "number");

/** The kinds of a row's fields. */
export const ROW: Schema<Omit<TimeRow, "kind">> = {
  name: words(),
  unit: optional(words()),
  values: numbers,
  threshold: optional(LEVEL),
  spikes: optional(numbers),
};

const WIDTH = 840;
const LEFT = 60;
const RIGHT = 84;
const HEIGHTS = { line: 110, steps: 64, spikes: 36 } as const;

/** Rows in a column with a common time axis. Returns an SVG picture. */
export function timeRows(options: {
  title: string;
  description: string;
  stepMs?: number | undefined;
  rows: readonly TimeRow[];
}): string {
  const { rows } = options;
  const steps = Math.max(1, ...rows.map((row) => row.values.length));
  const { label, perStep } = timeAxis(options.stepMs);
  const integers = options.stepMs === undefined;
  const x = scaleLinear()
    .domain([0, steps * perStep])
    .range([LEFT, WIDTH - RIGHT]);
  let top = 66;
  const content = rows.map((row, i) => {
    const box: Box = { left: LEFT, top, width: WIDTH - LEFT - RIGHT, height: HEIGHTS[row.kind] };
    top += box.height + 38;
    const color = COLORS[i % COLORS.length]!;
    const title = heading(box, box.top - 14, row.name, row.unit === undefined ? undefined : `(${row.unit})`);
    const axis = xAxis(box, x, { integers, ...(i === rows.length - 1 ? { label } : { numbers: false }) });
    const body = row.kind === "spikes" ? bars(box, row.values, color, x, perStep) : curve(box, row, color, x, perStep);
    return title + body + axis;
  });
  return figure({ ...options, width: WIDTH, height: top + 10, content });
}

type Scale = ScaleLinear<number, number>;

function curve(box: Box, row: TimeRow, color: string, x: Scale, perStep: number): string {
  const values = Array.from(row.values);
  const range = extent(row.threshold === undefined ? values : [...values, row.threshold]);
  if (range === undefined) return text(box.left, box.top + 20, "no values that can be drawn", { fill: STYLE.muted });
  const y = scaleLinear()
    .domain(padded(range, 0.08))
    .range([box.top + box.height, box.top]);
  // The last value of a step line is drawn to the end of its step.
  if (row.kind === "steps" && values.length > 0) values.push(values.at(-1)!);
  const path = line<number>()
    .defined(drawable)
    .x((_, t) => x(t * perStep))
    .y((value) => y(value))
    .curve(row.kind === "steps" ? curveStepAfter : curveLinear)
    .digits(1)(values);
  const stroke = { fill: "none", stroke: color, "stroke-width": 1.6, "stroke-linejoin": "round" };
  return [
    yAxis(box, y),
    !drawable(row.threshold) ? "" : thresholdLine(box, y(row.threshold)),
    element("path", { d: path ?? "", ...stroke }),
    row.spikes === undefined ? "" : spikeMarks(box, row.spikes, x, perStep),
  ].join("");
}

/** The label is in the right margin, outside the curves. */
function thresholdLine(box: Box, y: number): string {
  const d = `M${box.left} ${Math.round(y * 10) / 10}h${box.width}`;
  return (
    element("path", { d, stroke: STYLE.muted, "stroke-dasharray": "5 4" }) +
    text(box.left + box.width + 7, y + 4, "threshold", { fill: STYLE.muted })
  );
}

/** Short marks in the strip above a row. */
function spikeMarks(box: Box, spikes: ArrayLike<number>, x: Scale, perStep: number): string {
  let d = "";
  for (let t = 0; t < spikes.length; t++) {
    if (spikes[t]) d += `M${Math.round(x(t * perStep) * 10) / 10} ${box.top - 9}v8`;
  }
  return d === "" ? "" : element("path", { d, stroke: STYLE.text, "stroke-width": 1.6 });
}

/** A bar as high as the row for every value that is not zero. */
function bars(box: Box, values: ArrayLike<number>, color: string, x: Scale, perStep: number): string {
  let d = "";
  for (let t = 0; t < values.length; t++) {
    if (values[t]) d += `M${Math.round(x(t * perStep) * 10) / 10} ${box.top + box.height}v${-box.height}`;
  }
  return d === "" ? "" : element("path", { d, stroke: color, "stroke-width": 1.8 });
}

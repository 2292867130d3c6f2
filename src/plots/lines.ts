import { type ScaleLinear, scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { fields, flag, list, numbers, optional, signature, whole, text as words } from "../arguments/index.js";
import {
  type Box,
  COLORS,
  drawable,
  extent,
  figure,
  heading,
  legend,
  padded,
  STYLE,
  thousands,
  xAxis,
  yAxis,
} from "./chart.js";
import { element, text } from "./svg.js";

/** One line of a panel: `y` over `x`, of the same length. Values that cannot be drawn leave a gap. */
export interface Line {
  readonly name: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly dashed?: boolean;
}

export interface LinePanel {
  readonly title: string;
  readonly xLabel: string;
  readonly lines: readonly Line[];
  /** Logarithmic x axis with a mark at every point; all x must be above 0. */
  readonly logarithmic?: boolean;
  /** Draws a dot at every point. */
  readonly dots?: boolean;
  /** The y axis begins at 0, as is right for quantities such as rates. */
  readonly fromZero?: boolean;
}

const WIDTH = 840;
const LEFT = 60;
const GAP = 64;
const HEIGHT = 190;

const PANEL = fields<LinePanel>({
  title: words(),
  xLabel: words(),
  lines: list(fields<Line>({ name: words(), x: numbers, y: numbers, dashed: optional(flag) })),
  logarithmic: optional(flag),
  dots: optional(flag),
  fromZero: optional(flag),
});

interface LinePlotOptions {
  title: string;
  panels: readonly LinePanel[];
  /** Default: 1. */
  columns?: number;
  note?: readonly string[];
}

const check = signature("linePlot", {
  options: fields<LinePlotOptions>(
    { title: words(), panels: list(PANEL), columns: optional(whole(1)), note: optional(list(words())) },
    { root: "options" },
  ),
});

/**
 * Panels of lines in rows of `columns`, with a note under them, e.g. on reductions. Returns an SVG picture.
 */
export function linePlot(options: LinePlotOptions): string {
  check([options]);
  const { title, panels, columns = 1, note = [] } = options;
  const width = (WIDTH - LEFT - 24 - GAP * (columns - 1)) / columns;
  const content: string[] = [];
  let top = 50;
  for (let first = 0; first < panels.length; first += columns) {
    const row = panels.slice(first, first + columns);
    const legends = row.map((panel, i) => legend(LEFT + i * (width + GAP), top + 12, width, entries(panel)));
    const boxTop = top + 20 + Math.max(...legends.map(({ height }) => height));
    row.forEach((panel, i) => {
      const box: Box = { left: LEFT + i * (width + GAP), top: boxTop, width, height: HEIGHT };
      content.push(heading(box, top + 4, panel.title), legends[i]!.svg, drawPanel(box, panel));
    });
    top = boxTop + HEIGHT + 62;
  }
  note.forEach((sentence, i) => {
    content.push(text(LEFT, top - 12 + 15 * i, sentence, { fill: STYLE.muted }));
  });
  const names = panels.map((panel) => `${panel.title}: ${panel.lines.map(({ name }) => name).join(", ")}`);
  return figure({
    width: WIDTH,
    height: top + 15 * note.length,
    title,
    description: [...names, ...note].join(". "),
    content,
  });
}

const entries = ({ lines }: LinePanel) =>
  lines.map(({ name, dashed = false }, i) => ({ label: name, color: COLORS[i % COLORS.length]!, dashed }));

function drawPanel(box: Box, panel: LinePanel): string {
  const { lines, xLabel, logarithmic = false, dots = false, fromZero = false } = panel;
  const place = (value: number): number => (logarithmic ? Math.log10(value) : value);
  const xs = extent(lines.flatMap(({ x }) => Array.from(x, place)));
  const ys = extent(lines.flatMap(({ y }) => Array.from(y)));
  if (xs === undefined || ys === undefined) {
    return text(box.left, box.top + 20, "no values that can be drawn", { fill: STYLE.muted });
  }
  const x = scaleLinear()
    .domain(xs[0] === xs[1] ? padded(xs) : xs)
    .range([box.left, box.left + box.width]);
  const y = scaleLinear()
    .domain(fromZero ? [Math.min(0, ys[0]), padded([0, Math.max(0, ys[1])])[1]] : padded(ys))
    .range([box.top + box.height, box.top]);
  const axis = logarithmic ? logarithmicAxis(box, x, lines, xLabel) : xAxis(box, x, { label: xLabel });
  const drawn = lines.map(({ x: at, y: values, dashed }, i) => {
    const points = Array.from(values, (value, k): [number, number] => [place(at[k]!), value]);
    const color = COLORS[i % COLORS.length]!;
    const path = line<[number, number]>()
      .defined(([, value]) => drawable(value))
      .x(([value]) => x(value))
      .y(([, value]) => y(value))
      .digits(1)(points);
    const dash = dashed === true ? "5 4" : undefined;
    const stroke = { stroke: color, "stroke-width": 1.6, "stroke-linejoin": "round", "stroke-dasharray": dash };
    const marks = dots ? points.filter(([, value]) => drawable(value)) : [];
    return (
      element("path", { d: path ?? "", fill: "none", ...stroke }) +
      marks.map(([cx, cy]) => element("circle", { cx: x(cx), cy: y(cy), r: 2.6, fill: color })).join("")
    );
  });
  return [yAxis(box, y), axis, ...drawn].join("");
}

/** A mark for every x. */
function logarithmicAxis(box: Box, scale: ScaleLinear<number, number>, lines: readonly Line[], label: string): string {
  const bottom = box.top + box.height;
  const values = [...new Set(lines.flatMap(({ x }) => Array.from(x)))].sort((a, b) => a - b);
  const marks = values.map((value) => {
    const at = scale(Math.log10(value));
    const mark = element("path", { d: `M${Math.round(at * 10) / 10} ${bottom}v4`, stroke: STYLE.axis });
    const shown = value >= 1e4 || value < 1e-3 ? value.toExponential() : thousands(value);
    return mark + text(at, bottom + 16, shown.replace("e+", "e"), { anchor: "middle", fill: STYLE.muted });
  });
  const base = element("path", { d: `M${box.left} ${bottom}h${box.width}`, stroke: STYLE.axis });
  const under = text(box.left + box.width / 2, bottom + 33, label, { anchor: "middle", fill: STYLE.muted });
  return base + marks.join("") + under;
}

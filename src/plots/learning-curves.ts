import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { fields, flag, kind, list, numbers, optional, signature, text as words } from "../arguments/index.js";
import {
  type Box,
  COLORS,
  drawable,
  extent,
  figure,
  heading,
  type LegendEntry,
  legend,
  padded,
  STYLE,
  xAxis,
  yAxis,
} from "./chart.js";
import { element, round, text } from "./svg.js";

/** Loss and accuracy of one split of one run, one value per epoch. Values that are missing or not finite leave a gap. */
export interface LearningCurve {
  readonly name: string;
  readonly epochs: readonly number[];
  readonly loss?: readonly (number | null)[] | undefined;
  /** As a fraction, 0 to 1. */
  readonly accuracy?: readonly (number | null)[] | undefined;
  readonly dashed?: boolean | undefined;
}

type Quantity = "loss" | "accuracy";

const WIDTH = 840;
const PANEL = { width: 350, height: 220 } as const;
const LEFTS = [52, 470] as const;
const LEGEND_TOP = 58;

const FIGURES = kind(
  "a list of numbers, null for missing values",
  (value) => Array.isArray(value) && value.every((item) => item === null || typeof item === "number"),
);

interface LearningCurvesOptions {
  title?: string;
  curves: readonly LearningCurve[];
}

const check = signature("learningCurves", {
  options: fields<LearningCurvesOptions>(
    {
      title: optional(words()),
      curves: list(
        fields<LearningCurve>({
          name: words(),
          epochs: numbers,
          loss: optional(FIGURES),
          accuracy: optional(FIGURES),
          dashed: optional(flag),
        }),
      ),
    },
    { root: "options" },
  ),
});

/** Loss and accuracy over epochs, side by side, any number of curves. Returns an SVG picture. */
export function learningCurves(options: LearningCurvesOptions): string {
  check([options]);
  const { curves } = options;
  const losses = legend(LEFTS[0], LEGEND_TOP, PANEL.width, entries(curves, "loss"));
  const accuracies = legend(LEFTS[1], LEGEND_TOP, PANEL.width, entries(curves, "accuracy"));
  const top = LEGEND_TOP + Math.max(losses.height, accuracies.height) + 8;
  const boxes = LEFTS.map((left): Box => ({ left, top, ...PANEL })) as [Box, Box];
  const last = entries(curves, "accuracy").map(({ label }) => label);
  return figure({
    width: WIDTH,
    height: top + PANEL.height + 46,
    title: options.title ?? "Learning curves",
    description: `Loss and accuracy over epochs. Last accuracy: ${last.join("; ") || "none"}.`,
    content: [losses.svg, accuracies.svg, panel(boxes[0], curves, "loss"), panel(boxes[1], curves, "accuracy")],
  });
}

function panel(box: Box, curves: readonly LearningCurve[], quantity: Quantity): string {
  const title = heading(box, LEGEND_TOP - 6, quantity === "loss" ? "Loss" : "Accuracy");
  const values = extent(curves.flatMap((curve) => curve[quantity] ?? []));
  const epochs = extent(curves.flatMap((curve) => curve.epochs));
  if (values === undefined || epochs === undefined) {
    return title + text(box.left, box.top + 20, "no values yet", { fill: STYLE.muted });
  }
  const single = epochs[0] === epochs[1];
  const x = scaleLinear()
    .domain(single ? [epochs[0] - 0.5, epochs[0] + 0.5] : epochs)
    .range([box.left, box.left + box.width]);
  const [low, high] = padded(values);
  const y = scaleLinear()
    .domain(
      quantity === "accuracy" ? [Math.max(0, low), Math.min(1, high)] : [values[0] >= 0 ? Math.max(0, low) : low, high],
    )
    .nice(6)
    .range([box.top + box.height, box.top]);
  const percent = { format: (value: number) => `${round(value * 100)} %` };
  return [
    title,
    yAxis(box, y, quantity === "accuracy" ? percent : {}),
    xAxis(box, x, { label: "epoch", integers: true }),
    ...curves.map((curve, i) => drawCurve(curve, quantity, COLORS[i % COLORS.length]!, x, y)),
  ].join("");
}

function drawCurve(
  curve: LearningCurve,
  quantity: Quantity,
  color: string,
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  const values = curve[quantity] ?? [];
  const points = curve.epochs.map((epoch, i): [number, number] => [epoch, values[i] ?? Number.NaN]);
  const path = line<[number, number]>()
    .defined(([, value]) => drawable(value))
    .x(([epoch]) => x(epoch))
    .y(([, value]) => y(value))
    .digits(1)(points);
  const stroke = {
    stroke: color,
    "stroke-width": 2,
    "stroke-linejoin": "round",
    "stroke-dasharray": curve.dashed === true ? "5 4" : undefined,
  };
  // Dots mark the epochs and make a curve of one epoch visible; they are left out for many epochs.
  const dots =
    points.length > 40
      ? []
      : points
          .filter(([, value]) => drawable(value))
          .map(([epoch, value]) => element("circle", { cx: x(epoch), cy: y(value), r: 2.6, fill: color }));
  return element("path", { d: path ?? "", fill: "none", ...stroke }) + dots.join("");
}

/** Names with their last values: `test 97.31 %`. */
function entries(curves: readonly LearningCurve[], quantity: Quantity): LegendEntry[] {
  return curves.flatMap((curve, i) => {
    const last = curve[quantity]?.findLast(drawable);
    if (!drawable(last)) return [];
    const value = quantity === "accuracy" ? `${(100 * last).toFixed(2)} %` : last.toPrecision(3);
    const style = { color: COLORS[i % COLORS.length]!, dashed: curve.dashed === true };
    return [{ label: `${curve.name} ${value}`, ...style }];
  });
}

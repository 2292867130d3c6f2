import type { ScaleLinear } from "d3-scale";
import { element, escapeXml, round, text, textWidth } from "./svg.js";

/** Common elements of the plots: the frame, axes, headings and the legend, in one style for light and dark pages. */

export const STYLE = { text: "#1f2328", muted: "#59636e", axis: "#818b98", grid: "#e4e8ec", paper: "#ffffff" } as const;

/** Okabe and Ito's colors, told apart by people with any color vision. */
export const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#4d4d4d"] as const;

/** Each color on a dark page. Viewers without style sheets show the light ones, which are the attributes. */
const DARK: Readonly<Record<string, string>> = {
  [STYLE.text]: "#e6edf3",
  [STYLE.muted]: "#9198a1",
  [STYLE.axis]: "#656c76",
  [STYLE.grid]: "#2a313c",
  [STYLE.paper]: "#0d1117",
  "#0072b2": "#4aa8de",
  "#d55e00": "#f0803c",
  "#009e73": "#2bbf95",
  "#4d4d4d": "#b5bbc2",
};

const DARK_RULES = Object.entries(DARK)
  .flatMap(([light, dark]) => ["fill", "stroke"].map((of) => `[${of}="${light}"]{${of}:${dark}}`))
  .join("");

const FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif";
const TICK = 11;

/** Area of a panel's data, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A whole picture. The title is drawn; screen readers read the description instead. */
export function figure(options: {
  width: number;
  height: number;
  title: string;
  description: string;
  content: readonly string[];
}): string {
  const { width, height, title, description } = options;
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    width,
    height,
    viewBox: `0 0 ${Math.round(width)} ${Math.round(height)}`,
    role: "img",
    "aria-label": `${title}. ${description}`,
    "font-family": FONT,
    "font-size": TICK,
    fill: STYLE.text,
  };
  return `${element(
    "svg",
    attributes,
    element("title", {}, escapeXml(title)),
    element("desc", {}, escapeXml(description)),
    element("style", {}, `@media (prefers-color-scheme: dark){${DARK_RULES}}`),
    element("rect", { width, height, fill: STYLE.paper }),
    text(16, 26, title, { size: 15, bold: true }),
    ...options.content,
  )}\n`;
}

/** The line above a panel: its name in bold, then details. */
export function heading(box: Box, y: number, name: string, detail = ""): string {
  const bold = element("tspan", { "font-size": 12, "font-weight": 600, fill: STYLE.text }, escapeXml(name));
  const rest = detail === "" ? "" : element("tspan", { dx: 8 }, escapeXml(detail));
  return element("text", { x: box.left, y, fill: STYLE.muted }, bold, rest);
}

/** An axis under a panel. With `integers`, only whole numbers are marked; with `numbers: false`, only the marks. */
export function xAxis(
  box: Box,
  scale: ScaleLinear<number, number>,
  options: { label?: string; integers?: boolean; numbers?: boolean } = {},
): string {
  const count = Math.max(2, Math.floor(box.width / 70));
  const ticks = scale.ticks(count).filter((tick) => options.integers !== true || Number.isInteger(tick));
  const format = options.integers === true ? thousands : scale.tickFormat(count);
  const bottom = box.top + box.height;
  const marks = ticks.map((tick) => {
    const x = scale(tick);
    const mark = element("path", { d: `M${Math.round(x * 10) / 10} ${bottom}v4`, stroke: STYLE.axis });
    if (options.numbers === false) return mark;
    return mark + text(x, bottom + 16, format(tick), { anchor: "middle", fill: STYLE.muted });
  });
  const line = element("path", { d: `M${box.left} ${bottom}h${box.width}`, stroke: STYLE.axis });
  const label =
    options.label === undefined
      ? ""
      : text(box.left + box.width / 2, bottom + 33, options.label, { anchor: "middle", fill: STYLE.muted });
  return line + marks.join("") + label;
}

/**
 * Numbers at the left of a panel with a thin line across for each, and the label along them. `ticks` in place of the
 * scale's own, if given.
 */
export function yAxis(
  box: Box,
  scale: ScaleLinear<number, number>,
  options: { label?: string; ticks?: readonly number[]; format?: (value: number) => string } = {},
): string {
  const count = Math.max(2, Math.floor(box.height / 36));
  const format = options.format ?? scale.tickFormat(count);
  const marks = (options.ticks ?? scale.ticks(count)).map((tick) => {
    const y = scale(tick);
    return (
      element("path", { d: `M${box.left} ${Math.round(y * 10) / 10}h${box.width}`, stroke: STYLE.grid }) +
      text(box.left - 7, y + 4, format(tick), { anchor: "end", fill: STYLE.muted })
    );
  });
  return marks.join("") + (options.label === undefined ? "" : sideLabel(box, options.label));
}

/** The label of a vertical axis, read from below, left of its numbers. */
function sideLabel(box: Box, label: string): string {
  const [x, y] = [14, box.top + box.height / 2];
  const attributes = { x, y, "text-anchor": "middle", fill: STYLE.muted, transform: `rotate(-90 ${x} ${round(y)})` };
  return element("text", attributes, escapeXml(label));
}

/** A number as all plots and headings write it: `12,345`. */
export const thousands = (value: number): string => value.toLocaleString("en");

export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  readonly dashed?: boolean;
}

const ROW = 17;

/** The legend's entries in as many columns as fit the width. Returns the SVG and the height used, in pixels. */
export function legend(left: number, top: number, width: number, entries: readonly LegendEntry[]) {
  const columnWidth = 40 + Math.max(0, ...entries.map(({ label }) => textWidth(label, TICK)));
  const columns = Math.max(1, Math.floor((width + 16) / columnWidth));
  const parts = entries.map(({ label, color, dashed }, i) => {
    const x = left + (i % columns) * columnWidth;
    const y = top + Math.floor(i / columns) * ROW + 8;
    const line = { d: `M${Math.round(x)} ${y}h18`, stroke: color, "stroke-width": 2 };
    const dash = dashed === true ? "4 3" : undefined;
    return element("path", { ...line, "stroke-dasharray": dash }) + text(Math.round(x) + 24, y + 4, label);
  });
  return { svg: parts.join(""), height: Math.ceil(entries.length / columns) * ROW };
}

/** True if a value can be drawn: a number with which arithmetic on pixels does not overflow. */
export function drawable(value: number | null | undefined): value is number {
  return typeof value === "number" && Math.abs(value) < 1e100;
}

/** The smallest and largest value that can be drawn, or undefined when there is none. */
export function extent(values: Iterable<number | null | undefined>): [low: number, high: number] | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!drawable(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : undefined;
}

/** Adds a margin to a range; a range of nearly one value gets a minimal width. */
export function padded([low, high]: readonly [number, number], share = 0.06): [number, number] {
  const least = Math.max(Math.abs(low), Math.abs(high), 1e-2) * 1e-6;
  const room = high - low > least ? (high - low) * share : Math.max(Math.abs(low) * 0.1, 1e-3);
  return [low - room, high + room];
}

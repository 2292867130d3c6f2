import { fitPlateau, SpikevineError } from "spikevine";
import type { Line } from "spikevine/plots";
import type { FinishedPoint, Setting } from "spikevine/sweep";

/** The paper's value for a row: a number, a figure without numbers, a text without access, or none. */
export type Published = number | "figure only" | "no access" | "";

/** For an experiment for which the paper has figures without numbers, with these methods. */
export const figureOnly = (method: string, methods: readonly string[] = ["SGD", "GRAPES"]): Published =>
  methods.includes(method) ? "figure only" : "";

export interface Row {
  /** First cells of the row: its settings. */
  readonly of: readonly string[];
  readonly paper: Published;
  /** Percentages, one per seed. */
  readonly here: readonly number[];
  /** Cells after the comparison. */
  readonly more?: readonly string[];
}

/** `| ... | paper | here | difference | ... |`, in per cent. */
export function comparison(heading: { of: readonly string[]; more?: readonly string[] }, rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const columns = [...heading.of, "paper", "here", "difference", ...(heading.more ?? [])];
  const body = rows.map(({ of, paper, here, more = [] }) => {
    const difference = typeof paper === "number" ? signed(mean(here.filter(Number.isFinite)) - paper) : "";
    const published = typeof paper === "number" ? paper.toFixed(2) : paper;
    return line([...of, published, spread(here), difference, ...more]);
  });
  return [line(columns), `|${"---|".repeat(columns.length)}`, ...body].join("\n");
}

/** The points with these settings. */
export const having = (points: readonly FinishedPoint[], wanted: Readonly<Record<string, Setting>>): FinishedPoint[] =>
  points.filter(({ settings }) =>
    Object.entries(wanted).every(([name, value]) => JSON.stringify(settings[name]) === JSON.stringify(value)),
  );

/** A fraction as a percentage, one per point. */
export const percentages = (points: readonly FinishedPoint[], metric: string): number[] =>
  points.map(({ metrics }) => 100 * metrics[metric]!);

/** A curve of fractions over epochs as percentages, averaged over the points that have not diverged. */
export function meanLine(name: string, points: readonly FinishedPoint[], curve: string): Line {
  const at = (i: number): number[] => points.map(({ curves }) => 100 * curves[curve]![i]!).filter(Number.isFinite);
  const y = points[0]!.curves[curve]!.map((_, i) => mean(at(i)));
  return { name, x: y.map((_, i) => i + 1), y };
}

/**
 * Slowness of learning, in epochs: the mean over the points' test curves and its standard error; for one point, that of its
 * fit. A dash if a curve has no plateau.
 */
export function slowness(points: readonly FinishedPoint[]): string {
  try {
    const fits = points.map(({ curves }) => fitPlateau(curves.test!));
    const each = fits.map((fit) => fit.slowness);
    const error = fits.length === 1 ? fits[0]!.slownessError : deviation(each) / Math.sqrt(fits.length);
    return `${mean(each).toFixed(4)} ± ${error.toFixed(4)}`;
  } catch (error) {
    if (error instanceof SpikevineError) return "-";
    throw error;
  }
}

export const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** `97.51 ± 0.12`: mean and standard deviation; for one value, that value. Diverged runs are counted separately. */
export function spread(values: readonly number[], digits = 2): string {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return "diverged";
  const middle = mean(finite).toFixed(digits);
  const text = finite.length < 2 ? middle : `${middle} ± ${deviation(finite).toFixed(digits)}`;
  return finite.length === values.length
    ? text
    : `${text} (${values.length - finite.length} of ${values.length} diverged)`;
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - middle) ** 2, 0) / (values.length - 1));
}

const signed = (value: number): string => (Number.isNaN(value) ? "" : `${value < 0 ? "" : "+"}${value.toFixed(2)}`);

/** `1 seed`, `5 epochs`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

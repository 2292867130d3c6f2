import type { FinishedPoint, Point, Settings } from "spikevine/sweep";
import { sweepPoints } from "spikevine/sweep";
import { having } from "../grapes/report.js";
import { DEFAULT_CONSTANTS, type OptimizerSettings } from "./optimizers.js";

/** A row of a table over learning rates: an optimizer with its time constants. */
export interface Series extends Pick<OptimizerSettings, "optimizer" | "tauM" | "tauRho"> {
  readonly name: string;
}

const isDefault = ({ tauM, tauRho }: { tauM: number; tauRho: number }): boolean =>
  tauM === DEFAULT_CONSTANTS.tauM && tauRho === DEFAULT_CONSTANTS.tauRho;

/** Adam with the default time constants, and Bio-Adam with all of them. */
export function gridSeries(tausM: readonly number[], tausRho: readonly number[]): Series[] {
  const { tauM, tauRho } = DEFAULT_CONSTANTS;
  const pairs = tausM.flatMap((m) => tausRho.map((rho) => ({ tauM: m, tauRho: rho })));
  return [
    { name: "Adam", optimizer: "Adam", tauM, tauRho },
    ...pairs.map((of) => ({ name: `Bio-Adam, ${of.tauM}, ${of.tauRho}`, optimizer: "Bio-Adam" as const, ...of })),
  ];
}

/**
 * All points of a grid. The default time constants come first, then the others rate by rate: a sweep that is stopped has
 * complete rows.
 */
export function gridPoints(
  series: readonly Series[],
  rates: readonly number[],
  fixed: Settings,
  seeds: readonly number[],
): Point[] {
  const at = (rows: readonly Series[]): Point[] =>
    rates.flatMap((learningRate) =>
      rows.flatMap(({ name: _, ...of }) => sweepPoints({ fixed: { ...fixed, ...of, learningRate }, vary: {}, seeds })),
    );
  return [...at(series.filter(isDefault)), ...at(series.filter((of) => !isDefault(of)))];
}

/** The mean of a metric over seeds; undefined if no point is finished, NaN if one has diverged. */
export function gridValue(
  results: readonly FinishedPoint[],
  { name: _, ...of }: Series,
  learningRate: number,
  metric: string,
): number | undefined {
  const runs = having(results, { ...of, learningRate });
  if (runs.length === 0) return undefined;
  return runs.reduce((sum, { metrics }) => sum + metrics[metric]!, 0) / runs.length;
}

/** A row for each optimizer, a column for each learning rate; cells of points that are not finished are empty. */
export function gridTable(
  results: readonly FinishedPoint[],
  series: readonly Series[],
  rates: readonly number[],
  metric: string,
  text: (value: number) => string,
): string {
  const ascending = [...rates].sort((a, b) => a - b);
  const rows = series.map((of) => {
    const cells = ascending.map((rate) => {
      const value = gridValue(results, of, rate, metric);
      if (value === undefined) return "";
      return Number.isNaN(value) ? "diverged" : text(value);
    });
    return [of.name, ...cells];
  });
  const heading = ["tau_m, tau_rho", ...ascending.map((rate) => rate.toExponential())];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(heading), `|${"---|".repeat(heading.length)}`, ...rows.map(line)].join("\n");
}

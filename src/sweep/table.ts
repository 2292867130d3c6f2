import { list, made, signature } from "../arguments/index.js";
import { ownValue } from "../own-value.js";
import type { Setting, Settings } from "./point.js";
import type { FinishedPoint } from "./point-file.js";

/** Statistics of a figure over the seeds of one setting; values that are not numbers do not count. */
export interface SeedStatistics {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (n - 1); NaN for fewer than two. */
  readonly deviation: number;
}

/** Points of one setting with any seed. */
export interface SettingStatistics {
  /** The varied settings. */
  readonly settings: Settings;
  readonly points: readonly FinishedPoint[];
  readonly metrics: Readonly<Record<string, SeedStatistics>>;
}

/** The finished points of a sweep, with statistics of each setting. */
export interface SweepTable {
  readonly points: readonly FinishedPoint[];
  readonly summaries: readonly SettingStatistics[];
  /** Settings that are equal in all points. */
  readonly fixed: Settings;
  /** Names of the other settings. */
  readonly varied: readonly string[];
  /** Names of the metrics, in the order in which points first give them. */
  readonly metrics: readonly string[];
}

const check = signature("sweepTable", { points: list(made("a finished point", "settings", "metrics", "seed")) });

/** A table as an argument. */
export const TABLE = made("what sweepTable() makes", "points", "summaries", "varied", "metrics");

/** Groups points by their settings, in order of first appearance. */
export function sweepTable(points: readonly FinishedPoint[]): SweepTable {
  check([points]);
  const names = [...new Set(points.flatMap(({ settings }) => Object.keys(settings)))];
  const isFixed = (name: string): boolean =>
    new Set(points.map(({ settings }) => key(ownValue(settings, name)))).size === 1;
  const varied = names.filter((name) => !isFixed(name));
  const metrics = [...new Set(points.flatMap((point) => Object.keys(point.metrics)))];
  const groups = new Map<string, FinishedPoint[]>();
  for (const point of points) {
    const group = varied.map((name) => key(ownValue(point.settings, name))).join();
    groups.set(group, [...(groups.get(group) ?? []), point]);
  }
  return {
    points,
    summaries: [...groups.values()].map((group) => ({
      settings: pick(group[0]!.settings, varied),
      points: group,
      metrics: Object.fromEntries(
        metrics.map((name) => [name, spread(group.map((point) => ownValue(point.metrics, name)))]),
      ),
    })),
    fixed: pick(points[0]?.settings ?? {}, names.filter(isFixed)),
    varied,
    metrics,
  };
}

function spread(given: readonly (number | undefined)[]): SeedStatistics {
  const values = given.filter((value): value is number => value !== undefined && !Number.isNaN(value));
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, deviation: n < 2 ? Number.NaN : Math.sqrt(squares / (n - 1)) };
}

/** Text that identifies a value; a missing setting differs from every value. */
const key = (value: Setting | undefined): string => (value === undefined ? "" : JSON.stringify(value));

const pick = (settings: Settings, names: readonly string[]): Settings =>
  Object.fromEntries(names.flatMap((name) => (Object.hasOwn(settings, name) ? [[name, settings[name]!]] : [])));

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How many times faster than the plain implementation, for every case of a run. */
export type Ratios = Readonly<Record<string, number>>;

/** Ratios of a run that was known to be good, with where and when. */
export interface Baseline {
  readonly machine: string;
  readonly date: string;
  readonly ratios: Ratios;
}

/** A ratio may fall to this share of the baseline's before it counts as a regression. */
const TOLERATED = 2 / 3;

export interface Regression {
  readonly name: string;
  readonly now: number;
  readonly before: number;
}

/** Cases of both whose ratio has fallen by more than a third. */
export const regressions = (now: Ratios, before: Ratios): Regression[] =>
  Object.entries(now).flatMap(([name, ratio]) => {
    const known = before[name];
    return known !== undefined && ratio < known * TOLERATED ? [{ name, now: ratio, before: known }] : [];
  });

const fileIn = (root: string): string => join(root, "bench", "baseline.json");

export const readBaseline = (root: string): Baseline | undefined =>
  existsSync(fileIn(root)) ? (JSON.parse(readFileSync(fileIn(root), "utf8")) as Baseline) : undefined;

/** Keeps ratios; cases that this run left out stay as they were. */
export function writeBaseline(root: string, { machine, date, ratios }: Baseline): void {
  const rounded = Object.fromEntries(Object.entries(ratios).map(([name, ratio]) => [name, Number(ratio.toFixed(2))]));
  const merged = { ...readBaseline(root)?.ratios, ...rounded };
  writeFileSync(fileIn(root), `${JSON.stringify({ machine, date, ratios: merged }, undefined, 2)}\n`);
}

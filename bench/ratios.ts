import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Speed relative to the plain implementation, for every case of a run. */
export type Ratios = Readonly<Record<string, number>>;

/** Ratios of a good run, with its machine and date. */
export interface Baseline {
  readonly machine: string;
  readonly date: string;
  readonly ratios: Ratios;
}

/** A ratio below this fraction of the baseline's counts as a regression. */
const TOLERATED = 2 / 3;

export interface Regression {
  readonly name: string;
  readonly now: number;
  readonly before: number;
}

/** Cases in both runs whose ratio has fallen by more than a third. */
export const regressions = (now: Ratios, before: Ratios): Regression[] =>
  Object.entries(now).flatMap(([name, ratio]) => {
    const known = before[name];
    return known !== undefined && ratio < known * TOLERATED ? [{ name, now: ratio, before: known }] : [];
  });

const fileIn = (root: string): string => join(root, "bench", "baseline.json");

export const readBaseline = (root: string): Baseline | undefined =>
  existsSync(fileIn(root)) ? (JSON.parse(readFileSync(fileIn(root), "utf8")) as Baseline) : undefined;

/** Writes ratios; cases that this run left out are not changed. */
export function writeBaseline(root: string, { machine, date, ratios }: Baseline): void {
  const rounded = Object.fromEntries(Object.entries(ratios).map(([name, ratio]) => [name, Number(ratio.toFixed(2))]));
  const merged = { ...readBaseline(root)?.ratios, ...rounded };
  writeFileSync(fileIn(root), `${JSON.stringify({ machine, date, ratios: merged }, undefined, 2)}\n`);
}

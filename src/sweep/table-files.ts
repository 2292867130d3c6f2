import { join } from "node:path";
import { optional, signature } from "../arguments/index.js";
import { writeAtomically } from "../io/atomic-file.js";
import type { FileSystem } from "../io/file-system.js";
import { quoted } from "../io/formats/csv.js";
import { ownValue } from "../own-value.js";
import { SETTING, type Setting, type Settings } from "./point.js";
import { type SeedStatistics, type SweepTable, TABLE } from "./table.js";

const checkSetting = signature("settingText", { value: optional(SETTING) });
const checkTable = signature("sweep", { table: TABLE });

/** Writes `points.csv` (one row per point), `settings.csv` and `table.md` (one row per setting) to a folder. */
export async function writeTables(folder: string, table: SweepTable, files?: FileSystem): Promise<void> {
  await writeAtomically(join(folder, "points.csv"), pointsCsv(table), files);
  await writeAtomically(join(folder, "settings.csv"), settingsCsv(table), files);
  await writeAtomically(join(folder, "table.md"), `${sweepMarkdown(table)}\n`, files);
}

/** One row per point: the varied settings, the seed, every metric. Missing values are empty. */
export function pointsCsv(table: SweepTable): string {
  checkTable([table], "pointsCsv");
  const { points, varied, metrics } = table;
  const rows = points.map((point) => [
    ...varied.map((name) => settingText(ownValue(point.settings, name))),
    String(point.seed),
    ...metrics.map((name) => numberText(ownValue(point.metrics, name))),
    String(point.seconds),
    point.id,
  ]);
  return csv([...varied, "seed", ...metrics, "point seconds", "point"], rows);
}

/** One row per setting: the varied settings, and mean, standard deviation and number of every metric. */
export function settingsCsv(table: SweepTable): string {
  checkTable([table], "settingsCsv");
  const { summaries, varied, metrics } = table;
  const heading = metrics.flatMap((name) => [`${name} mean`, `${name} deviation`, `${name} n`]);
  const rows = summaries.map((summary) => [
    ...varied.map((name) => settingText(ownValue(summary.settings, name))),
    ...metrics.flatMap((name) => {
      const { mean, deviation, n } = summary.metrics[name]!;
      return [numberText(mean), numberText(deviation), String(n)];
    }),
  ]);
  return csv([...varied, ...heading], rows);
}

/** One row per setting in readable form: the varied settings, the number of points, `mean ± standard deviation`. */
export function summaryRows(table: SweepTable): { heading: string[]; rows: string[][] } {
  checkTable([table], "summaryRows");
  const { summaries, varied, metrics } = table;
  const rows = summaries.map((summary) => [
    ...varied.map((name) => settingText(ownValue(summary.settings, name))),
    String(summary.points.length),
    ...metrics.map((name) => spreadText(summary.metrics[name]!, summary.points.length)),
  ]);
  return { heading: [...varied, "n", ...metrics], rows };
}

/** The same table as Markdown, followed by the settings that all points share. */
export function sweepMarkdown(table: SweepTable): string {
  checkTable([table], "sweepMarkdown");
  const { heading, rows } = summaryRows(table);
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const same = fixedText(table.fixed);
  return [
    line(heading),
    `|${"---|".repeat(heading.length)}`,
    ...rows.map(line),
    "",
    `Mean ± standard deviation over n seeds.${same === "" ? "" : ` The same in all: ${same}.`}`,
  ].join("\n");
}

/** `epochs 5, optimizer sgd`; a setting that is null is left out everywhere and is not shown. */
const fixedText = (settings: Settings): string =>
  Object.entries(settings)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${settingText(value)}`)
    .join(", ");

/**
 * `93.5 ± 0.21`; with its own number, `93.5 ± 0.21 (2)`, if the metric has fewer values than the setting has points.
 */
function spreadText({ n, mean, deviation }: SeedStatistics, points: number): string {
  if (n === 0) return "";
  const isExact = Number.isNaN(deviation) || deviation === 0;
  const digits = isExact && Number.isInteger(mean) ? 0 : decimals(isExact ? mean / 1000 : deviation / 10);
  const text = Number.isNaN(deviation)
    ? mean.toFixed(digits)
    : `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
  return n === points ? text : `${text} (${n})`;
}

/** Decimals down to a number's first significant digit. */
const decimals = (value: number): number =>
  value === 0 ? 0 : Math.min(12, Math.max(0, -Math.floor(Math.log10(Math.abs(value)))));

export function settingText(value: Setting | undefined): string {
  checkSetting([value]);
  if (value === undefined) return "";
  return Array.isArray(value) ? value.join("+") : String(value);
}

const numberText = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? "" : String(value);

const csv = (heading: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heading, ...rows].map((row) => `${row.map(quoted).join(",")}\r\n`).join("");

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type FinishedPoint, type Point, sweepPoint } from "spikevine/sweep";
import { outFolder } from "./settings.js";

/**
 * Points of a long sweep that this repository has, so that a later run adds to them: a JSON list of points in the order in
 * which they were finished.
 * @param file path from the folder `examples`
 */
export async function storedPoints(file: string): Promise<FinishedPoint[]> {
  const text = await readFile(new URL(`../../examples/${file}`, import.meta.url), "utf8");
  return (JSON.parse(text) as StoredPoint[]).map(({ settings, seed, metrics, curves, seconds }) => ({
    ...sweepPoint({ ...settings, dataDir: null }, seed),
    metrics: mapped(metrics, figure),
    curves: mapped(curves, (values) => values.map(figure)),
    seconds,
  }));
}

/** A figure of a training that diverged is null, since JSON has no NaN. */
type Figure = number | null;

interface StoredPoint extends Pick<FinishedPoint, "settings" | "seed" | "seconds"> {
  readonly metrics: Readonly<Record<string, Figure>>;
  readonly curves: Readonly<Record<string, readonly Figure[]>>;
}

const figure = (value: Figure): number => value ?? Number.NaN;

const mapped = <A, B>(values: Readonly<Record<string, A>>, by: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, by(value)]));

/** The stored point of the same settings and seed, wherever the data are; undefined if there is none. */
export function storedPoint(stored: readonly FinishedPoint[], { settings, seed }: Point): FinishedPoint | undefined {
  const { id } = sweepPoint({ ...settings, dataDir: null }, seed);
  return stored.find((point) => point.id === id);
}

/** Writes stored and new points as `NAME.json` in `outFolder`, from where they can be copied to the repository and formatted. */
export async function savePoints(
  name: string,
  stored: readonly FinishedPoint[],
  results: readonly FinishedPoint[],
): Promise<void> {
  const added = results.filter((point) => storedPoint(stored, point) === undefined);
  const points = [...stored, ...added].map(({ settings, seed, metrics, curves, seconds }) => {
    const { dataDir: _, ...kept } = settings;
    return { settings: kept, seed, metrics, curves, seconds };
  });
  const path = join(outFolder(name), `${name}.json`);
  await mkdir(outFolder(name), { recursive: true });
  await writeFile(path, `[\n${points.map((point) => JSON.stringify(point)).join(",\n")}\n]\n`);
  console.log(`\n${path}: ${added.length} new points`);
}

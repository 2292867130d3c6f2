import { type FinishedPoint, type Point, runSweep, threadRunner } from "spikevine/sweep";
import { outFolder } from "../settings.js";
import { storedPoint } from "../stored-points.js";

/**
 * Runs the points of an experiment, each on one core, and saves finished points in the experiment's folder: the same
 * command resumes after a stop. Ctrl-C stops it.
 * @param options.threads points at the same time; default: one per core
 * @param options.module,options.run module and name of the point function; default: `trainPoint`
 * @param options.stored points that are finished already
 * @param options.partial returns the points that are finished after a stop, instead of ending the process
 *
 * A point that fails is reported, and the process ends with an error after the other points have finished.
 */
export async function runPoints(
  name: string,
  points: readonly Point[],
  options: {
    threads: number | undefined;
    module?: URL;
    run?: string;
    stored?: readonly FinishedPoint[];
    partial?: true;
  },
): Promise<readonly FinishedPoint[]> {
  const stored = points.flatMap((point) => storedPoint(options.stored ?? [], point) ?? []);
  const missing = points.filter((point) => storedPoint(stored, point) === undefined);
  return missing.length === 0 ? stored : [...stored, ...(await runMissing(name, missing, options))];
}

async function runMissing(
  name: string,
  points: readonly Point[],
  options: { threads: number | undefined; module?: URL; run?: string; partial?: true },
): Promise<readonly FinishedPoint[]> {
  const { module = new URL("./train-point.js", import.meta.url), run = "trainPoint", threads } = options;
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  const varied = Object.keys(points[0]!.settings).filter(
    (field) => new Set(points.map(({ settings }) => JSON.stringify(settings[field]))).size > 1,
  );
  const { table, failures, stopped } = await runSweep({
    folder: outFolder(name),
    points,
    runner: threadRunner({ module, run, ...(threads === undefined ? {} : { threads }) }),
    signal: stop.signal,
    onPoint(ended, { finished, points: all }) {
      const which = [...varied.map((field) => String(ended.settings[field])), `seed ${ended.seed}`].join(", ");
      console.log(
        "error" in ended
          ? `${which}: ${ended.error.message}`
          : `${finished}/${all} ${which}: ${figures(ended)}, ${ended.seconds.toFixed(0)} s`,
      );
    },
  });
  if (stopped) {
    console.error(`Stopped; run the same command again for the missing points in ${outFolder(name)}.`);
    process.exitCode = 130;
    if (options.partial !== true) process.exit();
  }
  if (failures.length > 0) {
    console.error(`${failures.length} of ${points.length} points failed; run the same command again to retry them.`);
    process.exit(1);
  }
  return table.points;
}

const figures = ({ metrics }: FinishedPoint): string =>
  Object.entries(metrics)
    .map(([metric, value]) => `${metric} ${value.toPrecision(4)}`)
    .join(", ");

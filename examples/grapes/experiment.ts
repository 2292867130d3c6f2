import { type FinishedPoint, type Point, runSweep, threadRunner } from "spikevine/sweep";
import { outFolder } from "../settings.js";

/**
 * Works on the points of an experiment, each on one core, and keeps what is finished in the experiment's folder: the
 * same command goes on where it was stopped. Ctrl-C stops it.
 * @param options.threads points at the same time; default: one a core
 * @param options.module,options.run where the point function is; default: `trainPoint`
 * A point that fails is told of, and the process ends with it after the others have had their turn.
 */
export async function runPoints(
  name: string,
  points: readonly Point[],
  options: { threads: number | undefined; module?: URL; run?: string },
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
    console.error(`Stopped; the same command goes on with what is missing in ${outFolder(name)}.`);
    process.exit(130);
  }
  if (failures.length > 0) {
    console.error(`${failures.length} of ${points.length} points failed; the same command tries them again.`);
    process.exit(1);
  }
  return table.points;
}

const figures = ({ metrics }: FinishedPoint): string =>
  Object.entries(metrics)
    .map(([metric, value]) => `${metric} ${value.toPrecision(4)}`)
    .join(", ");

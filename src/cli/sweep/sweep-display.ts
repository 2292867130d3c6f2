import type { Field } from "../../experiment/fields.js";
import type { SweepSection } from "../../experiment/sweep-section.js";
import type { Point, Setting, Sweep, SweepOptions } from "../../sweep/index.js";
import { settingText, summaryRows } from "../../sweep/table-files.js";
import { atMostEvery, duration, progressLine } from "../terminal/progress.js";
import { percent, table } from "../terminal/table.js";
import type { Terminal } from "../terminal/terminal.js";

/** Metrics in the table on the terminal; the files have all of them. */
const TABLED: readonly string[] = ["accuracy", "best", "bestEpoch", "slowness", "trainingSeconds"];

/** Terminal output of a sweep: a bar over all points, a line for each finished point, and a table at the end. */
export interface SweepDisplay extends Required<Pick<SweepOptions, "onProgress" | "onPoint">> {
  end(sweep: Sweep): void;
}

export function sweepDisplay(terminal: Terminal, vary: SweepSection["vary"]): SweepDisplay {
  const began = performance.now();
  const name = (point: Point): string => pointName(point, [...vary.keys()]);
  const show = atMostEvery<Parameters<SweepDisplay["onProgress"]>>(
    80,
    ({ points, kept, finished, failed, running }) => {
      const partly = [...running.values()].reduce((sum, fraction) => sum + fraction, 0);
      terminal.status(
        progressLine({
          width: terminal.width,
          label: `${finished + failed}/${points} points`,
          // Points from earlier calls took no time now, so they do not count in the estimate of the time left.
          done: finished + failed - kept + partly,
          of: points - kept,
          seconds: (performance.now() - began) / 1000,
          figures: [`${running.size} running`, ...(failed > 0 ? [`${failed} failed`] : [])],
        }),
      );
    },
  );
  return {
    onProgress: show,
    onPoint(ended, { finished, failed, points }) {
      const head = `${String(finished + failed).padStart(String(points).length)}/${points}  ${name(ended)}`;
      if ("error" in ended) {
        terminal.line(`${head}  failed: ${ended.error.message}`);
        return;
      }
      const { accuracy = Number.NaN, best = Number.NaN } = ended.metrics;
      terminal.line(`${head}  test ${percent(accuracy)}  best epoch ${percent(best)}  ${duration(ended.seconds)}`);
    },
    end({ table: result, kept, failures, problems }) {
      for (const problem of problems) terminal.error(`spikevine: ${problem}`);
      const { heading, rows } = summaryRows({
        ...result,
        metrics: result.metrics.filter((name) => TABLED.includes(name)),
      });
      terminal.line();
      if (rows.length > 0) {
        terminal.line(table(heading, rows, heading.map((_, i) => i).slice(result.varied.length)), "table");
      }
      if (kept > 0) terminal.line(`${kept} of ${result.points.length} points are from earlier calls`);
      for (const point of failures) terminal.error(`spikevine: ${name(point)} failed: ${point.error.message}`);
    },
  };
}

/** The results of a sweep as one object. */
export function sweepFigures(folder: string, points: number, { table, failures }: Sweep): object {
  return {
    folder,
    missing: points - table.points.length,
    points: table.points.map(({ id, settings, seed, metrics, curves, seconds }) => ({
      ...{ id, seed, settings: Object.fromEntries(table.varied.map((name) => [name, settings[name]])) },
      ...{ metrics, curves, seconds },
    })),
    settings: table.summaries.map(({ settings, metrics }) => ({ settings, metrics })),
    failures: failures.map(({ id, seed, error }) => ({ id, seed, error: error.message })),
  };
}

/** `learning-rate 0.1, grapes off, seed 3`. */
export function pointName({ settings, seed }: Point, varied: readonly Field[]): string {
  return [...varied.map((field) => `${field.flag} ${settingName(field, settings[field.path]!)}`), `seed ${seed}`].join(
    ", ",
  );
}

/** A value as it is written on the command line. */
export const settingName = ({ absent }: Field, value: Setting): string =>
  value === null ? (absent ?? "none") : settingText(value);

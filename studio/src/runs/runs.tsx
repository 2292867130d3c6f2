import { useEffect } from "preact/hooks";
import { change } from "../app/link.js";
import { type Line, LineChart } from "../charts/line-chart.js";
import { lineSvg } from "../charts/svg.js";
import { csvOf } from "../controls/download.js";
import { Choice } from "../controls/fields.js";
import { Figure } from "../controls/figure.js";
import { Files } from "../controls/files.js";
import { Table } from "../controls/table.js";
import {
  addFolders,
  choose,
  chosen,
  followRuns,
  hasServer,
  problem,
  root,
  runs,
  type ShownRun,
  settings,
} from "./state.js";
import { SweepPlot } from "./sweep-plot.js";

/** Runs of the command line: one that is training, several beside each other, sweeps. */
export function Runs() {
  useEffect(followRuns, []);
  const all = runs.value;
  const shown = chosen.value;
  const trained = shown.filter(({ metrics }) => metrics !== undefined);
  return (
    <div class="view">
      <aside class="controls" aria-label="Runs">
        {hasServer ? (
          <p class="hint">
            Runs in <code>{root.value}</code>, the latest first. The page follows runs that are training.
          </p>
        ) : (
          <p class="hint">
            This page was opened from a web space, so it lists no runs by itself and follows none.{" "}
            <code>npx spikevine studio</code> does both on your machine. Here you can drop run folders in.
          </p>
        )}
        <ul class="runs">
          {all.map((run) => (
            <li key={run.name}>
              <label>
                <input
                  type="checkbox"
                  checked={shown.includes(run)}
                  onChange={(event) => choose(run.name, event.currentTarget.checked)}
                />
                <span>
                  {run.name}
                  <small>{stateOf(run)}</small>
                </span>
              </label>
            </li>
          ))}
        </ul>
        {hasServer && all.length === 0 && <p class="hint">There is none yet. Start one with npx spikevine train.</p>}
        <Files label="Choose files" hint="the folder of a run or of a sweep." onFiles={addFolders} />
      </aside>
      <div class="figures">
        {problem.value !== "" && (
          <p class="problem" role="alert">
            {problem.value}
          </p>
        )}
        {shown.length === 0 && (
          <div class="welcome">
            <h2>Runs of the command line</h2>
            <p>Choose one run to follow it, or several to compare them. The table of a sweep is shown as a plot.</p>
          </div>
        )}
        {trained.length > 0 && <Curves shown={trained} />}
        {trained.length > 0 && <Facts shown={trained} />}
        {shown.map(({ name, sweep }) => sweep !== undefined && <SweepPlot key={name} name={name} table={sweep} />)}
      </div>
    </div>
  );
}

function stateOf({ metrics, sweep }: ShownRun): string {
  if (sweep !== undefined) return `sweep, ${sweep.rows.length} settings`;
  if (metrics === undefined) return "no metrics";
  const { test, epochs } = metrics;
  return test === undefined ? `${epochs.length} epochs, training or stopped` : `${(100 * test.accuracy).toFixed(2)} %`;
}

function Curves({ shown }: { readonly shown: readonly ShownRun[] }) {
  const isLoss = settings.value.metric === "loss";
  const most = Math.max(1, ...shown.map(({ metrics }) => metrics!.epochs.length));
  const x = Array.from({ length: most }, (_, i) => i + 1);
  const column = (run: ShownRun, of: "loss" | "accuracy" | "testLoss" | "testAccuracy"): (number | null)[] =>
    x.map((epoch) => run.metrics!.epochs.find((record) => record.epoch === epoch)?.[of] ?? null);
  const lines: Line[] = shown.flatMap((run, i) => [
    { label: `${run.name}, training`, values: column(run, isLoss ? "loss" : "accuracy"), color: i % 6, dashed: true },
    {
      label: `${run.name}, test`,
      values: column(run, isLoss ? "testLoss" : "testAccuracy"),
      color: i % 6,
      points: true,
    },
  ]);
  return (
    <Figure
      title="Learning curves"
      wide
      csv={() =>
        csvOf([
          { name: "epoch", values: x },
          ...lines.map(({ label, values }) => ({ name: label, values: Array.from(values) })),
        ])
      }
      svg={() => lineSvg("Learning curves", { x, xLabel: "epoch" }, lines)}
    >
      <div class="row">
        <Choice
          label="Show"
          value={settings.value.metric}
          options={["accuracy", "loss"]}
          onChange={(value) => change(settings, { metric: value })}
        />
      </div>
      <LineChart
        label="Learning curves"
        x={x}
        xLabel="epoch"
        yLabel={settings.value.metric}
        lines={lines}
        height={300}
      />
    </Figure>
  );
}

/** Settings and results; a setting that is the same in all runs is left out of a comparison. */
function Facts({ shown }: { readonly shown: readonly ShownRun[] }) {
  const names = [...new Set(shown.flatMap(({ facts }) => facts.map(([name]) => name)))];
  const factOf = (run: ShownRun, name: string): string => run.facts.find(([one]) => one === name)?.[1] ?? "";
  const differing =
    shown.length === 1 ? names : names.filter((name) => new Set(shown.map((run) => factOf(run, name))).size > 1);
  const columns = ["run", ...differing, "epochs done", "test accuracy"];
  const rows = shown.map((run) => [
    run.name,
    ...differing.map((name) => factOf(run, name)),
    String(run.metrics!.epochs.length),
    run.metrics!.test === undefined ? "not yet" : `${(100 * run.metrics!.test.accuracy).toFixed(2)} %`,
  ]);
  return (
    <Figure
      title="Settings and results"
      wide
      csv={() => csvOf(columns.map((name, i) => ({ name, values: rows.map((row) => row[i]!) })))}
    >
      <Table columns={columns} rows={rows} />
    </Figure>
  );
}

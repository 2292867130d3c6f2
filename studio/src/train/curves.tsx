import { useMemo } from "preact/hooks";
import { type Line, LineChart } from "../charts/line-chart.js";
import { lineSvg } from "../charts/svg.js";
import { csvOf } from "../controls/download.js";
import { Figure } from "../controls/figure.js";
import { kept, type Run, run } from "./state.js";

/** Batches over which curves are smoothed. */
const WINDOW = 20;

/** Loss and accuracy of the batches, with those of the kept run. */
export function Curves() {
  const current = run.value!;
  const other = kept.value === current ? undefined : kept.value;
  const charts = useMemo(() => {
    const x = Array.from(new Set([...current.batches, ...(other?.batches ?? [])].map(({ at }) => at))).sort(
      (a, b) => a - b,
    );
    return { x, loss: lines(current, other, x, "loss"), accuracy: lines(current, other, x, "accuracy") };
  }, [current.batches, other]);
  const { x, loss, accuracy } = charts;
  const epochs = Math.max(current.settings.epochs, other?.settings.epochs ?? 0);
  const columns = [{ name: "epoch", values: x }];
  const axes = { x, xLabel: "epoch", xRange: [0, epochs] as const };
  return (
    <>
      <Figure
        title="Loss"
        formulas={["L = -log(p_k)", "p_k = exp(n_k) / Sigma(exp(n_j))"]}
        note={`Cross-entropy of the spike counts n for the class k, mean of ${WINDOW} batches.`}
        csv={() =>
          csvOf([...columns, ...loss.map(({ label, values }) => ({ name: label, values: Array.from(values) }))])
        }
        svg={() => lineSvg("Loss", axes, loss)}
      >
        <LineChart label="Loss over the training" {...axes} lines={loss} />
      </Figure>
      <Figure
        title="Accuracy"
        note={`Training samples whose largest spike count is that of their class, mean of ${WINDOW} batches.`}
        csv={() =>
          csvOf([...columns, ...accuracy.map(({ label, values }) => ({ name: label, values: Array.from(values) }))])
        }
        svg={() => lineSvg("Accuracy", axes, accuracy)}
      >
        <LineChart label="Accuracy over the training" {...axes} lines={accuracy} yRange={[0, 1]} />
        {other?.outcome !== undefined && current.outcome !== undefined && <Comparison runs={[other, current]} />}
      </Figure>
    </>
  );
}

function lines(current: Run, other: Run | undefined, x: readonly number[], what: "loss" | "accuracy"): Line[] {
  return [
    { label: current.name, values: at(current, x, what), color: 0 },
    ...(other === undefined
      ? []
      : [{ label: `${other.name} (kept)`, values: at(other, x, what), color: 1, dashed: true }]),
  ];
}

/** Smoothed values of a run at the points of the common axis; null where the run has none. */
function at({ batches }: Run, x: readonly number[], what: "loss" | "accuracy"): (number | null)[] {
  const values = new Map<number, number>();
  let sum = 0;
  batches.forEach((figures, i) => {
    sum += figures[what] - (i >= WINDOW ? batches[i - WINDOW]![what] : 0);
    values.set(figures.at, sum / Math.min(i + 1, WINDOW));
  });
  return x.map((place) => values.get(place) ?? null);
}

/** Settings in which two runs differ, and their results. */
function Comparison({ runs }: { readonly runs: readonly [Run, Run] }) {
  const [first, second] = runs;
  const differing = (Object.keys(first.settings) as (keyof Run["settings"])[]).filter(
    (name) => first.settings[name] !== second.settings[name],
  );
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">run</th>
          {differing.map((name) => (
            <th scope="col" key={name}>
              {name}
            </th>
          ))}
          <th scope="col">test accuracy</th>
          <th scope="col">samples/s</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((one) => (
          <tr key={one.name}>
            <th scope="row">{one.name}</th>
            {differing.map((name) => (
              <td key={name}>{String(one.settings[name])}</td>
            ))}
            <td>{(100 * one.outcome!.accuracy).toFixed(1)} %</td>
            <td>{Math.round(one.samplesPerSecond).toLocaleString("en")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

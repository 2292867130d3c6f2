import { useEffect, useMemo } from "preact/hooks";
import { change } from "../app/link.js";
import { Bars } from "../charts/bars.js";
import { LineChart } from "../charts/line-chart.js";
import { Raster } from "../charts/raster.js";
import { lineSvg, rasterSvg } from "../charts/svg.js";
import { csvOf } from "../controls/download.js";
import { Figure } from "../controls/figure.js";
import type { Presented } from "../engine/tasks/present.js";
import { cursor, settings } from "./state.js";

/** Time of one step while the presentation is played. */
const STEP_MS = 60;

/** The spikes on their way through the layers, and the counts that make the answer. */
export function Answer({ found }: { readonly found: Presented }) {
  const { layers, steps } = found;
  const output = layers.at(-1)!;
  useEffect(() => play(steps), [steps, found]);
  const counts = useMemo(() => countsOver(output, steps), [output, steps]);
  const now = Math.min(cursor.value, steps - 1);
  const scores = counts.map((values) => values[now]!);
  const best = scores.indexOf(Math.max(...scores));
  const undecided = scores.every((score) => score === 0);
  const { layer, unit } = settings.value;
  const x = Array.from({ length: steps }, (_, t) => t + 1);
  const lines = counts.map((values, k) => ({
    label: String(k),
    values,
    color: k === best && !undecided ? 0 : ("muted" as const),
  }));
  return (
    <>
      <Figure
        title="Answer"
        formulas={["n_k = Sigma(y_k)"]}
        note={
          <span role="status">
            After {now + 1} steps:{" "}
            {undecided ? (
              "no output has fired"
            ) : (
              <>
                the network answers <strong data-testid="answer">{best}</strong>
              </>
            )}
            .
          </span>
        }
        csv={() =>
          csvOf([
            { name: "step", values: x },
            ...lines.map(({ label, values }) => ({ name: `output ${label}`, values })),
          ])
        }
        svg={() => lineSvg("Answer", { x, xLabel: "step" }, lines)}
      >
        <Bars
          label={`Spike counts of the outputs: ${scores.map((score, k) => `${k}: ${score}`).join(", ")}`}
          values={scores}
          names={scores.map((_, k) => String(k))}
          marked={undecided ? undefined : best}
          height={90}
        />
        <LineChart
          label="Spike counts over the steps"
          x={x}
          lines={lines}
          xLabel="step"
          height={170}
          xRange={[1, Math.max(2, steps)]}
          hasLegend={false}
        />
      </Figure>
      <Figure
        title="Spikes through the layers"
        note="Choose a unit by a click, to see the inputs that drive it."
        csv={() => csvOf(layers.map(({ name, spikes }) => ({ name: `${name} [steps, units]`, values: spikes })))}
        svg={() => rasterSvg("Spikes through the layers", layers, steps)}
      >
        <Raster
          label={`Spikes of ${layers.map(({ name }) => name).join(", ")} up to step ${now + 1}`}
          layers={layers}
          steps={steps}
          cursor={now}
          height={380}
          marked={{ layer, unit }}
          onUnit={(chosen, number) => {
            if (chosen > 0) change(settings, { layer: chosen, unit: number });
          }}
        />
      </Figure>
    </>
  );
}

/** Moves the cursor from the first step to the last; at once if the user wants little motion. */
function play(steps: number): () => void {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
    cursor.value = steps - 1;
    return () => undefined;
  }
  cursor.value = 0;
  const timer = setInterval(() => {
    if (cursor.value >= steps - 1) clearInterval(timer);
    else cursor.value++;
  }, STEP_MS);
  return () => clearInterval(timer);
}

/** Spikes of every output up to every step. */
function countsOver({ units, spikes }: Presented["layers"][number], steps: number): number[][] {
  return Array.from({ length: units }, (_, unit) => {
    let count = 0;
    return Array.from({ length: steps }, (_, t) => {
      count += spikes[t * units + unit]!;
      return count;
    });
  });
}

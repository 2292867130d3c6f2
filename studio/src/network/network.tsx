import { useMemo } from "preact/hooks";
import { change } from "../app/link.js";
import { Bars, histogram } from "../charts/bars.js";
import { EventRaster } from "../charts/event-raster.js";
import { LineChart } from "../charts/line-chart.js";
import { eventSvg, lineSvg } from "../charts/svg.js";
import { csvOf } from "../controls/download.js";
import { Choice, NumberField } from "../controls/fields.js";
import { Figure } from "../controls/figure.js";
import { NETWORK_LIMITS, type NetworkSettings, SHOWN } from "./settings.js";
import { type Activity, activity, isRunning, problem, settings, startNetwork, stopNetwork } from "./state.js";

const set = (values: Partial<NetworkSettings>): void => change(settings, values);

const EQUATIONS: Readonly<Record<string, readonly string[]>> = {
  coba: [
    "tau * dv/dt = E_leak - v + g_e * (E_e - v) + g_i * (E_i - v)",
    "dg_e/dt = -g_e / tau_e",
    "dg_i/dt = -g_i / tau_i",
  ],
  cuba: ["tau * dv/dt = E_leak - v + g_e + g_i", "dg_e/dt = -g_e / tau_e", "dg_i/dt = -g_i / tau_i"],
  stdp: ["w -> w + A_plus * x_pre", "w -> w - A_minus * x_post"],
};

const NOTES: Readonly<Record<string, string>> = {
  coba: "A network that keeps itself active: 80 % excitatory neurons, conductances (R. Brette et al. 2007, benchmark 1).",
  cuba: "A network that keeps itself active: 80 % excitatory neurons, currents (R. Brette et al. 2007, benchmark 2).",
  stdp: "Poisson inputs compete for one neuron until most weights are near 0 or the maximum (S. Song et al. 2000).",
};

/** Networks in continuous time, while they run. */
export function Network() {
  const { model, size, inputs, rate, duration, seed } = settings.value;
  return (
    <div class="view">
      <aside class="controls" aria-label="Settings of the network">
        <div class="actions">
          {isRunning.value ? (
            <button type="button" class="main" onClick={stopNetwork}>
              Stop
            </button>
          ) : (
            <button type="button" class="main" onClick={() => void startNetwork()}>
              Run
            </button>
          )}
        </div>
        <Choice
          label="Network"
          value={model}
          options={[
            ["coba", "Balanced, conductances"],
            ["cuba", "Balanced, currents"],
            ["stdp", "Competition by STDP"],
          ]}
          onChange={(value) =>
            set({ model: value as NetworkSettings["model"], duration: value === "stdp" ? 100000 : 1000 })
          }
        />
        <p class="note">{NOTES[model]}</p>
        {model === "stdp" ? (
          <div class="pair">
            <NumberField
              label="Inputs"
              value={inputs}
              {...NETWORK_LIMITS.inputs}
              onChange={(value) => set({ inputs: value })}
            />
            <NumberField
              label="Rate (Hz)"
              value={rate}
              {...NETWORK_LIMITS.rate}
              step="any"
              onChange={(value) => set({ rate: value })}
            />
          </div>
        ) : (
          <NumberField
            label="Neurons"
            value={size}
            {...NETWORK_LIMITS.size}
            onChange={(value) => set({ size: value })}
          />
        )}
        <div class="pair">
          <NumberField
            label="Time (ms)"
            value={duration}
            {...NETWORK_LIMITS.duration}
            step={10}
            onChange={(value) => set({ duration: value })}
          />
          <NumberField label="Seed" value={seed} {...NETWORK_LIMITS.seed} onChange={(value) => set({ seed: value })} />
        </div>
      </aside>
      <div class="figures">
        {problem.value !== "" && (
          <p class="problem" role="alert">
            {problem.value}
          </p>
        )}
        {activity.value === undefined ? (
          <div class="welcome">
            <h2>Networks in continuous time</h2>
            <p>
              {isRunning.value
                ? "Connecting the neurons …"
                : "Press Run. The network is simulated in steps of 0.1 or 0.2 ms, and drawn while it runs."}
            </p>
          </div>
        ) : (
          <Shown found={activity.value} />
        )}
      </div>
    </div>
  );
}

function Shown({ found }: { readonly found: Activity }) {
  const { model, time, speed, at, populations, weights, firstWeights } = found;
  const from = at[Math.max(0, at.length - 1 - (populations[0]?.times.length ?? 0))] ?? 0;
  const range = useMemo(
    () => ({ from: at.length <= (populations[0]?.times.length ?? 0) ? 0 : from, to: time }),
    [at, from, time, populations],
  );
  const lines = populations.map(({ name, rates }, i) => ({ label: name, values: rates, color: i }));
  return (
    <>
      <div class="status">
        <p role="status">{isRunning.value ? "Running." : "Done."}</p>
        <p class="facts">
          <span data-testid="time">{time.toFixed(0)} ms</span>
          <span>{speed.toFixed(2)} × real time</span>
          {populations.map(({ name, size }) => (
            <span key={name}>
              {size.toLocaleString("en")} {name}
            </span>
          ))}
        </p>
      </div>
      <Figure
        title="Spikes"
        wide
        formulas={EQUATIONS[model] ?? []}
        note={`Up to ${SHOWN} neurons of each population.`}
        csv={() => csvOf(spikeColumns(found))}
        svg={() => eventSvg("Spikes", populations)}
      >
        <EventRaster
          label={`Spikes of ${populations.map(({ name }) => name).join(" and ")}`}
          populations={populations}
          range={range}
          height={360}
        />
      </Figure>
      <Figure
        title="Rates"
        wide={weights === undefined}
        formulas={["r = count / (N * Delta_t)"]}
        csv={() =>
          csvOf([
            { name: "t (ms)", values: at },
            ...lines.map(({ label, values }) => ({ name: `${label} (Hz)`, values })),
          ])
        }
        svg={() => lineSvg("Rates", { x: at, xLabel: "t (ms)" }, lines)}
      >
        <LineChart label="Firing rates" x={at} xLabel="t (ms)" yLabel="Hz" lines={lines} height={220} />
      </Figure>
      {weights !== undefined && firstWeights !== undefined && (
        <Figure
          title="Weights"
          note="As shares of the largest weight."
          csv={() =>
            csvOf([
              { name: "at the start", values: firstWeights },
              { name: "now", values: weights },
            ])
          }
        >
          <div class="bars-row">
            <h3>now</h3>
            <Bars label={summary("Weights now", weights)} values={histogram(weights, 20, 0, 1)} ends={["0", "1"]} />
          </div>
          <div class="bars-row">
            <h3>at the start</h3>
            <Bars
              label={summary("Weights at the start", firstWeights)}
              values={histogram(firstWeights, 20, 0, 1)}
              ends={["0", "1"]}
              color={5}
            />
          </div>
        </Figure>
      )}
    </>
  );
}

const summary = (what: string, weights: Float32Array): string =>
  `${what}: ${Math.round((100 * weights.filter((w) => w < 0.2).length) / weights.length)} % below a fifth, ${Math.round((100 * weights.filter((w) => w > 0.8).length) / weights.length)} % above four fifths`;

function spikeColumns({ populations }: Activity) {
  const rows = populations.flatMap(({ name, times, neurons }) =>
    times.flatMap((part, k) => Array.from(part, (time, i) => ({ name, time, neuron: neurons[k]![i]! }))),
  );
  return [
    { name: "population", values: rows.map(({ name }) => name) },
    { name: "t (ms)", values: rows.map(({ time }) => time) },
    { name: "neuron", values: rows.map(({ neuron }) => neuron) },
  ];
}

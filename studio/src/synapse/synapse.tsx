import { useEffect } from "preact/hooks";
import { change } from "../app/link.js";
import { LineChart } from "../charts/line-chart.js";
import { lineSvg } from "../charts/svg.js";
import { csvOf } from "../controls/download.js";
import { Choice, NumberField, Slider } from "../controls/fields.js";
import { Figure } from "../controls/figure.js";
import { Editor } from "../definitions/editor.js";
import type { GradientResult, StdpResult } from "../engine/tasks/synapse-lab.js";
import { DURATION, RULES, SYNAPSE_LIMITS, type SynapseSettings } from "./settings.js";
import { Sketch } from "./sketch.js";
import { curve, followSynapse, problem, refusal, settings, traces } from "./state.js";

const set = (values: Partial<SynapseSettings>): void => change(settings, values);

/** Bio-Adam on a drawn gradient, and the STDP curve of a definition. */
export function Synapse() {
  useEffect(followSynapse, []);
  const { tauM, tauRho, rhoRest, text, pairs, frequency } = settings.value;
  const rule = Object.entries(RULES).find(([, one]) => one === text)?.[0] ?? "own";
  return (
    <div class="view with-editor">
      <aside class="controls" aria-label="Settings of the synapse">
        <fieldset>
          <legend>Bio-Adam</legend>
          <Slider
            label="τₘ, time constant of m"
            value={tauM}
            {...SYNAPSE_LIMITS.tauM}
            step={5}
            text={`${tauM} ms`}
            onChange={(value) => set({ tauM: value })}
          />
          <Slider
            label="τᵨ, time constant of ρ"
            value={tauRho}
            {...SYNAPSE_LIMITS.tauRho}
            step={10}
            text={`${tauRho} ms`}
            onChange={(value) => set({ tauRho: value })}
          />
          <Slider
            label="R, ρ at rest"
            value={Math.log10(rhoRest)}
            least={0}
            most={4}
            step={0.1}
            text={String(Number(rhoRest.toPrecision(2)))}
            onChange={(value) => set({ rhoRest: Number((10 ** value).toPrecision(3)) })}
          />
        </fieldset>
        <fieldset>
          <legend>Spike-timing dependent plasticity</legend>
          <Choice
            label="Start from"
            value={rule}
            options={[
              ["pair", "Pair rule"],
              ["triplet", "Triplet rule"],
              ["own", "a definition of your own"],
            ]}
            onChange={(value) => {
              if (value in RULES) set({ text: RULES[value as keyof typeof RULES] });
            }}
          />
          <div class="pair">
            <NumberField
              label="Pairs"
              value={pairs}
              {...SYNAPSE_LIMITS.pairs}
              onChange={(value) => set({ pairs: value })}
            />
            <NumberField
              label="Pairs per second"
              value={frequency}
              {...SYNAPSE_LIMITS.frequency}
              step="any"
              onChange={(value) => set({ frequency: value })}
            />
          </div>
          <Editor
            label="Definition, as given to defineSynapse"
            text={text}
            problem={problem.value}
            onText={(value) => set({ text: value })}
          />
        </fieldset>
      </aside>
      <div class="figures">
        <Figure
          title="Gradient"
          wide
          formulas={["g(t)"]}
          note={`Draw the gradient of the loss by the weight, from −1 to 1 over ${DURATION / 1000} s.`}
        >
          <Sketch />
        </Figure>
        {refusal.value !== "" && (
          <p class="problem" role="alert">
            {refusal.value}
          </p>
        )}
        {traces.value !== undefined && <Substances found={traces.value} />}
        {curve.value !== undefined && <Curve found={curve.value} pairs={pairs} />}
      </div>
    </div>
  );
}

function Substances({ found }: { readonly found: GradientResult }) {
  const { times, gradient, mPlus, mMinus, m, rho, momentum, factor } = found;
  const product = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value * b[i]!);
  const updates = [
    { label: "Bio-Adam: m ρ", values: product(m, rho), color: 0 },
    { label: "momentum", values: momentum, color: 1, dashed: true },
    { label: "RMSprop", values: product(gradient, factor), color: 2 },
    { label: "Adam", values: product(momentum, factor), color: 3, dashed: true },
  ];
  const figures = [
    {
      title: "Momentum: m+ and m−",
      formulas: ["tau_m * dm_plus/dt = m_rest - m_plus - g", "m = (m_minus - m_plus) / 2"],
      note: "Two substances that the gradient drives in opposite directions; half their difference is momentum.",
      lines: [
        { label: "m+", values: mPlus, color: 1 },
        { label: "m−", values: mMinus, color: 4 },
        { label: "m", values: m, color: 0 },
        { label: "momentum", values: momentum, color: 3, dashed: true },
      ],
    },
    {
      title: "Step size: ρ",
      formulas: ["tau_rho * drho/dt = R - rho - R * rho * |g|"],
      note: "Consumed in proportion to the size of the gradient; RMSprop divides by the root of a mean square instead.",
      lines: [
        { label: "ρ", values: rho, color: 0 },
        { label: "RMSprop: 1 / (√v + 1/R)", values: factor, color: 2, dashed: true },
      ],
    },
    {
      title: "Updates",
      formulas: ["dw/dt = -gamma * m * rho"],
      note: "The change of the weight per time, without the learning rate and its sign.",
      lines: updates,
      wide: true,
    },
  ];
  return (
    <>
      {figures.map(({ lines, title, ...others }) => (
        <Figure
          key={title}
          title={title}
          {...others}
          csv={() =>
            csvOf([{ name: "t (ms)", values: times }, ...lines.map(({ label, values }) => ({ name: label, values }))])
          }
          svg={() => lineSvg(title, { x: times, xLabel: "t (ms)" }, lines)}
        >
          <LineChart label={title} x={times} xLabel="t (ms)" lines={lines} height={220} />
        </Figure>
      ))}
    </>
  );
}

function Curve({ found: { lags, changes }, pairs }: { readonly found: StdpResult; readonly pairs: number }) {
  const lines = [{ label: "Δw", values: changes, points: true, color: 0 }];
  return (
    <Figure
      title="STDP curve"
      wide
      formulas={["Delta_w", "s = t_post - t_pre"]}
      note={`Change of a weight by ${pairs} pairs of spikes, over the time from the presynaptic to the postsynaptic spike; one synapse per point.`}
      csv={() =>
        csvOf([
          { name: "s (ms)", values: lags },
          { name: "change of weight", values: changes },
        ])
      }
      svg={() => lineSvg("STDP curve", { x: lags, xLabel: "s (ms)" }, lines)}
    >
      <LineChart
        label="Change of the weight over the lag"
        x={lags}
        xLabel="s (ms)"
        yLabel="Δw"
        lines={lines}
        height={240}
      />
    </Figure>
  );
}

import { useEffect } from "preact/hooks";
import { change } from "../app/link.js";
import { LineChart } from "../charts/line-chart.js";
import { lineSvg } from "../charts/svg.js";
import { csvOf } from "../controls/download.js";
import { Choice, NumberField, Slider } from "../controls/fields.js";
import { Figure } from "../controls/figure.js";
import { Editor } from "../definitions/editor.js";
import type { NeuronResult } from "../engine/tasks/neuron-lab.js";
import { PhasePlane } from "./phase-plane.js";
import { PRESETS } from "./presets.js";
import { NEURON_LIMITS, type NeuronSettings } from "./settings.js";
import { equations, followNeuron, problem, result, settings } from "./state.js";

const set = (values: Partial<NeuronSettings>): void => change(settings, values);
const NAMES = { adex: "Adaptive exponential", lif: "Leaky integrate-and-fire", izhikevich: "Izhikevich" };

/** Equations of a neuron as text, and what they do. */
export function Neuron() {
  useEffect(followNeuron, []);
  const { text, shape, amplitude, duration, dt } = settings.value;
  const preset = Object.entries(PRESETS).find(([, one]) => one === text)?.[0] ?? "own";
  const found = result.value;
  const unit = found?.inputUnit ?? "";
  return (
    <div class="view with-editor">
      <aside class="controls" aria-label="Definition of the neuron">
        <Choice
          label="Start from"
          value={preset}
          options={[...Object.entries(NAMES), ["own", "a definition of your own"]]}
          onChange={(value) => {
            if (value in PRESETS) set({ text: PRESETS[value as keyof typeof PRESETS] });
          }}
        />
        <Editor
          label="Definition, as given to defineNeuron"
          text={text}
          problem={problem.value}
          onText={(value) => set({ text: value })}
        />
        <fieldset>
          <legend>Current</legend>
          <div class="pair">
            <Choice
              label="Form"
              value={shape}
              options={["step", "ramp", "pulses", "sine", "noise"]}
              onChange={(value) => set({ shape: value as NeuronSettings["shape"] })}
            />
            <NumberField
              label={`Size${unit === "" ? "" : ` (${unit})`}`}
              value={amplitude}
              {...NEURON_LIMITS.amplitude}
              step="any"
              onChange={(value) => set({ amplitude: value })}
            />
          </div>
          <Slider
            label="Move the size"
            value={Math.abs(amplitude)}
            least={0}
            most={2000}
            step={10}
            text={`${amplitude} ${unit}`}
            onChange={(value) => set({ amplitude: value })}
          />
          <div class="pair">
            <NumberField
              label="Time (ms)"
              value={duration}
              {...NEURON_LIMITS.duration}
              step="any"
              onChange={(value) => set({ duration: value })}
            />
            <NumberField
              label="Step (ms)"
              value={dt}
              {...NEURON_LIMITS.dt}
              step="any"
              onChange={(value) => set({ dt: value })}
            />
          </div>
        </fieldset>
      </aside>
      <div class={problem.value === undefined ? "figures" : "figures stale"}>
        {found !== undefined && <Results found={found} />}
      </div>
    </div>
  );
}

function Results({ found }: { readonly found: NeuronResult }) {
  const { times, traces, spikes, current, inputUnit, rates, plane, schemes } = found;
  const named = (name: string, unit: string): string => (unit === "" ? name : `${name} (${unit})`);
  return (
    <>
      <Figure
        title="Traces"
        wide
        formulas={equations.value}
        note={`${spikes.length} ${spikes.length === 1 ? "spike" : "spikes"}. Scheme: ${schemes}.`}
        csv={() =>
          csvOf([
            { name: "t (ms)", values: times },
            { name: named("I", inputUnit), values: current },
            ...traces.map(({ name, unit, values }) => ({ name: named(name, unit), values })),
          ])
        }
        svg={() =>
          lineSvg(
            "Traces",
            { x: times, xLabel: "t (ms)" },
            traces.map(({ name, unit, values }) => ({ label: named(name, unit), values })),
          )
        }
      >
        {traces.map(({ name, unit, values }, i) => (
          <LineChart
            key={name}
            label={`${name} over time`}
            x={times}
            xLabel={i === traces.length - 1 ? "t (ms)" : ""}
            yLabel={named(name, unit)}
            lines={[{ label: name, values, color: i }]}
            height={i === 0 ? 210 : 150}
          />
        ))}
        <LineChart
          label="Injected current"
          x={times.subarray(0, current.length)}
          xLabel="t (ms)"
          yLabel={named("I", inputUnit)}
          lines={[{ label: "I", values: current, color: 5 }]}
          height={120}
        />
      </Figure>
      <Figure
        title="f-I curve"
        formulas={["f = (n - 1) / (t_last - t_first)"]}
        note="Firing rate of a constant current, after 400 ms."
        csv={() =>
          csvOf([
            { name: named("I", inputUnit), values: rates.currents },
            { name: "f (Hz)", values: rates.hertz },
          ])
        }
        svg={() =>
          lineSvg("f-I curve", { x: rates.currents, xLabel: named("I", inputUnit) }, [
            { label: "f (Hz)", values: rates.hertz },
          ])
        }
      >
        <LineChart
          label="Firing rate over current"
          x={rates.currents}
          xLabel={named("I", inputUnit)}
          yLabel="f (Hz)"
          lines={[{ label: "f", values: rates.hertz, points: true }]}
          height={240}
        />
      </Figure>
      {plane !== undefined && <PhasePlane plane={plane} traces={traces} />}
    </>
  );
}

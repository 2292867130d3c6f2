// Two neurons of Traub and Miles. A gate that follows the potential of the first opens a conductance in the second all the
// time, not only at spikes. The model is that of Brian2's example "synapses/continuous_interaction".
import { defineNeuron, defineSynapse, exponentialEuler } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const rates = {
  openM: "0.32 mV^-1 * (v + 54 mV) / (1 - exp(-(v + 54 mV) / (4 mV))) / ms",
  closeM: "0.28 mV^-1 * (v + 27 mV) / (exp((v + 27 mV) / (5 mV)) - 1) / ms",
  openH: "0.128 * exp(-(v + 50 mV) / (18 mV)) / ms",
  closeH: "4 / (1 + exp(-(v + 27 mV) / (5 mV))) / ms",
  openN: "0.032 mV^-1 * (v + 52 mV) / (1 - exp(-(v + 52 mV) / (5 mV))) / ms",
  closeN: "0.5 * exp(-(v + 57 mV) / (40 mV)) / ms",
};
const neuron = defineNeuron({
  name: "traub-miles",
  states: { v: { unit: "mV" }, m: {}, h: {}, n: {}, s: {} },
  parameters: {
    drive: { value: "0 uA", summary: "Injected current." },
    gate: { value: 0, summary: "Gates of the presynaptic neurons, times their weights." },
  },
  derived: rates,
  dynamics: {
    v:
      "(drive + 100 mS * m^3 * h * (50 mV - v) + 0.1 mS * (-67 mV - v) + 80 mS * n^4 * (-100 mV - v)" +
      " - 1 mS * gate * v) / (1 uF)",
    m: "openM * (1 - m) - closeM * m",
    h: "openH * (1 - h) - closeH * h",
    n: "openN * (1 - n) - closeN * n",
    s: "0.5 * (1 + tanh(v / (10 mV))) * (1 - s) / (0.2 ms) - s / (2 ms)",
  },
  integrator: exponentialEuler,
  output: "v",
});
const continuous = defineSynapse({
  name: "continuous",
  summary: "A conductance that follows the gate of the presynaptic neuron.",
  source: "Brian2's example synapses/continuous_interaction",
  summed: { gate_post: "weight * s_pre" },
});

const resting = (open: string, close: string): string => `(${open}) / (${open} + ${close})`;
const sim = simulation();
const neurons = sim.population("neurons", 2, neuron, {
  parameters: { drive: "1.5 uA * (i == 0)" },
  initial: {
    v: "-70 mV + 5 mV * i",
    m: resting(rates.openM, rates.closeM),
    h: resting(rates.openH, rates.closeH),
    n: resting(rates.openN, rates.closeN),
  },
});
sim.connect(neurons, neurons, { pattern: { pairs: [[0, 1]] }, weight: 0.25, synapse: continuous });
const [v, s] = [sim.monitor.state(neurons, "v"), sim.monitor.state(neurons, "s")];
await sim.run("100 ms");

const show = (x: number): string => String(Number(x.toPrecision(6)));
console.log("| neuron | passes of 0 mV (ms) | smallest and largest v (mV) | final v (mV) | final m, h, n, s |");
console.log("|---|---|---|---|---|");
for (const i of [0, 1]) {
  const trace = v.trace(i);
  const passes = [...v.times].filter((_, k) => k > 0 && trace[k]! >= 0 && trace[k - 1]! < 0);
  const range = [Math.min(...trace), Math.max(...trace)].map(show).join(" ");
  const [final, ...gates] = ["v", "m", "h", "n", "s"].map((state) => show(sim.state(neurons, state)[i]!));
  const times = passes.map((time) => time.toFixed(1)).join(" ");
  console.log(`| ${i} | ${times} | ${range} | ${final} | ${gates.join(" ")} |`);
}

const lines = (monitor: typeof v) =>
  [0, 1].map((i) => ({ name: `neuron ${i}`, x: [...monitor.times], y: [...monitor.trace(i)] }));
const panels = [
  { title: "v (mV)", xLabel: "time (ms)", lines: lines(v) },
  { title: "gate", xLabel: "time (ms)", lines: lines(s) },
];
await saveFigure("continuous-interaction", linePlot({ title: "A synapse without spikes", panels }));

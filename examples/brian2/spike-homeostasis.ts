// A steady source drives a neuron through a plastic synapse, which keeps the neuron's rate up when a second source with a
// varying rate falls silent. The model is that of Brian2's example "synapses/spike_based_homeostasis".
import { defineNeuron, defineSynapse, forwardEuler } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation, timedArray } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "cell",
  states: { v: {} },
  dynamics: { v: "-v / (10 ms)" },
  integrator: forwardEuler,
  // Brian2's period of 1 ms holds one step fewer.
  refractory: "0.9 ms",
  unlessRefractory: ["v"],
  spike: "v - 1",
  reset: { v: "y > 0 ? -1 : v" },
});
const homeostatic = defineSynapse({
  name: "homeostatic",
  summary: "The weight grows with presynaptic and falls with postsynaptic spikes.",
  source: "Brian2's example synapses/spike_based_homeostasis",
  onPre: { v_post: "v_post + weight", weight: "clip(weight + 0.05, 0, 2)" },
  onPost: { weight: "clip(weight - 0.05, 0, 2)" },
});

const sim = simulation({ seed: 1 });
const steady = sim.source("steady", 1, { poisson: "50 Hz" });
const varying = sim.source("varying", 1, { poisson: timedArray([25, 50, 0, 35], { dt: "10 s", unit: "Hz" }) });
const regulated = sim.population("regulated", 1, neuron);
const plain = sim.population("plain", 1, neuron);
const plastic = sim.connect(steady, regulated, { pattern: "all-to-all", weight: 0, synapse: homeostatic });
sim.connect(varying, [regulated, plain], { pattern: "all-to-all", target: "v", weight: 2, delay: "0.1 ms" });
const spikes = [sim.monitor.spikes(regulated), sim.monitor.spikes(plain)];
const weight = sim.monitor.synapses(plastic, "weight", { every: 100 });
await sim.run("40 s");

const rate = (times: Float64Array, from: number, to: number): string =>
  (times.filter((time) => time >= from && time < to).length / ((to - from) / 1000)).toFixed(1);
console.log(
  "| block (s) | rate with homeostasis (Hz) | rate without (Hz) | mean weight in the second half |\n|---|---|---|---|",
);
for (const start of [0, 10, 20, 30]) {
  const rates = spikes.map(({ times }) => rate(times, 1000 * start, 1000 * (start + 10))).join(" | ");
  const late = weight.trace(0).slice(100 * start + 500, 100 * start + 1000);
  const mean = late.reduce((a, b) => a + b) / late.length;
  console.log(`| ${start} | ${rates} | ${mean.toFixed(3)} |`);
}

const lines = [{ name: "weight", x: [...weight.times], y: [...weight.trace(0)] }];
await saveFigure(
  "spike-homeostasis",
  linePlot({ title: "A weight that holds a rate", panels: [{ title: "weight", xLabel: "time (ms)", lines }] }),
);

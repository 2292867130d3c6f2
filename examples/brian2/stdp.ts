// A thousand plastic inputs of one neuron compete: most weights go to 0 or to the largest value. S. Song, K. D. Miller and
// L. F. Abbott, Nature Neuroscience 3 (2000) 919-926; Brian2's example "synapses/STDP", for 20 s.
import { defineNeuron, defineSynapse, forwardEuler } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "leaky",
  states: { v: { unit: "mV" }, ge: {} },
  dynamics: { v: "(ge * (0 mV - v) - 74 mV - v) / (10 ms)", ge: "-ge / (5 ms)" },
  integrator: forwardEuler,
  spike: "v + 54 mV",
  reset: { v: "y > 0 ? -60 mV : v" },
});
const synapse = defineSynapse({
  name: "additive-stdp",
  summary: "Pairs of spikes change the weight by two traces.",
  source: "Song, Miller and Abbott 2000",
  parameters: {
    tau: { value: "20 ms", summary: "time constant of the traces" },
    rate: { value: 0.01, summary: "potentiation by a pair, relative to the largest weight" },
    largest: { value: 0.01, summary: "largest weight" },
  },
  states: { before: { summary: "trace of presynaptic spikes" }, after: { summary: "trace of postsynaptic spikes" } },
  dynamics: { before: "-before / tau", after: "-after / tau" },
  onPre: {
    ge_post: "ge_post + weight",
    before: "before + rate * largest",
    weight: "clip(weight + after, 0, largest)",
  },
  onPost: { after: "after - 1.05 * rate * largest", weight: "clip(weight + before, 0, largest)" },
});

const sim = simulation({ seed: 1 });
const inputs = sim.source("inputs", 1000, { poisson: "15 Hz" });
const cell = sim.population("cell", 1, neuron);
const plastic = sim.connect(inputs, cell, { pattern: "all-to-all", weight: "0.01 * rand()", delay: "0 ms", synapse });
const spikes = sim.monitor.spikes(cell);
const trace = sim.monitor.synapses(plastic, "weight", { synapses: [0, 1], every: 1000 });

console.log("| time (s) | rate since 2.5 s before (Hz) | mean weight | deviation | below 0.2 | above 0.8 |");
console.log("|---|---|---|---|---|---|");
let weights: number[] = [];
for (let time = 2.5; time <= 20; time += 2.5) {
  await sim.run("2.5 s");
  const count = spikes.times.filter((t) => t >= 1000 * (time - 2.5)).length;
  // Relative to the largest weight.
  weights = [...sim.synapseState(plastic, "weight")].map((weight) => 100 * weight);
  const mean = weights.reduce((a, b) => a + b) / weights.length;
  const deviation = Math.sqrt(weights.reduce((sum, w) => sum + (w - mean) ** 2, 0) / weights.length);
  const share = (chosen: (w: number) => boolean): number => weights.filter(chosen).length / weights.length;
  const [low, high] = [share((w) => w < 0.2), share((w) => w > 0.8)];
  console.log(`| ${time} | ${count / 2.5} | ${mean.toFixed(4)} | ${deviation.toFixed(4)} | ${low} | ${high} |`);
}

const counts = Array.from(
  { length: 20 },
  (_, k) => weights.filter((w) => Math.min(19, Math.floor(20 * w)) === k).length,
);
const middles = counts.map((_, k) => (k + 0.5) / 20);
const panels = [
  { title: "synapses", xLabel: "weight / largest", lines: [{ name: "synapses", x: middles, y: counts }], dots: true },
  {
    title: "weight / largest",
    xLabel: "time (ms)",
    lines: [0, 1].map((s) => ({
      name: `synapse ${s}`,
      x: [...trace.times],
      y: [...trace.trace(s)].map((weight) => 100 * weight),
    })),
  },
];
await saveFigure("stdp", linePlot({ title: "Spike-timing dependent plasticity", columns: 2, panels }));

// The inhibitory synapses of a recurrent network learn until the excitatory neurons fire slowly.
// T. Vogels et al., Science 334 (2011) 1569-1573; Brian2's example "frompapers/Vogels_et_al_2011", here with 1,000 instead
// of 10,000 neurons and ten times the probability of a connection, so that each neuron has as many synapses. `--full`: all
// 10,000 neurons.
import { defineNeuron, defineSynapse, forwardEuler } from "spikevine";
import { rasterFromTimes } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "cell",
  states: { v: { unit: "mV" }, ge: { unit: "nS" }, gi: { unit: "nS" } },
  parameters: { learning: { value: 0, summary: "Change of a weight (nS) by a pair of spikes." } },
  dynamics: {
    v: "(10 nS * (-60 mV - v) - ge * v + gi * (-80 mV - v) + 200 pA) / (200 pF)",
    ge: "-ge / (5 ms)",
    gi: "-gi / (10 ms)",
  },
  integrator: forwardEuler,
  // Brian2's period of 5 ms holds one step fewer.
  refractory: "4.9 ms",
  unlessRefractory: ["v"],
  spike: "v + 50 mV",
  reset: { v: "y > 0 ? -60 mV : v" },
});
const balancing = defineSynapse({
  name: "balancing",
  summary: "Coincident spikes raise the weight, and presynaptic spikes alone lower it.",
  source: "T. Vogels et al., Science 334 (2011) 1569-1573",
  weight: { unit: "nS" },
  // 0.12 is twice the product of the wanted rate, 3 Hz, and the time constant.
  parameters: { target: { value: 0.12, summary: "Trace at which the weight stays." } },
  states: { before: { summary: "trace of presynaptic spikes" }, after: { summary: "trace of postsynaptic spikes" } },
  dynamics: { before: "-before / (20 ms)", after: "-after / (20 ms)" },
  onPre: {
    before: "before + 1",
    weight: "clip(weight + 1 nS * learning_post * (after - target), 0 nS, 100 nS)",
    gi_post: "gi_post + weight",
  },
  onPost: { after: "after + 1", weight: "clip(weight + 1 nS * learning_post * before, 0 nS, 100 nS)" },
});

const full = process.argv.includes("--full");
const size = full ? 10_000 : 1_000;
console.log(
  "| seed | synapses that learn | excitatory and inhibitory rates (Hz), 0.5-1 s | 1-1.5 s | 1.5-2 s | mean weight | deviation | largest |",
);
console.log("|---|---|---|---|---|---|---|---|");
const sim = simulation({ seed: 1 });
const cells = sim.population("cells", size, neuron);
const [excitatory, inhibitory] = [cells.slice(0, 0.8 * size), cells.slice(0.8 * size)];
const pattern = { probability: 200 / size };
sim.connect(excitatory, cells, { pattern, target: "ge", weight: "0.3 nS", delay: "0.1 ms" });
sim.connect(inhibitory, inhibitory, { pattern, target: "gi", weight: "3 nS", delay: "0.1 ms" });
const plastic = sim.connect(inhibitory, excitatory, { pattern, weight: "1e-10 nS", delay: "0 ms", synapse: balancing });
const spikes = [sim.monitor.spikes(excitatory), sim.monitor.spikes(inhibitory)];
await sim.run("1 s");
sim.set(cells, "learning", 0.01);
await sim.run("1 s");

const rates = [500, 1000, 1500].map((begin) =>
  spikes
    .map(({ times }, k) => {
      const count = times.filter((time) => time >= begin - 1e-6 && time < begin + 500 - 1e-6).length;
      return (count / (0.5 * size * [0.8, 0.2][k]!)).toFixed(2);
    })
    .join(" "),
);
const weights = sim.synapseState(plastic, "weight");
const mean = weights.reduce((a, b) => a + b) / weights.length;
const deviation = Math.sqrt(weights.reduce((sum, w) => sum + (w - mean) ** 2, 0) / weights.length);
const largest = weights.reduce((a, b) => Math.max(a, b), 0);
console.log(
  `| 1 | ${plastic.size} | ${rates.join(" | ")} | ${mean.toFixed(4)} | ${deviation.toFixed(4)} | ${largest.toFixed(3)} |`,
);
const { times, indices: units } = spikes[0]!;
await saveFigure(
  "inhibitory-plasticity",
  rasterFromTimes({
    title: "Inhibition learns to balance excitation",
    populations: [{ name: "excitatory", size: 0.8 * size, times, units }],
  }),
);

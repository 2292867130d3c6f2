// Neurons with lateral inhibition and adaptive thresholds learn a picture from Poisson spikes of its pixels.
// P. Diehl and M. Cook, Frontiers in Computational Neuroscience 9 (2015) 99; Brian2's example
// "frompapers/Diehl_Cook_2015", here with 100 instead of 400 neurons and an artificial picture, shown twice.
import { defineNeuron, defineSynapse, exponentialEuler, forwardEuler } from "spikevine";
import { rasterFromTimes } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const conductances = { ge: "-ge / (1 ms)", gi: "-gi / (2 ms)" };
const membrane = (rest: string, bottom: string, tau: string): string =>
  `(${rest} - v - ge * v + gi * (${bottom} - v)) / (${tau})`;
const excitatoryNeuron = defineNeuron({
  name: "excitatory",
  states: {
    v: { unit: "mV", initial: "-65 mV" },
    ge: {},
    gi: {},
    timer: { unit: "ms" },
    theta: { unit: "mV", initial: "20 mV" },
  },
  dynamics: {
    v: membrane("-65 mV", "-100 mV", "100 ms"),
    ...conductances,
    timer: "1",
    theta: "-theta / (10000 s)",
  },
  integrator: forwardEuler,
  // Brian2's periods of 5 ms and 2 ms hold one step fewer.
  refractory: "4.9 ms",
  unlessRefractory: ["v"],
  spike: "timer > 50 ms ? v - theta + 72 mV : -1 mV",
  reset: {
    v: "y > 0 ? -65 mV : v",
    timer: "y > 0 ? 0 ms : timer",
    theta: "y > 0 ? theta + 0.05 mV : theta",
  },
});
const inhibitoryNeuron = defineNeuron({
  name: "inhibitory",
  states: { v: { unit: "mV", initial: "-60 mV" }, ge: {}, gi: {} },
  dynamics: { v: membrane("-60 mV", "-85 mV", "10 ms"), ...conductances },
  integrator: forwardEuler,
  refractory: "1.9 ms",
  unlessRefractory: ["v"],
  spike: "v + 40 mV",
  reset: { v: "y > 0 ? -45 mV : v" },
});
const triplets = defineSynapse({
  name: "triplets",
  summary: "A postsynaptic spike potentiates if another came before it; a presynaptic spike depresses.",
  source: "P. Diehl and M. Cook, Frontiers in Computational Neuroscience 9 (2015) 99",
  states: {
    pre: { summary: "presynaptic trace" },
    fast: { summary: "postsynaptic trace" },
    slow: { summary: "slower postsynaptic trace" },
  },
  dynamics: { pre: "-pre / (20 ms)", fast: "-fast / (20 ms)", slow: "-slow / (40 ms)" },
  integrator: exponentialEuler,
  onPre: { ge_post: "ge_post + weight", pre: "1", weight: "clip(weight - 1e-4 * fast, 0, 1)" },
  onPost: { weight: "clip(weight + 1e-2 * pre * slow, 0, 1)", fast: "1", slow: "1" },
});

const [pixels, neurons] = [784, 100];
const sim = simulation({ seed: 1 });
const input = sim.source("pixels", pixels, { poisson: "0 Hz" });
const excitatory = sim.population("excitatory", neurons, excitatoryNeuron);
const inhibitory = sim.population("inhibitory", neurons, inhibitoryNeuron);
sim.connect(excitatory, inhibitory, { pattern: "one-to-one", target: "ge", weight: 10.4, delay: "0.1 ms" });
const others = { condition: "i != j" };
sim.connect(inhibitory, excitatory, { pattern: others, target: "gi", weight: 17, delay: "0.1 ms" });
const learning = sim.connect(input, excitatory, {
  pattern: "all-to-all",
  weight: "0.3 * (rand() + 0.01)",
  // Brian2's delay acts one step later on a neuron.
  delay: "0.1 ms + 10 ms * rand()",
  synapse: triplets,
});
const post = [...learning.synapses()].map((synapse) => synapse.post);
const spikes = sim.monitor.spikes(excitatory);

/** Scales the weights so that those of every neuron add up to 78. */
function normalize(): Float64Array {
  const weights = sim.synapseState(learning, "weight");
  const sums = new Float64Array(neurons);
  weights.forEach((weight, s) => {
    sums[post[s]!]! += weight;
  });
  const scaled = Float64Array.from(weights, (weight, s) => (weight * 78) / sums[post[s]!]!);
  sim.set(learning, "weight", { values: scaled, unit: "" });
  return scaled;
}

/** Shows the picture, more strongly until five spikes come; then the network rests. */
async function show(intensity: number): Promise<{ counts: number[]; early: number; intensity: number }> {
  const before = spikes.count;
  const rates = Array.from({ length: pixels }, (_, k) => (k >= 300 && k < 400 ? (255 / 8) * intensity : 0));
  sim.change(input, { poisson: rates.map((rate) => `${rate} Hz`) });
  await sim.run("60 ms");
  const early = spikes.count - before;
  await sim.run("290 ms");
  const counts = new Array<number>(neurons).fill(0);
  for (const neuron of spikes.indices.slice(before)) counts[neuron]!++;
  const count = spikes.count - before;
  sim.change(input, { poisson: "0 Hz" });
  await sim.run("150 ms");
  return count >= 5 ? { counts, early, intensity } : show(intensity + 1);
}

const mean = (numbers: ArrayLike<number>): number => Array.from(numbers).reduce((a, b) => a + b) / numbers.length;
console.log(
  "| seed | picture | intensity | spikes before 60 ms | later | active neurons | weights before: mean | deviation | mean theta (mV) | largest |",
);
console.log("|---|---|---|---|---|---|---|---|---|---|");
for (const picture of [1, 2]) {
  const weights = normalize();
  const center = mean(weights);
  const deviation = Math.sqrt(mean(weights.map((w) => (w - center) ** 2)));
  const { counts, early, intensity } = await show(2);
  const active = counts.filter((count) => count > 0).length;
  const total = counts.reduce((a, b) => a + b);
  const theta = sim.state(excitatory, "theta");
  const row = [
    intensity,
    early,
    total - early,
    active,
    center.toFixed(6),
    deviation.toFixed(5),
    mean(theta).toFixed(4),
  ];
  console.log(`| 1 | ${picture} | ${row.join(" | ")} | ${Math.max(...theta).toFixed(2)} |`);
}
const { times, indices: units } = spikes;
await saveFigure(
  "digit-learning",
  rasterFromTimes({
    title: "Neurons compete for a picture",
    populations: [{ name: "excitatory", size: neurons, times, units }],
  }),
);

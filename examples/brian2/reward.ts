// Plasticity that waits for a reward: pairs of spikes leave a trace of eligibility, and dopamine turns it into a change of
// the weight. E. M. Izhikevich, Cerebral Cortex 17 (2007) 2443-2452, figure 1C; Brian2's example "frompapers/Izhikevich_2007".
import { defineNeuron, defineSynapse, forwardEuler } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "leaky",
  states: {
    v: { unit: "mV", initial: "-60 mV" },
    ge: {},
    dopamine: { summary: "Concentration around the neuron, which its synapses read." },
  },
  dynamics: { v: "(ge * (0 mV - v) - 74 mV - v) / (10 ms)", ge: "-ge / (5 ms)", dopamine: "-dopamine / (200 ms)" },
  integrator: forwardEuler,
  spike: "v + 54 mV",
  reset: { v: "y > 0 ? -60 mV : v" },
});
const synapse = defineSynapse({
  name: "reward",
  summary: "Pairs of spikes change the weight, or with a reward the eligibility.",
  source: "Izhikevich 2007",
  parameters: { largest: { value: 0.01, summary: "largest weight and eligibility" } },
  states: {
    // A state, and not the weight, whose rate would have the other states at the end of the step.
    strength: { initial: 1e-10, summary: "what a spike adds" },
    rewarded: { summary: "1 if a change needs a reward" },
    eligibility: { initial: 1e-10, summary: "what a reward changes" },
    before: { summary: "trace of presynaptic spikes" },
    after: { summary: "trace of postsynaptic spikes" },
  },
  dynamics: {
    strength: "rewarded * eligibility * dopamine_post / (1 ms)",
    eligibility: "-eligibility / (1 s)",
    before: "-before / (20 ms)",
    after: "-after / (20 ms)",
  },
  // The traces decay exactly.
  integrator: { strength: forwardEuler, eligibility: forwardEuler },
  onPre: {
    ge_post: "ge_post + strength",
    before: "before + 0.01 * largest",
    eligibility: "clip(eligibility + rewarded * after, -largest, largest)",
    strength: "clip(strength + (1 - rewarded) * after, -largest, largest)",
  },
  onPost: {
    after: "after - 0.0105 * largest",
    eligibility: "clip(eligibility + rewarded * before, -largest, largest)",
    strength: "clip(strength + (1 - rewarded) * before, -largest, largest)",
  },
});

const pairs: [number, number][] = [
  [500, 550],
  [1000, 1010],
  [1510, 1500],
];
const times = (neuron: 0 | 1): [string, number][] =>
  [0, 3000].flatMap((start) => pairs.map((pair): [string, number] => [`${start + pair[neuron]} ms`, 0]));

const sim = simulation();
const cells = sim.population("cells", 2, neuron);
const [pre, post] = [cells.slice(0, 1), cells.slice(1)];
// Kicks of 100 mV make the neurons fire.
for (const i of [0, 1] as const) {
  const stimulus = sim.source(`stimulus ${i}`, 1, { spikes: times(i) });
  sim.connect(stimulus, cells.slice(i, i + 1), { pattern: "one-to-one", target: "v", weight: "100 mV" });
}
const reward = sim.source("reward", 1, { spikes: [3520, 4020, 4520].map((time) => [`${time} ms`, 0]) });
sim.connect(reward, post, { pattern: "one-to-one", target: "dopamine", weight: 0.005 });
// Brian2 changes a synapse at the end of the step of a spike, and its equations continue from there in the next step.
const pathwayDelays = { post: "0.1 ms" };
const plastic = sim.connect(pre, post, { pattern: "one-to-one", weight: 0, delay: "0.1 ms", pathwayDelays, synapse });

const spikes = sim.monitor.spikes(cells);
const strength = sim.monitor.synapses(plastic, "strength");
const eligibility = sim.monitor.synapses(plastic, "eligibility");
const dopamine = sim.monitor.state(post, "dopamine");
await sim.run("3 s");
sim.set(plastic, "rewarded", 1);
await sim.run("3 s");

console.log(`spikes (ms): ${[...spikes.times].map((time, k) => `${time.toFixed(1)}/${spikes.indices[k]}`).join(" ")}`);
console.log("\n| time (ms) | strength | eligibility | dopamine |\n|---|---|---|---|");
const show = (x: number): string => String(Number(x.toPrecision(6)));
for (const time of [520, 1020, 1520, 3000, 3600, 4005, 4100, 4500, 4600, 5000, 5990]) {
  const k = Math.round(time / sim.dt);
  const [s, c] = [strength, eligibility].map((monitor) => show(100 * monitor.trace(0)[k]!));
  console.log(`| ${time} | ${s} | ${c} | ${show(dopamine.trace(0)[k]!)} |`);
}

const every = (_: number, k: number): boolean => k % 20 === 0;
const panels = [
  { title: "dopamine", x: dopamine.times, y: dopamine.trace(0) },
  { title: "eligibility", x: eligibility.times, y: eligibility.trace(0) },
  { title: "strength", x: strength.times, y: strength.trace(0) },
].map(({ title, x, y }) => ({
  title,
  xLabel: "time (ms)",
  lines: [{ name: title, x: Array.from(x).filter(every), y: Array.from(y).filter(every) }],
}));
await saveFigure("reward", linePlot({ title: "Plasticity with and without reward", panels }));

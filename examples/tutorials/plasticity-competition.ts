import { writeFile } from "node:fs/promises";
import { cobaLif } from "spikevine/neurons";
import { stdp } from "spikevine/plasticity";
import { linePlot } from "spikevine/plots";
import { simulation, uniform } from "spikevine/simulation";

const sim = simulation({ dt: "0.2 ms", seed: 1 });
const cell = sim.population(
  "cell",
  1,
  cobaLif({ leak: "10 nS", rest: "-70 mV", threshold: "-54 mV", reset: "-60 mV" }),
);
const inputs = sim.source("inputs", 200, { poisson: "15 Hz" });
const learning = sim.connect(inputs, cell, {
  pattern: "all-to-all",
  target: "ge",
  weight: uniform("0 nS", "0.75 nS"),
  synapse: stdp({ unit: "nS", maxWeight: "0.75 nS", aPlus: 0.02, aMinus: 0.021 }),
});
const rate = sim.monitor.rate(cell, { bin: "2 s" });
const before = sim.synapseState(learning, "weight");
await sim.run("60 s");
const after = sim.synapseState(learning, "weight");

const fraction = (weights: Float64Array, from: number, to: number) =>
  weights.filter((w) => w / 0.75 >= from && w / 0.75 <= to).length / weights.length;
console.log("weights       before   after");
for (const [from, to] of [
  [0, 0.2],
  [0.2, 0.8],
  [0.8, 1],
] as const) {
  const percent = [before, after].map((weights) => `${(100 * fraction(weights, from, to)).toFixed(1)} %`.padStart(8));
  console.log(`${from} to ${to} max`.padEnd(13) + percent.join(""));
}

const lines = [{ name: "postsynaptic neuron", x: rate.times.map((ms) => ms / 1000), y: rate.rates }];
const panel = { title: "Firing rate (Hz)", xLabel: "time (s)", lines };
const sorted = (name: string, weights: Float64Array) => ({
  name,
  x: Array.from(weights, (_, i) => i),
  y: weights.slice().sort(),
});
const weights = {
  title: "Weights (nS), sorted",
  xLabel: "synapse",
  lines: [sorted("before", before), sorted("after", after)],
};
await writeFile("plasticity-competition.svg", linePlot({ title: "Synapses compete", panels: [weights, panel] }));

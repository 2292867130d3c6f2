// Fifty neurons with one common input, which enters the more of a neuron's own growth the larger p is: spike times become
// reliable. R. Brette and E. Guigon, Neural Computation 15 (2003) 279-308, figure 10; Brian2's example
// "frompapers/Brette_Guigon_2003" with two sines as the input and without noise, so that nothing is random.
import { defineNeuron, forwardEuler } from "spikevine";
import { rasterFromTimes } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const common = defineNeuron({
  name: "common",
  states: { x: {} },
  dynamics: { x: "(1.5 * sin(2 * pi * 7 Hz * t) + 1.5 * sin(2 * pi * 17 Hz * t) - x) / (20 ms)" },
  integrator: forwardEuler,
  output: "x",
});
const neuron = defineNeuron({
  name: "antileaky",
  states: { v: {} },
  parameters: {
    p: { value: 0, summary: "Size of the input." },
    x: { value: 0, summary: "The common input." },
  },
  derived: { growth: "0.5 + 3 * p * (2 / (1 + exp(-2 * x)) - 1)" },
  dynamics: { v: "(v * growth + 1) / (33 ms)" },
  integrator: forwardEuler,
  spike: "v - 1",
  reset: { v: "y > 0 ? 0 : v" },
});

const sim = simulation();
const input = sim.population("input", 1, common);
const cells = sim.population("cells", 50, neuron, {
  parameters: { p: "i / N" },
  linked: { x: { population: input, variable: "x" } },
  initial: { v: "i / N" },
});
const spikes = sim.monitor.spikes(cells);
await sim.run("1 s");

console.log("| neuron | spikes | first spikes (ms) | final v |\n|---|---|---|---|");
const trains = spikes.trains();
for (const i of [0, 10, 25, 40, 49]) {
  const first = [...trains[i]!.slice(0, 4)].map((time) => time.toFixed(1)).join(" ");
  console.log(`| ${i} | ${trains[i]!.length} | ${first} | ${sim.state(cells, "v")[i]!.toPrecision(6)} |`);
}
console.log(`\n${spikes.count} spikes; the input is ${sim.state(input, "x")[0]!.toPrecision(6)} at the end`);

const { times, indices: units } = spikes;
await saveFigure(
  "common-input",
  rasterFromTimes({ title: "Neurons with a common input", populations: [{ name: "cells", size: 50, times, units }] }),
);

// A hundred leaky neurons with a sinusoidal input of 10 Hz. The larger its amplitude, the better they fire at a fixed phase.
// The model is that of Brian2's example "phase_locking" with evenly spaced instead of random initial values.
import { defineNeuron, forwardEuler } from "spikevine";
import { linePlot, rasterFromTimes } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "driven",
  states: { v: {} },
  parameters: { amplitude: { value: 0, summary: "Amplitude of the input." } },
  dynamics: { v: "(1.2 - v + amplitude * sin(2 * pi * 10 Hz * t)) / (20 ms)" },
  integrator: forwardEuler,
  spike: "v - 1",
  reset: { v: "y > 0 ? 0 : v" },
});

const sim = simulation();
const neurons = sim.population("neurons", 100, neuron, {
  parameters: { amplitude: "0.05 + 0.7 * i / N" },
  initial: { v: "i / N" },
});
const spikes = sim.monitor.spikes(neurons);
const v = sim.monitor.state(neurons, "v", { indices: [50] });
await sim.run("1 s");

console.log("| neuron | spikes | first spikes (ms) | final v |\n|---|---|---|---|");
const trains = spikes.trains();
for (const i of [0, 25, 50, 75, 99]) {
  const first = [...trains[i]!.slice(0, 5)].map((time) => time.toFixed(1)).join(" ");
  console.log(`| ${i} | ${trains[i]!.length} | ${first} | ${sim.state(neurons, "v")[i]!.toPrecision(6)} |`);
}
console.log(`\n${spikes.count} spikes`);

const { times, indices: units } = spikes;
await saveFigure(
  "phase-locking",
  rasterFromTimes({
    title: "Neurons with a periodic input",
    populations: [{ name: "neurons", size: 100, times, units }],
  }),
);
const lines = [{ name: "neuron 50", x: [...v.times], y: [...v.trace(50)] }];
await saveFigure(
  "phase-locking-potential",
  linePlot({ title: "A periodic input", panels: [{ title: "v", xLabel: "time (ms)", lines }] }),
);

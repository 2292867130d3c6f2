// A run that stops as soon as ten neurons have fired twenty times together. The model is that of Brian2's example
// "network_operation_stop" with evenly spaced instead of random initial values.
import { defineNeuron, exactLinear } from "spikevine";
import { rasterFromTimes } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "leaky",
  states: { v: {} },
  dynamics: { v: "(1.5 - v) / (10 ms)" },
  integrator: exactLinear,
  spike: "v - 1",
  reset: { v: "y > 0 ? 0 : v" },
});

const sim = simulation();
const cells = sim.population("cells", 10, neuron, { initial: { v: "i / N" } });
const spikes = sim.monitor.spikes(cells);
const enough = new AbortController();
sim.every("1 ms", () => {
  if (spikes.count >= 20) enough.abort();
});
const { stopped } = await sim.run("100 ms", { signal: enough.signal });

console.log(`stopped: ${stopped}, at ${sim.time.toFixed(1)} ms with ${spikes.count} spikes`);
console.log(`spikes (ms): ${[...spikes.times].map((time) => time.toFixed(1)).join(" ")}`);
console.log(`v: ${[...sim.state(cells, "v")].map((v) => v.toPrecision(6)).join(" ")}`);
const { times, indices: units } = spikes;
await saveFigure(
  "stop-early",
  rasterFromTimes({ title: "A run that stops early", populations: [{ name: "cells", size: 10, times, units }] }),
);

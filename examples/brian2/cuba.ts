// Four thousand integrate-and-fire neurons with exponential synaptic currents, a fifth of them inhibitory.
// R. Brette et al., J. Comput. Neurosci. 23 (2007) 349-398, benchmark 2; Brian2's example "CUBA".
import { defineNeuron, exactLinear } from "spikevine";
import { rasterFromTimes } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "cuba",
  states: { v: { unit: "mV" }, ge: { unit: "mV" }, gi: { unit: "mV" } },
  dynamics: { v: "(-49 mV - v + ge + gi) / (20 ms)", ge: "-ge / (5 ms)", gi: "-gi / (10 ms)" },
  integrator: exactLinear,
  // Brian2's period of 5 ms holds one step fewer.
  refractory: "4.9 ms",
  unlessRefractory: ["v"],
  spike: "v + 50 mV",
  reset: { v: "y > 0 ? -60 mV : v" },
});

const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b) / numbers.length;
const deviation = (numbers: readonly number[]): number => {
  const center = mean(numbers);
  return Math.sqrt(mean(numbers.map((x) => (x - center) ** 2)));
};

console.log("| seed | spikes | excitatory rate (Hz) | inhibitory rate (Hz) | deviation of the rates (Hz) | mean CV |");
console.log("|---|---|---|---|---|---|");
let figure = "";
for (const seed of [1, 2, 3]) {
  const sim = simulation({ seed });
  const cells = sim.population("cells", 4000, neuron, { initial: { v: "-60 mV + 10 mV * rand()" } });
  const pattern = { probability: 0.02 };
  sim.connect(cells.slice(0, 3200), cells, { pattern, target: "ge", weight: "1.62 mV", delay: "0.1 ms" });
  sim.connect(cells.slice(3200), cells, { pattern, target: "gi", weight: "-9 mV", delay: "0.1 ms" });
  const spikes = sim.monitor.spikes(cells);
  await sim.run("1 s");

  const trains = spikes.trains().map((train) => [...train].filter((time) => time >= 200));
  const rates = trains.map((train) => train.length / 0.8);
  const variations = trains
    .filter((train) => train.length > 2)
    .map((train) => train.slice(1).map((time, k) => time - train[k]!))
    .map((gaps) => deviation(gaps) / mean(gaps));
  const row = [mean(rates.slice(0, 3200)), mean(rates.slice(3200)), deviation(rates)].map((rate) => rate.toFixed(3));
  console.log(`| ${seed} | ${spikes.count} | ${row.join(" | ")} | ${mean(variations).toFixed(4)} |`);
  const { times, indices: units } = spikes;
  figure ||= rasterFromTimes({ title: "The CUBA network", populations: [{ name: "cells", size: 4000, times, units }] });
}
await saveFigure("cuba", figure);

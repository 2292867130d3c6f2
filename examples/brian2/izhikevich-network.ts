// A thousand neurons of different types in a network with random weights: waves of synchronous spikes come and go. E. M.
// Izhikevich, IEEE Transactions on Neural Networks 14 (2003) 1569-1572, figure 3; Brian2's example
// "frompapers/Izhikevich_2003".
import { defineNeuron, forwardEuler } from "spikevine";
import { rasterFromTimes } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "two-variables",
  states: { v: { initial: -65 }, u: {}, arrived: { summary: "Weights of the spikes that arrive in a step." } },
  parameters: {
    a: { value: 0.02, summary: "Rate of recovery." },
    b: { value: 0.2, summary: "Recovery by the potential." },
    c: { value: -65, summary: "Potential after a spike." },
    d: { value: 8, summary: "Recovery by a spike." },
    noise: { value: 5, summary: "Standard deviation of the input." },
  },
  dynamics: {
    v: "(0.04 * v^2 + 5 * v + 140 - u + arrived + noise * randn()) / (1 ms)",
    u: "a * (b * v - u) / (1 ms)",
  },
  update: { arrived: "0" },
  integrator: forwardEuler,
  spike: "v - 30",
  reset: { v: "y > 0 ? c : v", u: "y > 0 ? u + d : u" },
});

console.log(
  "| seed | excitatory (Hz) | inhibitory (Hz) | variation of the rate | slow rhythm (Hz) |\n|---|---|---|---|---|",
);
let figure = "";
for (let seed = 1; seed <= 3; seed++) {
  const sim = simulation({ dt: "1 ms", seed });
  // The position x decides how far a neuron is from regular spiking towards bursting, or towards fast spiking.
  const excitatory = sim.population("excitatory", 800, neuron, {
    positions: { x: "rand()" },
    parameters: { c: "-65 + 15 * x^2", d: "8 - 6 * x^2" },
    initial: { v: "-65", u: "b * v" },
  });
  const inhibitory = sim.population("inhibitory", 200, neuron, {
    positions: { x: "rand()" },
    parameters: { a: "0.02 + 0.08 * x", b: "0.25 - 0.05 * x", d: 2, noise: 2 },
    initial: { v: "-65", u: "b * v" },
  });
  const all = { pattern: "all-to-all", target: "arrived", delay: "1 ms" } as const;
  sim.connect(excitatory, [excitatory, inhibitory], { ...all, weight: "0.5 * rand()" });
  sim.connect(inhibitory, [excitatory, inhibitory], { ...all, weight: "-rand()" });
  const [e, i] = [sim.monitor.spikes(excitatory), sim.monitor.spikes(inhibitory)];
  await sim.run("1 s");

  // Spikes per ms from 100 ms on, and the frequency between 5 and 20 Hz with the largest power.
  const counts = new Float64Array(1000);
  for (const time of [...e.times, ...i.times]) counts[Math.round(time)]!++;
  const late = counts.slice(100);
  const mean = late.reduce((a, b) => a + b) / late.length;
  const variation = Math.sqrt(late.reduce((sum, count) => sum + (count - mean) ** 2, 0) / late.length) / mean;
  const power = (cycles: number): number => {
    const sum = (wave: (phase: number) => number): number =>
      late.reduce((total, count, k) => total + (count - mean) * wave((2 * Math.PI * cycles * k) / late.length), 0);
    return sum(Math.cos) ** 2 + sum(Math.sin) ** 2;
  };
  const cycles = Array.from({ length: 14 }, (_, k) => k + 5).reduce((a, b) => (power(b) > power(a) ? b : a));
  console.log(
    `| ${seed} | ${(e.count / 800).toFixed(3)} | ${(i.count / 200).toFixed(3)} | ${variation.toFixed(3)} | ${(cycles / 0.9).toFixed(2)} |`,
  );
  figure ||= rasterFromTimes({
    title: "A network of different types of neurons",
    populations: [
      { name: "excitatory", size: 800, times: e.times, units: e.indices },
      { name: "inhibitory", size: 200, times: i.times, units: i.indices },
    ],
  });
}
await saveFigure("izhikevich-network", figure);

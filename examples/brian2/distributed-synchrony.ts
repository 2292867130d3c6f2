// A neuron with 5000 Poisson inputs, and one in which 15 of the excitatory inputs sometimes spike together: less than 1 % of
// the synapses multiply the rate. C. Rossant et al., Journal of Neuroscience 31 (2011) 17193-17206, figure 14; Brian2's
// example "frompapers/Rossant_et_al_2011bis", with 50 copies of both neurons.
import { defineNeuron, exactLinear } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "detector",
  states: { v: { unit: "mV", initial: "-65 mV" }, ge: { unit: "mV" }, gi: { unit: "mV" } },
  dynamics: { v: "(ge + gi - (v + 65 mV)) / (5 ms)", ge: "-ge / (3 ms)", gi: "-gi / (10 ms)" },
  integrator: exactLinear,
  // Brian2's period of 5 ms holds one step fewer.
  refractory: "4.9 ms",
  spike: "v + 55 mV",
  reset: { v: "y > 0 ? -65 mV : v" },
});

// A synaptic potential has a peak of 0.5 mV, and inhibition cancels excitation on average.
const weight = 0.5 / (5 / 3) ** (5 / (3 - 5));
const inhibition = -(4000 * weight * 3) / (1000 * 10);
const copies = 50;

const sim = simulation({ seed: 1 });
const cells = sim.population("cells", 2 * copies, neuron);
const [independent, synchronous] = [cells.slice(0, copies), cells.slice(copies)];
const poisson = (group: typeof cells, rate: string, target: string, size: number): void => {
  sim.input(group, { poisson: { rate, weight: `${size} mV`, target } });
};
poisson(independent, "4000 Hz", "ge", weight);
// 15 inputs have 40 of their spikes per second together.
poisson(synchronous, "3400 Hz", "ge", weight);
poisson(synchronous, "40 Hz", "ge", 15 * weight);
poisson(cells, "1000 Hz", "gi", inhibition);
const spikes = sim.monitor.spikes(cells);
const v = sim.monitor.state(cells, "v", { every: 10 });
await sim.run("1 s");

console.log("| | inputs | rate (Hz) | mean v (mV) | deviation of v (mV) |\n|---|---|---|---|---|");
[independent, synchronous].forEach((_, group) => {
  const count = spikes.indices.filter((i) => Math.floor(i / copies) === group).length;
  const values = Array.from({ length: copies }, (_, i) => [...v.trace(group * copies + i).slice(100)]).flat();
  const mean = values.reduce((a, b) => a + b) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  const name = group === 0 ? "independent" : "synchronous";
  console.log(`| ${group} | ${name} | ${(count / copies).toFixed(2)} | ${mean.toFixed(3)} | ${deviation.toFixed(3)} |`);
});

const panels = [0, copies].map((i) => ({
  title: i === 0 ? "v with independent inputs (mV)" : "v with synchronous events (mV)",
  xLabel: "time (ms)",
  lines: [{ name: "v", x: [...v.times], y: [...v.trace(i)] }],
}));
await saveFigure("distributed-synchrony", linePlot({ title: "Coincident inputs", panels }));

// The f-I curve of a leaky integrate-and-fire neuron against its closed form: a constant current I gives the interval
// refractory + tau ln(R I / (R I - (threshold - rest))) (W. Gerstner et al., Neuronal Dynamics (2014), section 1.3).
import { lif } from "spikevine";
import { linePlot } from "spikevine/plots";
import { isi, simulation } from "spikevine/simulation";
import { saveFigure } from "./settings.js";

const neuron = lif({ tau: "20 ms", rest: "-65 mV", threshold: "-50 mV", resistance: "100 MOhm", refractory: "2 ms" });
const currents = Array.from({ length: 51 }, (_, i) => 100 + 8 * i);
const closedForm = (pA: number): number => {
  const drive = 0.1 * pA;
  return drive <= 15 ? 0 : 1000 / (2 + 20 * Math.log(drive / (drive - 15)));
};

const sim = simulation({ dt: "0.01 ms" });
const cells = sim.population("cells", currents.length, neuron);
sim.input(cells, { current: currents.map((pA) => `${pA} pA`) });
const spikes = sim.monitor.spikes(cells);
await sim.run("2 s");

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const rates = spikes.trains().map((train) => (train.length < 2 ? 0 : 1000 / mean(isi(train))));
const closed = currents.map(closedForm);
console.log("| current (pA) | closed form (Hz) | here (Hz) |\n|---|---|---|");
currents.forEach((pA, i) => {
  if (i % 5 === 0) console.log(`| ${pA} | ${closed[i]!.toFixed(3)} | ${rates[i]!.toFixed(3)} |`);
});
const worst = Math.max(...rates.map((rate, i) => (closed[i] === 0 ? rate : Math.abs(rate / closed[i]! - 1))));
console.log(
  `\nlargest relative difference ${(100 * worst).toFixed(2)} % at dt ${sim.dt} ms (a spike is rounded up to a step)`,
);

const lines = [
  { name: "closed form", x: currents, y: closed },
  { name: "simulated", x: currents, y: rates, dashed: true },
];
const panel = { title: "Firing rate (Hz)", xLabel: "current (pA)", lines };
await saveFigure("fi-curve", linePlot({ title: "f-I curve of a leaky integrate-and-fire neuron", panels: [panel] }));

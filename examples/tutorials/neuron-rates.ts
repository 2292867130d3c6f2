import { writeFile } from "node:fs/promises";
import { lif } from "spikevine/neurons";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";

const neuron = lif({ tau: "20 ms", rest: "-65 mV", threshold: "-50 mV", resistance: "100 MOhm", refractory: "2 ms" });
const currents = Array.from({ length: 41 }, (_, i) => 100 + 10 * i);

const sim = simulation({ dt: "0.01 ms" });
const cells = sim.population("cells", currents.length, neuron);
sim.input(cells, { current: currents.map((pA) => `${pA} pA`) });
const spikes = sim.monitor.spikes(cells);
await sim.run("1 s");

// The interval between two spikes, from the equation: refractory + tau ln(R I / (R I - 15 mV)).
const formula = currents.map((pA) => (pA <= 150 ? 0 : 1000 / (2 + 20 * Math.log(pA / (pA - 150)))));
const rates = spikes.trains().map((train) => {
  const intervals = train.length - 1;
  return intervals < 1 ? 0 : (1000 * intervals) / (train[intervals]! - train[0]!);
});
for (const pA of [150, 200, 300, 400, 500]) {
  const i = currents.indexOf(pA);
  console.log(`${pA} pA: ${rates[i]!.toFixed(1)} Hz, by the formula ${formula[i]!.toFixed(1)} Hz`);
}

const lines = [
  { name: "formula", x: currents, y: formula },
  { name: "simulated", x: currents, y: rates, dashed: true },
];
const panel = { title: "Firing rate (Hz)", xLabel: "current (pA)", lines };
await writeFile("neuron-rates.svg", linePlot({ title: "From current to firing rate", panels: [panel] }));

import { writeFile } from "node:fs/promises";
import { cobaLif } from "spikevine/neurons";
import { rasterFromTimes } from "spikevine/plots";
import { meanIsiCv, normal, simulation } from "spikevine/simulation";

const sim = simulation({ dt: "0.1 ms", seed: 1 });
const initial = { v: normal("-65 mV", "5 mV"), ge: normal("40 nS", "15 nS"), gi: normal("200 nS", "120 nS") };
const exc = sim.population("excitatory", 3200, cobaLif(), { initial });
const inh = sim.population("inhibitory", 800, cobaLif(), { initial });
const pattern = { probability: 0.02 };
sim.connect(exc, [exc, inh], { pattern, target: "ge", weight: "6 nS" });
sim.connect(inh, [exc, inh], { pattern, target: "gi", weight: "67 nS" });

const monitors = [sim.monitor.spikes(exc), sim.monitor.spikes(inh)];
await sim.run("500 ms");

for (const { population, count } of monitors) {
  console.log(`${population.name}: ${(count / population.size / 0.5).toFixed(1)} spikes per second and neuron`);
}
console.log(`CV of intervals: ${meanIsiCv(monitors.flatMap((monitor) => monitor.trains())).toFixed(2)}`);

const populations = monitors.map(({ population: { name, size }, times, indices }) => ({
  name,
  size,
  times,
  units: indices,
}));
await writeFile(
  "populations-network.svg",
  rasterFromTimes({ title: "A balanced network", from: 200, to: 500, populations }),
);

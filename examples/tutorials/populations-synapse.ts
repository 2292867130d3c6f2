import { writeFile } from "node:fs/promises";
import { cobaLif } from "spikevine/neurons";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";

const sim = simulation({ dt: "0.1 ms" });
const cells = sim.population("cells", 2, cobaLif(), { initial: { v: "-60 mV" } });
const source = sim.source("source", 1, { spikes: [20, 60, 65, 70].map((ms) => [`${ms} ms`, 0] as const) });
sim.connect(source, cells.slice(0, 1), { pattern: "all-to-all", target: "ge", weight: "2 nS", delay: "1.5 ms" });
sim.connect(source, cells.slice(1, 2), { pattern: "all-to-all", target: "gi", weight: "20 nS", delay: "1.5 ms" });

const v = sim.monitor.state(cells, "v");
await sim.run("150 ms");

const [excited, inhibited] = [v.trace(0), v.trace(1)];
const peak = excited.reduce((best, value, k) => (value > excited[best]! ? k : best), 0);
console.log(
  `excitation: from ${excited[0]!.toFixed(1)} to ${excited[peak]!.toFixed(2)} mV at ${v.times[peak]!.toFixed(1)} ms`,
);
console.log(`inhibition: down to ${Math.min(...inhibited).toFixed(2)} mV`);

const lines = [
  { name: "excitatory, 2 nS", x: v.times, y: excited },
  { name: "inhibitory, 20 nS", x: v.times, y: inhibited },
];
const panel = { title: "Membrane potential (mV)", xLabel: "time (ms)", lines };
await writeFile("populations-synapse.svg", linePlot({ title: "One spike, then three", panels: [panel] }));

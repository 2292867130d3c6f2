// A neuron whose threshold jumps by 3 mV with every spike and decays back, driven by kicks of 3 mV every 2 ms. The model
// is that of Brian2's example "adaptive_threshold" with regular instead of random input, so that nothing is random.
import { defineNeuron, exactLinear } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "adaptive-threshold",
  states: { v: { unit: "mV" }, vt: { unit: "mV", initial: "10 mV" } },
  dynamics: { v: "-v / (10 * ms)", vt: "(10 mV - vt) / (15 * ms)" },
  integrator: exactLinear,
  spike: "v - vt",
  reset: { v: "y > 0 ? 0 : v", vt: "y > 0 ? vt + 3 mV : vt" },
});

const sim = simulation();
const input = sim.source("input", 1, { spikes: Array.from({ length: 999 }, (_, k) => [`${2 * k + 1} ms`, 0]) });
const cell = sim.population("cell", 1, neuron);
sim.connect(input, cell, { pattern: "all-to-all", target: "v", weight: "3 mV" });
const spikes = sim.monitor.spikes(cell);
const v = sim.monitor.state(cell, "v");
const vt = sim.monitor.state(cell, "vt");
await sim.run("2 s");

// The monitor has the potential at the beginning of the step of a spike; it is compared with the threshold at its end.
const crossing = (time: number): number => v.trace(0)[Math.round(time / sim.dt)]! * Math.exp(-sim.dt / 10);
console.log("| spike (ms) | v at the threshold (mV) |\n|---|---|");
for (const time of spikes.times.slice(0, 5)) console.log(`| ${time.toFixed(1)} | ${crossing(time).toFixed(4)} |`);
const end = (state: string): string => sim.state(cell, state)[0]!.toPrecision(6);
console.log(`\n${spikes.count} spikes; at the end v = ${end("v")} mV and vt = ${end("vt")} mV`);

const shown = 1000;
const lines = [
  { name: "v", x: [...v.times.slice(0, shown)], y: [...v.trace(0).slice(0, shown)] },
  { name: "threshold", x: [...vt.times.slice(0, shown)], y: [...vt.trace(0).slice(0, shown)], dashed: true },
];
const panel = { title: "Potential (mV)", xLabel: "time (ms)", lines };
await saveFigure("adaptive-threshold", linePlot({ title: "A threshold that adapts", panels: [panel] }));

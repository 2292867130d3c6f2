import { writeFile } from "node:fs/promises";
import { defineNeuron } from "spikevine/neurons";
import { linePlot } from "spikevine/plots";
import { isi, simulation } from "spikevine/simulation";

const adapting = defineNeuron({
  name: "adapting",
  states: {
    v: { unit: "mV", initial: "-65 mV" },
    w: { unit: "pA", initial: "0 pA" },
  },
  parameters: {
    R: { value: "100 MOhm" },
    tau: { value: "20 ms" },
    tauW: { value: "150 ms" },
    jump: { value: "20 pA" },
  },
  input: { symbol: "I", unit: "pA" },
  dynamics: { v: "(-65 mV - v + R * (I - w)) / tau", w: "-w / tauW" },
  spike: "v - (-50 mV)",
  reset: { v: "y > 0 ? -65 mV : v", w: "w + jump * y" },
});

const sim = simulation({ dt: "0.1 ms" });
const cell = sim.population("cell", 1, adapting);
sim.input(cell, { current: "300 pA" });
const v = sim.monitor.state(cell, "v");
const w = sim.monitor.state(cell, "w");
const spikes = sim.monitor.spikes(cell);
await sim.run("500 ms");

const intervals = Array.from(isi(spikes.times));
console.log(`${spikes.count} spikes; intervals in ms: ${intervals.map((ms) => ms.toFixed(1)).join(" ")}`);

const x = v.times;
const panel = (name: string, y: Float64Array) => ({ title: name, xLabel: "time (ms)", lines: [{ name, x, y }] });
const panels = [panel("v (mV)", v.trace(0)), panel("w (pA)", w.trace(0))];
await writeFile("neuron-own.svg", linePlot({ title: "A neuron that adapts", panels, columns: 1 }));

// A thousand Hodgkin-Huxley neurons of Traub and Miles with exponential synaptic conductances, a fifth of them inhibitory.
// R. Brette et al., J. Comput. Neurosci. 23 (2007) 349-398, benchmark 3; Brian2's example "COBAHH", with connections and
// initial values that are not random, so that every spike can be compared.
import { defineNeuron, exponentialEuler } from "spikevine";
import { rasterFromTimes } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "traub-miles",
  states: { v: { unit: "mV" }, m: {}, n: {}, h: {}, ge: { unit: "nS" }, gi: { unit: "nS" } },
  derived: {
    leak: "10 nS * (-60 mV - v)",
    sodium: "20 uS * m^3 * h * (50 mV - v)",
    potassium: "6 uS * n^4 * (-90 mV - v)",
    synaptic: "ge * (0 mV - v) + gi * (-80 mV - v)",
  },
  dynamics: {
    v: "(leak + synaptic + sodium + potassium) / (200 pF)",
    m: "(1 - m) * 1.28 / ms / exprel((-50 mV - v) / (4 mV)) - m * 1.4 / ms / exprel((v + 23 mV) / (5 mV))",
    n: "(1 - n) * 0.16 / ms / exprel((-48 mV - v) / (5 mV)) - n * 0.5 / ms * exp((-53 mV - v) / (40 mV))",
    h: "(1 - h) * 0.128 / ms * exp((-46 mV - v) / (18 mV)) - h * 4 / ms / (1 + exp((-23 mV - v) / (5 mV)))",
    ge: "-ge / (5 ms)",
    gi: "-gi / (10 ms)",
  },
  integrator: exponentialEuler,
  // Brian2's period of 3 ms holds one step fewer.
  refractory: "2.9 ms",
  spike: "v + 20 mV",
});

const sim = simulation();
const cells = sim.population("cells", 1000, neuron, {
  initial: {
    v: "-65 mV + 5 mV * sin(i)",
    ge: "40 nS + 15 nS * sin(2 * i)",
    gi: "200 nS + 120 nS * sin(3 * i)",
  },
});
const pattern = { condition: "mod(7919 * i + 6007 * j + 31 * i * j, 1009) < 81" };
const excitation = sim.connect(cells.slice(0, 800), cells, { pattern, target: "ge", weight: "6 nS", delay: "0.1 ms" });
const inhibition = sim.connect(cells.slice(800), cells, { pattern, target: "gi", weight: "67 nS", delay: "0.1 ms" });
const spikes = sim.monitor.spikes(cells);
await sim.run("100 ms");

const show = (x: number): string => String(Number(x.toPrecision(6)));
console.log(`${excitation.size} and ${inhibition.size} synapses, ${spikes.count} spikes\n`);
console.log("| neuron | spikes | spikes (ms) | final v (mV) | final m | final h |\n|---|---|---|---|---|---|");
const trains = spikes.trains();
for (const i of [0, 400, 799, 800, 999]) {
  const times = [...trains[i]!].map((time) => time.toFixed(1)).join(" ");
  const final = ["v", "m", "h"].map((state) => show(sim.state(cells, state)[i]!)).join(" | ");
  console.log(`| ${i} | ${trains[i]!.length} | ${times} | ${final} |`);
}
const { times, indices: units } = spikes;
await saveFigure(
  "cobahh",
  rasterFromTimes({ title: "The COBAHH network", populations: [{ name: "cells", size: 1000, times, units }] }),
);

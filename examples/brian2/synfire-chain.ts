// Ten groups of a hundred neurons in a chain. A packet of 85 spikes enters the first group and travels through all of them.
// M. Diesmann, M.-O. Gewaltig and A. Aertsen, Nature 402 (1999) 529-533; Brian2's example "frompapers/Diesmann_et_al_1999".
import { defineNeuron, eulerMaruyama } from "spikevine";
import { rasterFromTimes } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "chain",
  states: { v: { unit: "mV" }, x: { unit: "mV" }, drive: { unit: "mV" } },
  dynamics: {
    v: "(-70 mV - v + x) / (10 ms)",
    x: "(drive - x) / (0.325 ms)",
    drive: "25.27 mV/ms - drive / (0.325 ms) + 39.24 mV / (1 ms)^0.5 * xi",
  },
  integrator: eulerMaruyama,
  // Brian2's period of 1 ms holds one step fewer.
  refractory: "0.9 ms",
  spike: "v + 55 mV",
  reset: { v: "y > 0 ? -70 mV : v" },
});
/** Each neuron of the packet fires once, at a random time. */
const packetNeuron = defineNeuron({
  name: "packet",
  states: { fired: {} },
  parameters: { time: { value: "50 ms", summary: "Time of the spike." } },
  update: { fired: "fired" },
  spike: "fired == 0 and t >= time ? 1 : -1",
  reset: { fired: "y > 0 ? 1 : fired" },
});

const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b) / numbers.length;

console.log(
  "| seed | spikes | before 40 ms | groups 0, 4, 9: spikes, mean time (ms), spread (ms) |\n|---|---|---|---|",
);
let figure = "";
for (let seed = 1; seed <= 5; seed++) {
  const sim = simulation({ seed });
  const chain = sim.population("chain", 1000, neuron, { initial: { v: "-70 mV + 15 mV * rand()" } });
  const packet = sim.population("packet", 85, packetNeuron, { parameters: { time: "50 ms + 1 ms * randn()" } });
  const next = { condition: "floor(j / 100) == floor(i / 100) + 1" };
  sim.connect(chain, chain, { pattern: next, target: "drive", weight: "4.86 mV", delay: "0.1 ms" });
  sim.connect(packet, chain.slice(0, 100), {
    pattern: "all-to-all",
    target: "drive",
    weight: "4.86 mV",
    delay: "0.1 ms",
  });
  const spikes = sim.monitor.spikes(chain);
  await sim.run("100 ms");

  // The packet in a group: the spikes of the densest 5 ms after 45 ms.
  const groups = [0, 4, 9].map((group) => {
    const times = [...spikes.times].filter((time, k) => time >= 45 && Math.floor(spikes.indices[k]! / 100) === group);
    const windows = times.map((start) => times.filter((time) => time >= start && time < start + 5));
    const densest = windows.reduce((a, b) => (b.length > a.length ? b : a));
    const center = mean(densest);
    const spread = Math.sqrt(mean(densest.map((time) => (time - center) ** 2)));
    return `${densest.length} ${center.toFixed(3)} ${spread.toFixed(3)}`;
  });
  const early = spikes.times.filter((time) => time < 40).length;
  console.log(`| ${seed} | ${spikes.count} | ${early} | ${groups.join(" ")} |`);
  const { times, indices: units } = spikes;
  figure ||= rasterFromTimes({ title: "A synfire chain", populations: [{ name: "chain", size: 1000, times, units }] });
}
await saveFigure("synfire-chain", figure);

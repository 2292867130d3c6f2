// A scorpion finds its prey by a wave in the sand, which reaches its eight legs at different times. Each leg excites one
// command neuron, and inhibits those of the legs opposite to it a little later. W. Stürzl, R. Kempter and J. L. van Hemmen,
// Physical Review Letters 84 (2000) 5668-5671; Brian2's example "frompapers/Sturzl_et_al_2000", with regular instead of random
// phases of the wave, and without noise in the legs, so that nothing is random.
import { defineNeuron, exactLinear, forwardEuler } from "spikevine";
import { rasterFromTimes } from "spikevine/plots";
import { simulation, timedArray } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

// Frequencies around 300 Hz.
const components = Array.from({ length: 301 }, (_, k) => ({
  frequency: 150 + k,
  phase: 0.618033988749895 * k,
  size: Math.exp(-((k - 150) ** 2) / (2 * 50 ** 2)),
}));
const total = components.reduce((sum, { size }) => sum + size, 0);
const wave = Array.from({ length: 5001 }, (_, step) =>
  components.reduce(
    (sum, { frequency, phase, size }) =>
      sum + (size / total) * Math.cos(2 * Math.PI * (frequency * step * 1e-4 + phase)),
    0,
  ),
);

const leg = defineNeuron({
  name: "leg",
  functions: { sand: timedArray(wave, { dt: "0.1 ms" }) },
  states: { v: {} },
  parameters: { lag: { value: "0 ms", summary: "Time of the wave from the nearest point to the leg." } },
  dynamics: { v: "(1 + sand(t - lag) - v) / (1 ms)" },
  integrator: forwardEuler,
  // Brian2's period of 1 ms holds one step fewer.
  refractory: "0.9 ms",
  spike: "v - 1",
  reset: { v: "y > 0 ? 0 : v" },
});
const command = defineNeuron({
  name: "command",
  states: { v: {}, x: {}, y1: {} },
  dynamics: { v: "(x - v) / (1 ms)", x: "(y1 - x) / (1.001 ms)", y1: "-y1 / (1.001 ms)" },
  integrator: exactLinear,
  spike: "v - 1",
  reset: { v: "y > 0 ? 0 : v" },
});

const prey = 144;
const angle = (i: number): number => 22.5 + 45 * i;
const sim = simulation();
const legs = sim.population("legs", 8, leg, {
  positions: { angle: "(22.5 + 45 * i) * pi / 180" },
  // 2.5 cm from the center of the body at 50 m/s.
  parameters: { lag: `0.5 ms * (1 - cos(${prey} * pi / 180 - angle))` },
});
const commands = sim.population("commands", 8, command);
// Brian2's delays act one step later.
sim.connect(legs, commands, { pattern: "one-to-one", target: "y1", weight: 7, delay: "0.1 ms" });
const opposite = { condition: "abs(mod(j - i, N_post) - N_post / 2) <= 1" };
sim.connect(legs, commands, { pattern: opposite, target: "y1", weight: -2, delay: "0.8 ms" });
const [felt, spikes] = [sim.monitor.spikes(legs), sim.monitor.spikes(commands)];
await sim.run("500 ms");

console.log(
  "| leg | angle | its spikes | first (ms) | spikes of the command neuron | first (ms) |\n|---|---|---|---|---|---|",
);
const [sensed, decided] = [felt.trains(), spikes.trains()];
const first = (train: ArrayLike<number>): string =>
  Array.from(train)
    .slice(0, 4)
    .map((time) => time.toFixed(1))
    .join(" ");
for (let i = 0; i < 8; i++) {
  const [a, b] = [sensed[i]!, decided[i]!];
  console.log(`| ${i} | ${angle(i)} | ${a.length} | ${first(a)} | ${b.length} | ${first(b)} |`);
}
const sum = (wave: (angle: number) => number): number =>
  decided.reduce((all, train, i) => all + train.length * wave((angle(i) * Math.PI) / 180), 0);
const found = (Math.atan2(sum(Math.sin), sum(Math.cos)) * 180) / Math.PI;
console.log(`\nprey at ${prey} degrees, found at ${((found + 360) % 360).toFixed(3)} degrees`);

const populations = [
  { name: "legs", size: 8, times: felt.times, units: felt.indices },
  { name: "command neurons", size: 8, times: spikes.times, units: spikes.indices },
];
await saveFigure("prey-localization", rasterFromTimes({ title: "Direction of a wave in the sand", populations }));

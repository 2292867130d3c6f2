// A noise moves around the head. Delay lines from both ears end at coincidence detectors, and the detector whose delays
// cancel the difference between the ears fires. L. A. Jeffress, Journal of Comparative and Physiological Psychology 41 (1948)
// 35-39; Brian2's example "synapses/jeffress".
import { defineNeuron, eulerMaruyama } from "spikevine";
import { rasterFromTimes } from "spikevine/plots";
import { simulation, timedArray } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

/** Normal numbers of mean 0 and deviation 10, the noise of the source; the same in every run. */
function noise(length: number): number[] {
  let state = 1;
  const uniform = (): number => {
    state = (1664525 * state + 1013904223) % 2 ** 32;
    return (state + 0.5) / 2 ** 32;
  };
  return Array.from({ length }, () => 10 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}

// 20 cm between the ears at 300 m/s.
const largest = 2 / 3;
const ear = defineNeuron({
  name: "ear",
  functions: { sound: timedArray(noise(50_000), { dt: "0.02 ms" }) },
  states: { x: {}, theta: { summary: "Angle of the source." } },
  parameters: { distance: { value: "0 ms", summary: "From the center of the head, as a time." } },
  derived: { lag: "distance * sin(theta)" },
  dynamics: {
    x: "(sound(t - lag) - x) / (1 ms) + 0.1 * (2 / (1 ms))^0.5 * xi",
    theta: "2 * pi / (1 s)",
  },
  integrator: eulerMaruyama,
  // Brian2's period of 2.5 ms holds one step fewer.
  refractory: "2.48 ms",
  unlessRefractory: ["x"],
  spike: "x - 1",
  reset: { x: "y > 0 ? 0 : x" },
});
const detector = defineNeuron({
  name: "detector",
  states: { v: {} },
  dynamics: { v: "-v / (1 ms) + 0.1 * (2 / (1 ms))^0.5 * xi" },
  integrator: eulerMaruyama,
  spike: "v - 1",
  reset: { v: "y > 0 ? 0 : v" },
});

const size = 30;
const sim = simulation({ dt: "0.02 ms", seed: 1 });
const ears = sim.population("ears", 2, ear, { parameters: { distance: `${largest} ms * (i - 0.5)` } });
const detectors = sim.population("detectors", size, detector);
// Brian2's delays act one step later.
sim.connect(ears, detectors, {
  pattern: "all-to-all",
  target: "v",
  weight: 0.5,
  delay: `0.02 ms + 1.1 * ${largest} ms * (i == 0 ? j : N_post - 1 - j) / (N_post - 1)`,
});
const heard = sim.monitor.spikes(ears);
const spikes = sim.monitor.spikes(detectors);
await sim.run("1 s");

// The detector that fires most in a window of 50 ms, around the angles of both extremes and of the middle.
console.log("| time (ms) | difference between the ears (ms) | mean detector | expected |\n|---|---|---|---|");
for (const time of [50, 150, 250, 350, 450, 550, 650, 750, 850, 950]) {
  const difference = largest * Math.sin((2 * Math.PI * time) / 1000);
  const fired = [...spikes.indices].filter((_, k) => Math.abs(spikes.times[k]! - time) <= 50);
  const mean = fired.reduce((a, b) => a + b, 0) / fired.length;
  const expected = ((size - 1) / 2) * (1 + difference / (1.1 * largest));
  console.log(`| ${time} | ${difference.toFixed(3)} | ${mean.toFixed(2)} | ${expected.toFixed(2)} |`);
}
console.log(`\n${heard.count} spikes of the ears, ${spikes.count} of the detectors`);

const { times, indices: units } = spikes;
await saveFigure(
  "sound-localization",
  rasterFromTimes({
    title: "Detectors of delays between the ears",
    populations: [{ name: "detectors", size, times, units }],
  }),
);

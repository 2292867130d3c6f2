// A threshold that follows the potential: the steeper a depolarization, the lower the potential at the spike. J. Platkiewicz
// and R. Brette, PLoS Computational Biology 7 (2011) e1001129, figure 5; Brian2's example
// "frompapers/Platkiewicz_Brette_2011".
import { defineNeuron, eulerMaruyama } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "adaptive-threshold",
  states: { v: { unit: "mV", initial: "-70 mV" }, theta: { unit: "mV", initial: "-55 mV" }, noise: {} },
  parameters: { sigma: { value: "8.485281374238570 mV", summary: "Size of the input." } },
  dynamics: {
    v: "(-70 mV - v + 15 mV + sigma * noise) / (5 ms)",
    theta: "(-55 mV + 5 / 6 * max(v + 63 mV, 0 mV) - theta) / (5 ms)",
    noise: "-noise / (5 ms) + (2 / (5 ms))^0.5 * xi",
  },
  integrator: eulerMaruyama,
  // Brian2's period of 5 ms holds one step fewer.
  refractory: "4.9 ms",
  spike: "v - theta",
  reset: { v: "y > 0 ? -70 mV : v" },
});

const size = 100;
const sim = simulation({ seed: 1 });
const cells = sim.population("cells", size, neuron);
const spikes = sim.monitor.spikes(cells);
const v = sim.monitor.state(cells, "v");
const theta = sim.monitor.state(cells, "theta", { indices: [0] });
await sim.run("1 s");

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;
const deviation = (values: readonly number[]): number => {
  const center = mean(values);
  return Math.sqrt(mean(values.map((x) => (x - center) ** 2)));
};

// Slope of the potential over the 4.9 ms before a spike, by linear regression, and its last value.
const points = [...spikes.times].flatMap((time, k) => {
  const step = Math.round(time / sim.dt);
  if (step < 50) return [];
  const before = [...v.trace(spikes.indices[k]!).slice(step - 49, step)];
  const [center, middle] = [mean(before), 24];
  const products = before.reduce((sum, x, n) => sum + (x - center) * (n - middle), 0);
  const squares = before.reduce((sum, _, n) => sum + (n - middle) ** 2, 0);
  return [{ slope: products / squares / sim.dt, threshold: before[48]! }];
});
const slopes = points.map(({ slope }) => slope);
const thresholds = points.map(({ threshold }) => threshold);
const [m, s] = [mean(slopes), mean(thresholds)];
const correlation =
  mean(points.map(({ slope, threshold }) => (slope - m) * (threshold - s))) / deviation(slopes) / deviation(thresholds);
const within = (low: number, high: number): number =>
  mean(points.flatMap(({ slope, threshold }) => (slope > low && slope < high ? [threshold] : [])));

console.log("| rate (Hz) | threshold (mV) | deviation | slope (mV/ms) | correlation | slow | steep |");
console.log("|---|---|---|---|---|---|---|");
const found = [spikes.count / size, s, deviation(thresholds), m, correlation, within(0.5, 1.5), within(2.5, 3.5)];
console.log(`| ${found.map((x) => x.toFixed(3)).join(" | ")} |`);

const shown = 5000;
const line = (name: string, y: ArrayLike<number>) => ({
  name,
  x: [...v.times.slice(0, shown)],
  y: Array.from(y).slice(0, shown),
});
const dots = {
  name: "spikes",
  x: slopes.flatMap((slope) => [slope, slope]),
  // A value that is not a number separates the dots.
  y: thresholds.flatMap((threshold) => [threshold, Number.NaN]),
};
await saveFigure(
  "spike-threshold",
  linePlot({
    title: "A threshold that follows the potential",
    panels: [
      { title: "mV", xLabel: "time (ms)", lines: [line("v", v.trace(0)), line("threshold", theta.trace(0))] },
      { title: "threshold (mV)", xLabel: "slope before the spike (mV/ms)", lines: [dots], dots: true },
    ],
  }),
);

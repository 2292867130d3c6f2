// Twenty-five neurons with noise of their own share one fluctuating input, and therefore fire together. The model is that of
// Brian2's example "reliability".
import { defineNeuron, eulerMaruyama } from "spikevine";
import { rasterFromTimes } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "noisy",
  // All neurons compute the same input, because they share its noise.
  states: { v: {}, shared: {} },
  dynamics: {
    v: "(0.9 + 0.5 * shared - v) / (10 ms) + 0.015 * (2 / (10 ms))^0.5 * xi",
    shared: "-shared / (5 ms) + (2 / (5 ms))^0.5 * xi_shared",
  },
  integrator: eulerMaruyama,
  // Brian2's period of 5 ms holds one step fewer.
  refractory: "4.9 ms",
  spike: "v - 1",
  reset: { v: "y > 0 ? 0 : v" },
});

/** Mean correlation of all pairs of neurons, from counts in windows of 2 ms after 100 ms. */
function correlation(trains: readonly ArrayLike<number>[]): number {
  const scores = trains.map((train) => {
    const counts = new Float64Array(200);
    for (const time of Array.from(train)) if (time >= 100) counts[Math.floor((time - 100) / 2)]!++;
    const mean = counts.reduce((a, b) => a + b) / counts.length;
    const deviation = Math.sqrt(counts.reduce((sum, count) => sum + (count - mean) ** 2, 0));
    return counts.map((count) => (count - mean) / deviation);
  });
  const pairs = scores.flatMap((a, i) => scores.slice(i + 1).map((b) => a.reduce((sum, x, k) => sum + x * b[k]!, 0)));
  return pairs.reduce((a, b) => a + b) / pairs.length;
}

const sim = simulation({ seed: 1 });
const neurons = sim.population("neurons", 25, neuron, { initial: { v: "rand()" } });
const spikes = sim.monitor.spikes(neurons);
console.log("| trial | spikes | correlation of pairs |\n|---|---|---|");
let figure = "";
for (let trial = 0; trial < 20; trial++) {
  sim.reset({ trial });
  await sim.run("500 ms");
  console.log(`| ${trial} | ${spikes.count} | ${correlation(spikes.trains()).toFixed(4)} |`);
  if (trial === 0) {
    figure = rasterFromTimes({
      title: "Neurons with a common input",
      populations: [{ name: "neurons", size: 25, times: spikes.times, units: spikes.indices }],
    });
  }
}
await saveFigure("reliability", figure);

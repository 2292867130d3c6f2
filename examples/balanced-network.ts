// The balanced network of Vogels and Abbott 2005 as specified by the benchmarks COBA and CUBA of Brette et al. 2007.
// Options: --synapses coba|cuba --size 4000 --duration "1 s" --seed 1 --precision single|double --out DIR
import { parseArgs } from "node:util";
import { rasterFromTimes } from "spikevine/plots";
import { balancedNetwork, meanIsiCv } from "spikevine/simulation";
import { saveFigure } from "./settings.js";

const { values } = parseArgs({
  options: {
    synapses: { type: "string", default: "coba" },
    size: { type: "string", default: "4000" },
    duration: { type: "string", default: "1 s" },
    seed: { type: "string", default: "1" },
    precision: { type: "string", default: "double" },
    out: { type: "string" },
  },
});
const synapses = values.synapses === "cuba" ? "cuba" : "coba";
const { simulation, spikes } = balancedNetwork({
  synapses,
  size: Number(values.size),
  seed: Number(values.seed),
  precision: values.precision === "single" ? "single" : "double",
});
const report = await simulation.run(values.duration);

const [count, size] = spikes.reduce(([c, s], monitor) => [c + monitor.count, s + monitor.population.size], [0, 0]);
const rate = (1000 * count) / (size * simulation.time);
const cv = meanIsiCv(spikes.flatMap((monitor) => monitor.trains()));
// The same equations, weights and initial values in Brian 2.5.1, 4,000 neurons for 1 s, seeds 1 to 3.
const brian = { coba: ["17.7 to 20.1", "1.56 to 1.67"], cuba: ["5.53 to 5.62", "0.539 to 0.542"] }[synapses];
console.log(`| ${synapses}, ${size} neurons, ${values.duration} | Brian2 at 4,000 | here |\n|---|---|---|`);
console.log(`| mean rate (Hz) | ${brian[0]} | ${rate.toFixed(2)} |`);
console.log(`| CV of inter-spike intervals (5 spikes or more) | ${brian[1]} | ${cv.toFixed(3)} |`);
console.log(`\n${simulation.executor}: ${report.steps} steps in ${report.seconds.toFixed(2)} s`);

const populations = spikes.map(({ population: { name, size }, times, indices: units }) => ({
  name,
  size,
  times,
  units,
}));
const title = `Balanced network, ${synapses.toUpperCase()}, ${size} neurons`;
await saveFigure("balanced-network", rasterFromTimes({ title, to: Math.min(simulation.time, 1000), populations }));

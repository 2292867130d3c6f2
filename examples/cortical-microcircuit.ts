// The cortical microcircuit of Potjans and Diesmann 2014: eight populations in four layers, with the published rates, irregularity and
// synchrony beside those of this run. --scale 1 has 77,169 neurons and 0.3 billion synapses and needs 6 GiB of memory.
// Options: --scale 0.1 --duration "1 s" --discard "500 ms" --seed 1 --threads 1 --precision single|double --out DIR
import { parseArgs } from "node:util";
import { SpikevineError } from "spikevine";
import { rasterFromTimes } from "spikevine/plots";
import { meanIsiCv, type SpikeMonitor } from "spikevine/simulation";
import {
  microcircuit,
  NAMES,
  PUBLISHED_IRREGULARITY,
  PUBLISHED_RATES,
  PUBLISHED_SYNCHRONY,
  sizeOf,
} from "./microcircuit-network.js";
import { saveFigure } from "./settings.js";

const { values } = parseArgs({
  options: {
    scale: { type: "string", default: "0.1" },
    duration: { type: "string", default: "1 s" },
    discard: { type: "string", default: "500 ms" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "1" },
    precision: { type: "string", default: "double" },
    out: { type: "string" },
  },
});
const scale = Number(values.scale);
if (!(scale >= 0.02 && scale <= 1)) {
  throw new SpikevineError(`--scale is "${values.scale}"; give a number from 0.02 to 1.`);
}

/** Width of a bin, ms, and largest number of neurons for the synchrony. */
const BIN = 3;
const SAMPLE = 1000;

/** Variance over mean of the number of spikes of up to 1,000 neurons in bins of 3 ms. */
function synchronyOf({ times, indices }: SpikeMonitor, from: number, to: number): number {
  const counts = new Float64Array(Math.floor((to - from) / BIN));
  times.forEach((time, k) => {
    const bin = Math.floor((time - from) / BIN);
    if (indices[k]! < SAMPLE && bin < counts.length) counts[bin]!++;
  });
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length / mean;
}

const { neurons, synapses } = sizeOf(scale);
console.log(`${neurons} neurons, ${synapses} synapses`);
const began = performance.now();
const { simulation, populations } = microcircuit(scale, {
  seed: Number(values.seed),
  threads: Number(values.threads),
  precision: values.precision === "single" ? "single" : "double",
});
const discarded = await simulation.run(values.discard);
const built = (performance.now() - began) / 1000 - discarded.seconds;
const from = simulation.time;
const spikes = populations.map((population) => simulation.monitor.spikes(population));
const report = await simulation.run(values.duration);
const to = simulation.time;

console.log("| population | rate (Hz) | published | irregularity | in 60 s | synchrony | in 60 s |");
console.log("|---|---|---|---|---|---|---|");
for (const [p, monitor] of spikes.entries()) {
  const rate = (1000 * monitor.count) / (monitor.population.size * (to - from));
  const irregularity = meanIsiCv(monitor.trains(), 3);
  const here = [rate.toFixed(3), irregularity.toFixed(3), synchronyOf(monitor, from, to).toFixed(2)];
  const published = [PUBLISHED_RATES[p], PUBLISHED_IRREGULARITY[p], PUBLISHED_SYNCHRONY[p]];
  const cells = here.map((value, k) => `${value} | ${published[k]}`).join(" | ");
  console.log(`| ${NAMES[p]} | ${cells} |`);
}
const seconds = report.seconds + report.buildSeconds;
const perSecond = (1000 * seconds) / (to - from);
const memory = process.resourceUsage().maxRSS / 2 ** 20;
console.log(`\n${simulation.executor}`);
console.log(
  `${built.toFixed(1)} s to build, ${perSecond.toFixed(1)} s for a second of the model, ${memory.toFixed(2)} GiB of memory`,
);

await saveFigure(
  "cortical-microcircuit",
  rasterFromTimes({
    title: `Cortical microcircuit, ${neurons} neurons`,
    from,
    to: Math.min(to, from + 400),
    populations: spikes.map(({ population: { name, size }, times, indices: units }) => ({ name, size, times, units })),
  }),
);

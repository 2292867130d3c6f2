// Five thousand inhibitory neurons: each fires rarely and irregularly, the population oscillates at more than 100 Hz.
// N. Brunel and V. Hakim, Neural Computation 11 (1999) 1621-1671; Brian2's example "frompapers/Brunel_Hakim_1999".
import { defineNeuron, eulerMaruyama } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "inhibitory",
  states: { v: { unit: "mV", initial: "10 mV" } },
  dynamics: { v: "(25 mV - v + 1 mV * (20 ms)^0.5 * xi) / (20 ms)" },
  integrator: eulerMaruyama,
  // Brian2's period of 2 ms holds one step fewer.
  refractory: "1.9 ms",
  spike: "v - 20 mV",
  reset: { v: "y > 0 ? 10 mV : v" },
});

const sim = simulation({ seed: 1 });
const cells = sim.population("cells", 5000, neuron);
// Brian2's delay of 2 ms acts one step later.
const projection = sim.connect(cells, cells, {
  pattern: { probability: 0.2 },
  target: "v",
  weight: "-0.1 mV",
  delay: "2.1 ms",
});
const spikes = sim.monitor.spikes(cells);
await sim.run("100 ms");

/** Rate of the population in windows of 0.5 ms, Hz. */
const rate = new Float64Array(200);
for (const time of spikes.times) rate[Math.floor(time / 0.5 + 1e-6)]! += 1 / (5000 * 0.5e-3);

/** The frequency with the largest power from 20 ms on, with a Hann window, in steps of 2000 Hz / 4096. */
function peak(): number {
  const late = rate.slice(40);
  const mean = late.reduce((a, b) => a + b) / late.length;
  const powers = Array.from({ length: 1000 }, (_, f) => {
    let [real, imaginary] = [0, 0];
    late.forEach((value, k) => {
      const windowed = (value - mean) * Math.sin((Math.PI * k) / (late.length - 1)) ** 2;
      real += windowed * Math.cos((2 * Math.PI * f * k) / 4096);
      imaginary += windowed * Math.sin((2 * Math.PI * f * k) / 4096);
    });
    return real ** 2 + imaginary ** 2;
  });
  return (powers.indexOf(Math.max(...powers)) * 2000) / 4096;
}

const late = spikes.times.filter((time) => time >= 20).length / (5000 * 0.08);
console.log(
  "| synapses | spikes | rate after 20 ms (Hz) | first spike (ms) | peak of the spectrum (Hz) |\n|---|---|---|---|---|",
);
console.log(
  `| ${projection.size} | ${spikes.count} | ${late.toFixed(3)} | ${spikes.times[0]!.toFixed(1)} | ${peak().toFixed(0)} |`,
);

const lines = [{ name: "rate (Hz)", x: [...rate.keys()].map((k) => k / 2), y: [...rate] }];
await saveFigure(
  "fast-oscillations",
  linePlot({
    title: "Inhibitory neurons that fire rarely",
    panels: [{ title: "rate (Hz)", xLabel: "time (ms)", lines }],
  }),
);

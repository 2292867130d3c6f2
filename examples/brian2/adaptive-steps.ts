// A hundred leaky neurons whose potential and time constant jump every 10 ms, between 0.1 and 10 ms: fixed steps lose digits
// where the time constant is short, and adaptive steps keep their tolerance. The model is that of Brian2's example
// "advanced/compare_GSL_to_conventional" with regular instead of random jumps, for 200 ms.
import { defineNeuron, dormandPrince, rk2 } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const neuron = defineNeuron({
  name: "leaky",
  states: { v: {} },
  parameters: { tau: { value: "1 ms", summary: "Time constant." } },
  dynamics: { v: "(5 - v) / tau" },
  integrator: rk2,
  output: "v",
});
const [size, duration] = [100, 200];

/** The part after the decimal point. */
const part = (x: number): number => x - Math.floor(x);
/** The solution, from the jump before. */
function exact(i: number, time: number): number {
  const block = Math.floor(time / 10 + 1e-9);
  const start = part(0.618034 * i + 0.7548777 * block);
  const tau = 0.1 + 9.9 * part(0.5698403 * i + 0.324718 * block);
  return 5 + (start - 5) * Math.exp(-(time - 10 * block) / tau);
}

/** Errors every 0.1 ms: the largest one, and the largest of every sample. */
async function errors(integrator: typeof rk2 | ReturnType<typeof dormandPrince>, dt: number) {
  const sim = simulation({ dt: `${dt} ms` });
  const cells = sim.population("cells", size, neuron, { integrator });
  sim.runRegularly(
    cells,
    {
      v: "mod(0.618034 * i + 0.7548777 * t / (10 ms), 1)",
      tau: "0.1 ms + 9.9 ms * mod(0.5698403 * i + 0.3247180 * t / (10 ms), 1)",
    },
    { every: "10 ms" },
  );
  const v = sim.monitor.state(cells, "v", { every: Math.round(0.1 / dt) });
  await sim.run(`${duration} ms`);
  const traces = Array.from({ length: size }, (_, i) => v.trace(i));
  const bySample = [...v.times].map((time, k) => {
    const errors = traces.map((trace, i) => Math.abs(trace[k]! - exact(i, time)));
    return errors.reduce((a, b) => Math.max(a, b));
  });
  return { times: [...v.times], bySample, largest: bySample.reduce((a, b) => Math.max(a, b)) };
}

console.log("| dt (us) | scheme | largest error |\n|---|---|---|");
const lines = [];
for (const dt of [0.1, 0.05, 0.025, 0.0125]) {
  const { times, bySample, largest } = await errors(rk2, dt);
  console.log(`| ${1000 * dt} | rk2 | ${largest.toPrecision(6)} |`);
  lines.push({ name: `rk2, ${1000 * dt} us`, x: times, y: bySample.map((error) => Math.log10(error + 1e-16)) });
}
const adaptive = await errors(dormandPrince({ tolerance: 1e-6 }), 0.1);
console.log(`| 100 | dormandPrince | ${adaptive.largest.toPrecision(3)} |`);
lines.push({
  name: "adaptive",
  x: adaptive.times,
  y: adaptive.bySample.map((error) => Math.log10(error + 1e-16)),
});
const panels = [{ title: "log10 of the largest error", xLabel: "time (ms)", lines }];
await saveFigure("adaptive-steps", linePlot({ title: "Fixed and adaptive steps", panels }));

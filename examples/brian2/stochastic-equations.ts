// Geometric Brownian motion, computed by two schemes with ever smaller steps and compared with its exact solution for the
// same noise. The model is that of Brian2's example "advanced/stochastic_odes"; here 20 paths instead of one.
import { defineNeuron, heun, milstein } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const drift = 0.5 - 0.5 * 0.1 ** 2;
const motion = defineNeuron({
  name: "geometric-brownian-motion",
  // W sums up the noise, so that it is the path that the exact solution needs.
  states: { X: { initial: 1 }, W: { unit: "ms^0.5" } },
  dynamics: { X: "(0.5 - 0.5 * 0.1^2) / (1 s) * X + 0.1 / (1 s)^0.5 * X * xi", W: "xi" },
  integrator: heun,
  output: "X",
});

/** Mean absolute error over all paths and milliseconds of 1 s. */
async function error(integrator: typeof heun, dt: number): Promise<number> {
  const sim = simulation({ dt: `${dt} ms`, seed: 1 });
  const paths = sim.population("paths", 20, motion.with({ integrator }));
  const every = Math.round(1 / dt);
  const [X, W] = [sim.monitor.state(paths, "X", { every }), sim.monitor.state(paths, "W", { every })];
  await sim.run("1 s");
  let sum = 0;
  for (let path = 0; path < 20; path++) {
    const noise = W.trace(path);
    X.trace(path).forEach((value, k) => {
      sum += Math.abs(value - Math.exp((drift * X.times[k]!) / 1000 + (0.1 * noise[k]!) / Math.sqrt(1000)));
    });
  }
  return sum / (20 * X.times.length);
}

const steps = [1, 0.5, 0.2, 0.1, 0.05];
const errors: Record<string, number[]> = { heun: [], milstein: [] };
console.log("| dt (ms) | heun | milstein |\n|---|---|---|");
for (const dt of steps) {
  for (const scheme of [heun, milstein]) errors[scheme.name]!.push(await error(scheme, dt));
  console.log(`| ${dt} | ${errors.heun!.at(-1)!.toExponential(3)} | ${errors.milstein!.at(-1)!.toExponential(3)} |`);
}

const lines = Object.entries(errors).map(([name, values]) => ({ name, x: steps, y: values.map(Math.log10) }));
const panel = { title: "log10 of the mean absolute error", xLabel: "dt (ms)", logarithmic: true, dots: true, lines };
await saveFigure("stochastic-equations", linePlot({ title: "Multiplicative noise", panels: [panel] }));

// A hundred neurons of Hodgkin and Huxley with different sodium conductances: bisection finds the initial potential above
// which each fires. Every trial starts from the same saved state. M. Stimberg, R. Brette and D. Goodman, eLife 8 (2019)
// e47314, figure 4B; Brian2's example "frompapers/Stimberg_et_al_2019/example_3_bisection".
import { defineNeuron, rk4 } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

// Rates at which the gates open and close.
const rates = {
  openM: "1 / (exprel((25 mV - v) / (10 mV)) * 1 ms)",
  closeM: "4 * exp(-v / (18 mV)) / (1 ms)",
  openN: "0.1 / (exprel((10 mV - v) / (10 mV)) * 1 ms)",
  closeN: "0.125 * exp(-v / (80 mV)) / (1 ms)",
  openH: "0.07 * exp(-v / (20 mV)) / (1 ms)",
  closeH: "1 / (1 + exp((30 mV - v) / (10 mV))) / (1 ms)",
};
const neuron = defineNeuron({
  name: "axon",
  states: { v: { unit: "mV" }, m: {}, n: {}, h: {} },
  parameters: { gNa: { value: "120 mS", summary: "Sodium conductance of 1 cm^2." } },
  derived: rates,
  dynamics: {
    v: "(0.3 mS * (10.613 mV - v) + gNa * m^3 * h * (115 mV - v) + 36 mS * n^4 * (-12 mV - v)) / (1 uF)",
    m: "openM * (1 - m) - closeM * m",
    n: "openN * (1 - n) - closeN * n",
    h: "openH * (1 - h) - closeH * h",
  },
  integrator: rk4,
  spike: "v - 50 mV",
  reset: {},
});

const size = 100;
const sim = simulation({ dt: "0.01 ms" });
const cells = sim.population("cells", size, neuron, {
  parameters: { gNa: "15 mS + 85 mS * i / N" },
  initial: {
    v: "0 mV",
    m: `1 / (1 + ${rates.closeM} / (${rates.openM}))`,
    n: `1 / (1 + ${rates.closeN} / (${rates.openN}))`,
    h: `1 / (1 + ${rates.closeH} / (${rates.openH}))`,
  },
});
const spikes = sim.monitor.spikes(cells);
const stored = sim.save();

const estimate = new Float64Array(size).fill(25);
const estimates = [estimate.slice()];
for (let step = 25; estimates.length <= 10; step /= 2) {
  sim.restore(stored);
  sim.set(cells, "v", { values: estimate, unit: "mV" });
  await sim.run("20 ms");
  spikes.trains().forEach((train, i) => {
    estimate[i]! += train.length > 0 ? -step : step;
  });
  estimates.push(estimate.slice());
}

console.log("| neuron | sodium (mS/cm^2) | estimates (mV) |\n|---|---|---|");
for (const i of [10, 50, 90]) {
  console.log(`| ${i} | ${15 + 0.85 * i} | ${estimates.map((row) => row[i]!.toPrecision(9)).join(" ")} |`);
}
console.log(`\nmean threshold ${(estimate.reduce((a, b) => a + b) / size).toPrecision(9)} mV`);

const x = [...estimate.keys()].map((i) => 15 + 0.85 * i);
const trials = [...estimates.keys()];
const panels = [
  {
    title: "estimate (mV)",
    xLabel: "trial",
    lines: [10, 50, 90].map((i) => ({
      name: `${15 + 0.85 * i} mS/cm^2`,
      x: trials,
      y: estimates.map((row) => row[i]!),
    })),
    dots: true,
  },
  {
    title: "threshold (mV)",
    xLabel: "sodium conductance (mS/cm^2)",
    lines: [{ name: "threshold", x, y: [...estimate] }],
  },
];
await saveFigure("threshold-search", linePlot({ title: "Thresholds found by bisection", columns: 2, panels }));

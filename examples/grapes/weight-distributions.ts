// Weight distributions after training with and without GRAPES, 3x256 ReLU as in `backpropagation.ts`: the topic of
// Supplementary Note 2 of Dellaferrera et al. 2022 (arXiv 2104.11604), by which weights become heavy-tailed. Tails are measured
// by the excess kurtosis: -1.2 for the uniform distribution that the weights start from, 0 for a normal distribution, more for
// heavier tails.

import { type Line, linePlot } from "spikevine/plots";
import { sweepPoints } from "spikevine/sweep";
import { saveFigure, settings } from "../settings.js";
import { middles } from "./distribution.js";
import { runPoints } from "./experiment.js";
import { METHODS } from "./methods.js";
import { comparison, counted, having, percentages, spread } from "./report.js";
import { STANDARD } from "./train-point.js";
import { WEIGHT_BINS } from "./weights-point.js";

const { source, epochs, seeds, device, threads } = await settings({
  epochs: 5,
  seeds: 1,
  train: 2000,
  test: 1000,
  full: { epochs: 200, seeds: 10 },
});
const points = sweepPoints({
  fixed: { ...source, ...STANDARD, epochs, device },
  vary: { method: METHODS },
  seeds,
});
const module = new URL("./weights-point.js", import.meta.url);
const results = await runPoints("grapes-weight-distributions", points, { threads, module, run: "weightsPoint" });

const layers = [1, 2, 3, 4];
const rows = METHODS.map((method) => {
  const runs = having(results, { method });
  const values = (metric: string): number[] => runs.map(({ metrics }) => metrics[metric]!);
  return {
    of: [method],
    paper: "no access" as const,
    here: percentages(runs, "final"),
    more: layers.map((layer) => spread(values(`kurtosis ${layer}`))),
  };
});
console.log("\nTest %, last epoch, and excess kurtosis of the weights\n");
console.log(comparison({ of: ["method"], more: layers.map((layer) => `kurtosis, layer ${layer}`) }, rows));
const note = `${source.data}, 784-256-256-256-10, ${counted(epochs, "epoch")}, ${counted(seeds.length, "seed")}; before training -1.2 in every layer.`;
console.log(`\n${note}`);

const lines = (layer: number): Line[] =>
  METHODS.map((method) => {
    const [run] = having(results, { method });
    const y = run!.curves[`weight density ${layer}`]!;
    // The logarithm leaves a gap in bins without weights.
    return { name: method, x: middles(WEIGHT_BINS), y: y.map((density) => Math.log10(density)) };
  });
await saveFigure(
  "grapes-weight-distributions",
  linePlot({
    title: "Weights after training, seed 1",
    columns: 2,
    panels: layers.map((layer) => ({
      title: `Layer ${layer}: log10 of the density`,
      xLabel: "weight in standard deviations of its layer",
      lines: lines(layer),
    })),
    note: [note],
  }),
);

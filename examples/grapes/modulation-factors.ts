// Modulation factors while a network of 10x256 tanh units learns MNIST (Dellaferrera et al. 2022, arXiv 2104.11604,
// Fig. 3): mean and standard deviation in every layer, and their distribution at the end. For methods without GRAPES, the
// factors that GRAPES would have are reported. The learning rate is that of the paper's other deep networks, 0.001; at
// 0.1 the compounded factors drive the first layers into saturation. Small on synthetic digits, at 0.01;
// `--full` is the size of the paper.

import { linePlot } from "spikevine/plots";
import { type FinishedPoint, sweepPoints } from "spikevine/sweep";
import { saveFigure, settings } from "../settings.js";
import { middles } from "./distribution.js";
import { runPoints } from "./experiment.js";
import { METHODS } from "./methods.js";
import { FACTOR_BINS } from "./modulation-point.js";
import { comparison, counted, having, mean, percentages, slowness, spread } from "./report.js";
import { STANDARD } from "./train-point.js";

const { source, full, epochs, seeds, device, threads } = await settings({
  epochs: 5,
  seeds: 1,
  train: 1000,
  test: 500,
  full: { epochs: 200, seeds: 1 },
});
const learningRate = full ? 0.001 : 0.01;
const hidden = new Array<number>(10).fill(256);
const points = sweepPoints({
  fixed: { ...source, ...STANDARD, unit: "tanh", hidden, learningRate, epochs, device },
  vary: { method: METHODS },
  seeds,
});
const module = new URL("./modulation-point.js", import.meta.url);
const results = await runPoints("grapes-modulation-factors", points, { threads, module, run: "modulationPoint" });

const layers = hidden.map((_, index) => index + 1);
/** One value per seed. */
const at = (runs: readonly FinishedPoint[], curve: string, place: 0 | -1): number[] =>
  runs.map(({ curves }) => curves[curve]!.at(place)!);
const grapes = having(results, { method: "GRAPES" });
console.log("\nFactors of GRAPES, mean ± standard deviation over the units of a layer\n");
console.log(`| layer | paper | here, after epoch 1 | here, after epoch ${epochs} |\n|---|---|---|---|`);
for (const layer of layers) {
  const cells = ([0, -1] as const).map((place) => {
    const [middle, width] = ["mean", "spread"].map((what) => mean(at(grapes, `factor ${what} ${layer}`, place)));
    return `${middle!.toFixed(3)} ± ${width!.toFixed(3)}`;
  });
  console.log(`| ${layer} | figure only | ${cells.join(" | ")} |`);
}
const rows = METHODS.map((method) => {
  const runs = having(results, { method });
  const product = layers.map((layer) => mean(at(runs, `factor mean ${layer}`, -1))).reduce((a, b) => a * b, 1);
  return {
    of: [method],
    paper: "" as const,
    here: percentages(runs, "best"),
    more: [spread(percentages(runs, "final")), slowness(runs), product.toFixed(0)],
  };
});
console.log(`\nTest %, best epoch\n`);
console.log(
  comparison({ of: ["method"], more: ["last epoch", "slowness, epochs", "product of the layers' mean factors"] }, rows),
);
const note = `${source.data}, 784-10x256-10, tanh, SGD ${learningRate}, ${counted(epochs, "epoch")}, ${counted(seeds.length, "seed")}.`;
console.log(`\n${note}`);

const shown = [1, 2, 5, 10];
const over = (what: string) =>
  shown.map((layer) => {
    const y = grapes[0]!.curves[`factor ${what} ${layer}`]!;
    return { name: `layer ${layer}`, x: y.map((_, i) => i + 1), y };
  });
await saveFigure(
  "grapes-modulation-factors",
  linePlot({
    title: "Modulation factors of GRAPES, 10x256 tanh, seed 1",
    columns: 3,
    panels: [
      { title: "Mean over units", xLabel: "epoch", lines: over("mean") },
      { title: "Standard deviation over units", xLabel: "epoch", lines: over("spread") },
      {
        title: "Density at the end",
        xLabel: "factor",
        lines: shown.map((layer) => ({
          name: `layer ${layer}`,
          x: middles(FACTOR_BINS),
          y: grapes[0]!.curves[`factor density ${layer}`]!,
        })),
      },
    ],
    note: [note],
  }),
);

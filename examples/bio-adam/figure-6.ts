// Bio-Adam's dependence on its constants: learning rate against training loss and test accuracy for tau_m and tau_rho, Adam
// without bias correction beside it, 15C5-P2-40C5-P2-300 on MNIST by neighborhood aggregation, 5 steps, batches of 64, 10
// epochs (Yang and Li 2022, arXiv 2212.09440, Fig. 6, which has no numbers; the grid is ours). Small on synthetic digits;
// `--full` is the size of the paper.
//   --default-constants   only tau_m 10 and tau_rho 1000, the constants of the paper's algorithm 1
// Finished points stay in the output folder: the same command continues after a stop. The tables have the points so far, with
// those in `figure-6.json`, which are not trained again.
import { type Line, linePlot } from "spikevine/plots";
import { runPoints } from "../grapes/experiment.js";
import { counted } from "../grapes/report.js";
import { saveFigure, settings } from "../settings.js";
import { savePoints, storedPoints } from "../stored-points.js";
import { gridPoints, gridSeries, gridTable, gridValue } from "./grid.js";
import { DEFAULT_CONSTANTS } from "./optimizers.js";

const { source, full, epochs, seeds, device, threads, flags } = await settings({
  epochs: 2,
  seeds: 1,
  train: 500,
  test: 200,
  full: { epochs: 10, seeds: 1 },
  flags: { "default-constants": "only tau_m 10 and tau_rho 1000" },
});
const rates = full ? [1e-3, 3e-4, 1e-4, 3e-3, 3e-5, 1e-2, 1e-5] : [1e-3, 1e-4, 1e-2];
const { tauM, tauRho, rhoRest } = DEFAULT_CONSTANTS;
const others = full && !flags.has("default-constants");
const series = gridSeries(others ? [10, 5, 20, 2] : [tauM], others ? [1000, 100, 10_000] : [tauRho]);
const points = gridPoints(series, rates, { ...source, batch: 64, epochs, device, rhoRest }, seeds);
const module = new URL("./spiking-point.js", import.meta.url);
const stored = await storedPoints("bio-adam/figure-6.json");
const results = await runPoints("bio-adam-figure-6", points, {
  threads,
  module,
  run: "spikingPoint",
  stored,
  partial: true,
});

const figures = [
  { title: "Training loss, last epoch", metric: "loss", text: (value: number) => value.toPrecision(3) },
  { title: "Test %, last epoch", metric: "test", text: (value: number) => (100 * value).toFixed(2) },
];
for (const { title, metric, text } of figures) {
  console.log(`\n${title}, over learning rates\n\n${gridTable(results, series, rates, metric, text)}`);
}
const note = `${source.data}, ${source.train ?? "all"} training images, ${counted(epochs, "epoch")}, ${counted(seeds.length, "seed")}; ${results.length} of ${points.length} points.`;
console.log(`\n${note}`);
await savePoints("bio-adam-figure-6", stored, results);
const ascending = [...rates].sort((a, b) => a - b);
const lines = (metric: string): Line[] =>
  series
    .map((of) => {
      const known = ascending.filter((rate) => Number.isFinite(gridValue(results, of, rate, metric)));
      return { name: of.name, x: known, y: known.map((rate) => gridValue(results, of, rate, metric)!) };
    })
    .filter(({ x }) => x.length > 0);
await saveFigure(
  "bio-adam-figure-6",
  linePlot({
    title: "Bio-Adam's dependence on its constants",
    columns: 2,
    panels: figures.map(({ title, metric }) => ({
      title,
      xLabel: "learning rate",
      logarithmic: true,
      dots: true,
      lines: lines(metric),
    })),
    note: [note],
  }),
);

// Momentum, RMSprop, Adam and Bio-Adam, without bias correction, on a spiking network like AlexNet for CIFAR-10, trained by
// neighborhood aggregation, 5 steps, batches of 50 (Yang and Li 2022, arXiv 2212.09440, Fig. 5; rho_rest 1e6 as in the paper;
// its learning rates are unknown to us: that of the authors of neighborhood aggregation, 5e-4, is taken for all but
// momentum). Small on synthetic digits in colour, with a twelfth of the channels; `--full` has all of them.
//   --narrow   a quarter of the channels and units
// Finished points stay in the output folder: the same command continues after a stop.
import { linePlot } from "spikevine/plots";
import { sweepPoint } from "spikevine/sweep";
import { runPoints } from "../grapes/experiment.js";
import { comparison, counted, having, meanLine, percentages, spread } from "../grapes/report.js";
import { saveFigure, settings } from "../settings.js";
import { DEFAULT_CONSTANTS, OPTIMIZERS } from "./optimizers.js";

const { source, full, epochs, seeds, device, threads, flags } = await settings({
  epochs: 2,
  seeds: 1,
  train: 200,
  test: 100,
  full: { epochs: 150, seeds: 1 },
  colour: true,
  flags: { narrow: "a quarter of the channels and units" },
});
const width = flags.has("narrow") ? 1 / 4 : full ? 1 : 1 / 12;
const shared = { ...source, ...DEFAULT_CONSTANTS, width, batch: 50, epochs, device };
const points = OPTIMIZERS.flatMap((optimizer) => {
  const learningRate = optimizer === "SGD, momentum" ? 0.05 : 5e-4;
  return seeds.map((seed) => sweepPoint({ ...shared, optimizer, learningRate }, seed));
});
const module = new URL("./spiking-point.js", import.meta.url);
const results = await runPoints("bio-adam-figure-5", points, { threads, module, run: "spikingPoint", partial: true });

const finished = OPTIMIZERS.map((optimizer) => ({ name: optimizer, runs: having(results, { optimizer }) })).filter(
  ({ runs }) => runs.length > 0,
);
const rows = finished.map(({ name, runs }) => ({
  of: [name],
  paper: "figure only" as const,
  here: percentages(runs, "test"),
  more: [spread(percentages(runs, "train")), runs.map(({ metrics }) => metrics.loss!.toPrecision(3)).join(", ")],
}));
console.log(`\nTest %, last epoch\n`);
console.log(comparison({ of: ["optimizer"], more: ["training %", "training loss"] }, rows));
const note = `${source.data}, ${source.train ?? "all"} training images, ${width.toPrecision(2)} of the channels, ${counted(epochs, "epoch")}, ${counted(seeds.length, "seed")}; ${results.length} of ${points.length} points.`;
console.log(`\n${note}`);
const panel = (title: string, curve: string) => ({
  title,
  xLabel: "epoch",
  lines: finished.map(({ name, runs }) => meanLine(name, runs, curve)),
});
await saveFigure(
  "bio-adam-figure-5",
  linePlot({
    title: "Optimizers on a spiking network for images",
    columns: 2,
    panels: [panel("Training loss, in hundredths", "loss"), panel("Test %", "test")],
    note: [note],
  }),
);

// GRAPES on backpropagation: MNIST, 3x256 ReLU, 10 % dropout, SGD 0.1, batches of 64 (Dellaferrera et al. 2022, arXiv
// 2104.11604, Figs. 4a and 5). Compared with plain SGD, with the paper's control (a learning rate raised by the mean
// modulation), and with three controls that show the cause of a gain. With `--augment`, training images are augmented again
// in every epoch, as for the paper's best figure, 99.56 %. Small on synthetic digits; `--full` is the size of the paper.

import { linePlot } from "spikevine/plots";
import { sweepPoints } from "spikevine/sweep";
import { saveFigure, settings } from "../settings.js";
import { runPoints } from "./experiment.js";
import { METHODS, type Method } from "./methods.js";
import {
  comparison,
  counted,
  figureOnly,
  having,
  meanLine,
  type Published,
  percentages,
  slowness,
  spread,
} from "./report.js";
import { STANDARD } from "./train-point.js";

const { source, flags, epochs, seeds, device, threads } = await settings({
  epochs: 5,
  seeds: 2,
  train: 2000,
  test: 1000,
  full: { epochs: 200, seeds: 10 },
  flags: { augment: "augment training images, again in every epoch" },
});
const augment = flags.has("augment");
/** The paper's accuracy for GRAPES with augmented images; the other values are only in figures. */
const BEST = 99.56;
const points = sweepPoints({
  fixed: { ...source, ...STANDARD, epochs, device, ...(augment ? { augment } : {}) },
  vary: { method: METHODS },
  seeds,
});
const results = await runPoints("grapes-backpropagation", points, { threads });

function published(method: Method): Published {
  if (augment) return method === "GRAPES" ? BEST : "";
  return figureOnly(method, ["SGD", "SGD, raised rate", "GRAPES"]);
}
const rows = METHODS.map((method) => {
  const runs = having(results, { method });
  return {
    of: [method],
    paper: published(method),
    here: percentages(runs, "best"),
    more: [spread(percentages(runs, "final")), spread(percentages(runs, "train")), slowness(runs)],
  };
});
console.log(`\nTest %, best epoch\n`);
console.log(comparison({ of: ["method"], more: ["last epoch", "training %", "slowness, epochs"] }, rows));
const note = `${source.data}${augment ? ", augmented" : ""}, 784-256-256-256-10, ${counted(epochs, "epoch")}, ${counted(seeds.length, "seed")}; the paper: MNIST, 200 epochs, 10 runs.`;
console.log(`\n${note}`);
await saveFigure(
  "grapes-backpropagation",
  linePlot({
    title: "GRAPES on backpropagation, 3x256 ReLU",
    columns: 2,
    panels: [
      {
        title: "Test %",
        xLabel: "epoch",
        lines: METHODS.map((method) => meanLine(method, having(results, { method }), "test")),
      },
      {
        title: "Training %",
        xLabel: "epoch",
        lines: METHODS.map((method) => meanLine(method, having(results, { method }), "train")),
      },
    ],
    note: [note],
  }),
);

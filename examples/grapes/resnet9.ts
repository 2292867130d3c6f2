// GRAPES in ResNet9 on CIFAR-10 (Dellaferrera et al. 2022, arXiv 2104.11604, supplement, to which we had no access; network and
// batches of 64 are those of the authors' withdrawn code): the network as in that code, and a clean version with batch
// normalization, with plain SGD and all controls. The learning rates are ours. Small on synthetic digits in colour with a
// sixteenth of the channels; `--full` has all of them on CIFAR-10.
//   --narrow   a quarter of the channels
// Finished points stay in the output folder: the same command continues after a stop.
import { linePlot } from "spikevine/plots";
import { sweepPoints } from "spikevine/sweep";
import { saveFigure, settings } from "../settings.js";
import { runPoints } from "./experiment.js";
import { PROPAGATED } from "./methods.js";
import { comparison, counted, having, meanLine, percentages, slowness, spread } from "./report.js";
import type { Version } from "./resnet9-point.js";

const { source, full, epochs, seeds, device, threads, flags } = await settings({
  epochs: 3,
  seeds: 1,
  train: 256,
  test: 100,
  full: { epochs: 250, seeds: 1 },
  colour: true,
  flags: { narrow: "a quarter of the channels" },
});
const width = flags.has("narrow") ? 1 / 4 : full ? 1 : 1 / 16;
const batch = full ? 64 : 16;
const versions: readonly { version: Version; learningRate: number }[] = [
  { version: "clean", learningRate: 0.01 },
  { version: "authors", learningRate: 1e-4 },
];
const points = versions.flatMap((of) =>
  sweepPoints({ fixed: { ...source, ...of, width, batch, epochs, device }, vary: { method: PROPAGATED }, seeds }),
);
const module = new URL("./resnet9-point.js", import.meta.url);
const results = await runPoints("grapes-resnet9", points, { threads, module, run: "resnet9Point", partial: true });

const finished = versions.flatMap(({ version, learningRate }) =>
  PROPAGATED.map((method) => ({ version, learningRate, method, runs: having(results, { version, method }) })).filter(
    ({ runs }) => runs.length > 0,
  ),
);
const rows = finished.map(({ version, learningRate, method, runs }) => ({
  of: [`${version}, SGD ${learningRate}`, method],
  paper: "no access" as const,
  here: percentages(runs, "best"),
  more: [spread(percentages(runs, "final")), spread(percentages(runs, "train")), slowness(runs)],
}));
const more = ["last epoch", "training %", "slowness, epochs"];
console.log(`\nTest %, best epoch\n\n${comparison({ of: ["version", "method"], more }, rows)}`);
const note = `${source.data}, ${source.train ?? "all"} training images, ${width.toPrecision(2)} of the channels, ${counted(epochs, "epoch")}, ${counted(seeds.length, "seed")}; ${results.length} of ${points.length} points.`;
console.log(`\n${note}`);
await saveFigure(
  "grapes-resnet9",
  linePlot({
    title: "GRAPES in ResNet9",
    columns: 2,
    panels: versions.map(({ version }) => ({
      title: `Test %, ${version}`,
      xLabel: "epoch",
      lines: finished.filter((of) => of.version === version).map(({ method, runs }) => meanLine(method, runs, "test")),
    })),
    note: [note],
  }),
);

// GRAPES in deeper and wider networks: ReLU layers, 2 to 12 of 256 units, and 3 of 128 to 1024, SGD 0.001 (Dellaferrera
// et al. 2022, arXiv 2104.11604, Fig. 4b and c). Besides the controls, plain SGD at ten times the rate is shown. A few
// sizes on synthetic digits at 0.01, since so few samples are not learned at 0.001; `--full` has all of them on
// MNIST, at the paper's rate.

import { linePlot } from "spikevine/plots";
import { sweepPoints } from "spikevine/sweep";
import { saveFigure, settings } from "../settings.js";
import { runPoints } from "./experiment.js";
import type { Method } from "./methods.js";
import { comparison, counted, figureOnly, having, mean, percentages, slowness, spread } from "./report.js";
import { STANDARD } from "./train-point.js";

const { source, full, epochs, seeds, device, threads } = await settings({
  epochs: 5,
  seeds: 1,
  train: 2000,
  test: 1000,
  full: { epochs: 100, seeds: 10 },
});
const methods: readonly Method[] = ["SGD", "SGD, raised rate", "SGD, tenfold rate", "GRAPES", "uniform", "shuffled"];
const learningRate = full ? 0.001 : 0.01;
const depths = full ? [2, 4, 6, 8, 10, 12] : [2, 4, 8];
const widths = full ? [128, 256, 512, 1024] : [128, 256, 512];
const layers = (depth: number, width: number): number[] => new Array<number>(depth).fill(width);
const scans = [
  { title: "layers of 256 units", sizes: depths.map((depth) => ({ at: depth, hidden: layers(depth, 256) })) },
  { title: "units in each of 3 layers", sizes: widths.map((width) => ({ at: width, hidden: layers(3, width) })) },
];
const shapes = new Map(scans.flatMap(({ sizes }) => sizes.map(({ hidden }) => [hidden.join(), hidden])));
const { hidden: _, ...standard } = STANDARD;
const points = sweepPoints({
  fixed: { ...source, ...standard, learningRate, epochs, device },
  vary: { hidden: [...shapes.values()], method: methods },
  seeds,
});
const results = await runPoints("grapes-depth-and-width", points, { threads });

const note = `${source.data}, ${source.train ?? "all"} training samples, SGD ${learningRate}, ${counted(epochs, "epoch")}, ${counted(seeds.length, "seed")}.`;
for (const { title, sizes } of scans) {
  const rows = sizes.flatMap(({ at, hidden }) =>
    methods.map((method) => {
      const runs = having(results, { hidden, method });
      return {
        of: [String(at), method],
        paper: figureOnly(method),
        here: percentages(runs, "best"),
        more: [spread(percentages(runs, "final")), slowness(runs)],
      };
    }),
  );
  console.log(`\nTest %, best epoch\n`);
  console.log(comparison({ of: [title, "method"], more: ["last epoch", "slowness, epochs"] }, rows));
}
console.log(`\n${note}`);
await saveFigure(
  "grapes-depth-and-width",
  linePlot({
    title: "GRAPES in deeper and wider networks",
    columns: 2,
    panels: scans.map(({ title, sizes }) => ({
      title: "Test %, best epoch",
      xLabel: title,
      logarithmic: true,
      dots: true,
      lines: methods.map((method) => ({
        name: method,
        x: sizes.map(({ at }) => at),
        y: sizes.map(({ hidden }) => mean(percentages(having(results, { hidden, method }), "best"))),
      })),
    })),
    note: [note],
  }),
);

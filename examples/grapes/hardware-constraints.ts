// GRAPES with hardware constraints, the topic of Supplementary Note 3 of Dellaferrera et al. 2022 (arXiv
// 2104.11604): 3x256 ReLU as in `backpropagation.ts` with noise on every change of a weight (relative to the change), noise
// on the currents of all units, or weights of few bits. We had no access to the note, so the constraints and their levels
// are our choice. Small on synthetic digits; `--full` has more levels, on MNIST.

import { linePlot } from "spikevine/plots";
import { sweepPoints } from "spikevine/sweep";
import { saveFigure, settings } from "../settings.js";
import { runPoints } from "./experiment.js";
import { PROPAGATED } from "./methods.js";
import { comparison, counted, having, mean, percentages, slowness, spread } from "./report.js";
import { STANDARD } from "./train-point.js";

const { source, full, epochs, seeds, device, threads } = await settings({
  epochs: 4,
  seeds: 1,
  train: 2000,
  test: 1000,
  full: { epochs: 200, seeds: 10 },
});
const constraints = [
  { field: "updateNoise", title: "noise on updates", levels: full ? [0, 1, 2, 4, 8] : [0, 2, 8] },
  { field: "activationNoise", title: "noise on currents", levels: full ? [0, 0.5, 1, 2, 4] : [0, 1, 4] },
  { field: "weightBits", title: "bits of a weight", levels: full ? [2, 3, 4, 5, 6, 8] : [3, 5, 8] },
] as const;
const IDEAL = { updateNoise: 0, activationNoise: 0, weightBits: null };
const conditions = [
  { name: "none", of: IDEAL },
  ...constraints.flatMap(({ field, title, levels }) =>
    levels
      .filter((level) => level > 0)
      .map((level) => ({ name: `${title}: ${level}`, of: { ...IDEAL, [field]: level } })),
  ),
];
const points = conditions.flatMap(({ of }) =>
  sweepPoints({ fixed: { ...source, ...STANDARD, epochs, device, ...of }, vary: { method: PROPAGATED }, seeds }),
);
const results = await runPoints("grapes-hardware-constraints", points, { threads });

const rows = conditions.flatMap(({ name, of }) =>
  PROPAGATED.map((method) => {
    const runs = having(results, { ...of, method });
    return {
      of: [name, method],
      paper: "no access" as const,
      here: percentages(runs, "best"),
      more: [spread(percentages(runs, "final")), slowness(runs)],
    };
  }),
);
console.log("\nTest %, best epoch\n");
console.log(comparison({ of: ["constraint", "method"], more: ["last epoch", "slowness, epochs"] }, rows));
const note = `${source.data}, ${source.train ?? "all"} training samples, 784-256-256-256-10, ${counted(epochs, "epoch")}, ${counted(seeds.length, "seed")}.`;
console.log(`\n${note}`);
await saveFigure(
  "grapes-hardware-constraints",
  linePlot({
    title: "GRAPES with hardware constraints: test %, last epoch",
    columns: 3,
    panels: constraints.map(({ field, title, levels }) => ({
      title,
      xLabel: title,
      dots: true,
      lines: PROPAGATED.map((method) => ({
        name: method,
        x: levels,
        y: levels.map((level) => mean(percentages(having(results, { ...IDEAL, [field]: level, method }), "final"))),
      })),
    })),
    note: [note],
  }),
);

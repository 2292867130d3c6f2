// GRAPES in spiking networks on rate-coded MNIST (Dellaferrera et al. 2022, arXiv 2104.11604, Fig. 7): SNU 3x256 and
// sSNU 2x256 and other layer sizes, the SNU at decreasing learning rates, the sSNU at 4 and 6 hidden layers. Learning
// rates, batch and rate code were chosen for GRAPES in short runs (the paper's rates come with no loss normalization);
// the controls use them too. Tests at 20 steps, and at 300 with the spike probability per step of training. Small on synthetic
// digits; `--full` is MNIST.

import { linePlot } from "spikevine/plots";
import { type FinishedPoint, sweepPoints } from "spikevine/sweep";
import { saveFigure, settings } from "../settings.js";
import { runPoints } from "./experiment.js";
import { type Method, PROPAGATED } from "./methods.js";
import { comparison, counted, figureOnly, having, mean, percentages, slowness, spread } from "./report.js";
import { STANDARD } from "./train-point.js";

const { source, full, epochs, seeds, device, threads } = await settings({
  epochs: 3,
  seeds: 1,
  train: 1000,
  test: 500,
  full: { epochs: 200, seeds: 10 },
});
const fixed = {
  ...source,
  dropout: 0,
  credit: STANDARD.credit,
  schedule: "cosine",
  batch: 16,
  epochs,
  device,
} as const;
const snu = { unit: "snu", learningRate: 0.3 } as const;
const ssnu = { unit: "ssnu", learningRate: 0.1 } as const;
const base = full ? 256 : 48;
const widths = full ? [64, 128, 256, 512] : [24, 48];
const rates = full ? [0.3, 0.1, 0.03, 0.01] : [0.3, 0.03];
const layers = (depth: number, width: number): number[] => new Array<number>(depth).fill(width);
const conditions = [
  ...widths.map((width) => ({ name: `SNU 3x${width}`, of: { ...snu, hidden: layers(3, width) } })),
  ...widths.map((width) => ({ name: `sSNU 2x${width}`, of: { ...ssnu, hidden: layers(2, width) } })),
  ...rates
    .filter((rate) => rate !== snu.learningRate)
    .map((rate) => ({
      name: `SNU 3x${base}, SGD ${rate}`,
      of: { ...snu, learningRate: rate, hidden: layers(3, base) },
    })),
  ...[4, 6].map((depth) => ({ name: `sSNU ${depth}x${base}`, of: { ...ssnu, hidden: layers(depth, base) } })),
];
const points = conditions.flatMap(({ of }) =>
  sweepPoints({ fixed: { ...fixed, ...of }, vary: { method: PROPAGATED }, seeds }),
);
const results = await runPoints("grapes-spiking", points, { threads });

const runsOf = (of: (typeof conditions)[number]["of"], method: Method): FinishedPoint[] =>
  having(results, { ...of, method });
const rows = conditions.flatMap(({ name, of }) =>
  PROPAGATED.map((method) => {
    const runs = runsOf(of, method);
    return {
      of: [name, method],
      paper: figureOnly(method),
      here: percentages(runs, "best"),
      more: [spread(percentages(runs, "final")), spread(percentages(runs, "longTest")), slowness(runs)],
    };
  }),
);
console.log("\nTest %, best epoch at 20 steps\n");
console.log(
  comparison({ of: ["network", "method"], more: ["last epoch", "the same at 300 steps", "slowness, epochs"] }, rows),
);
const note = `${source.data}, ${source.train ?? "all"} training samples, ${counted(epochs, "epoch")}, ${counted(seeds.length, "seed")}; learning rate 0.3 (SNU) and 0.1 (sSNU) where none is given.`;
console.log(`\n${note}`);

const scan = (
  title: string,
  xLabel: string,
  sizes: readonly { at: number; of: (typeof conditions)[number]["of"] }[],
) => ({
  title,
  xLabel,
  logarithmic: true,
  dots: true,
  lines: PROPAGATED.map((method) => ({
    name: method,
    x: sizes.map(({ at }) => at),
    y: sizes.map(({ of }) => mean(percentages(runsOf(of, method), "best"))),
  })),
});
await saveFigure(
  "grapes-spiking",
  linePlot({
    title: "GRAPES in spiking networks: test %, best epoch",
    columns: 2,
    panels: [
      scan(
        "SNU, 3 layers",
        "units in a layer",
        widths.map((at) => ({ at, of: { ...snu, hidden: layers(3, at) } })),
      ),
      scan(
        "sSNU, 2 layers",
        "units in a layer",
        widths.map((at) => ({ at, of: { ...ssnu, hidden: layers(2, at) } })),
      ),
      scan(
        "SNU 3x256",
        "learning rate",
        rates.map((at) => ({ at, of: { ...snu, learningRate: at, hidden: layers(3, base) } })),
      ),
      scan(
        "sSNU, layers of 256",
        "hidden layers",
        [2, 4, 6].map((at) => ({ at, of: { ...ssnu, hidden: layers(at, base) } })),
      ),
    ],
    note: [note],
  }),
);

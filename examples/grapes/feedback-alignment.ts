// GRAPES without weight transport: feedback alignment, direct feedback alignment and backpropagation, on MNIST
// and Fashion-MNIST, 3x256 ReLU as in `backpropagation.ts` (Dellaferrera et al. 2022, arXiv 2104.11604). With direct
// feedback alignment no error is propagated from layer to layer, so that factors are not compounded. GRAPES as in the text
// is compared with that of the authors' code, which differs for both. Their command for these has SGD 0.1; 0.01 is shown
// too. Small on synthetic digits; `--full` is the size of the paper, with both data sets, each in the folder of its name in
// `--data-dir`, if that is given.
import type { Credit } from "spikevine";
import { linePlot } from "spikevine/plots";
import { sweepPoints } from "spikevine/sweep";
import { saveFigure, settings } from "../settings.js";
import { runPoints } from "./experiment.js";
import type { Method } from "./methods.js";
import { comparison, counted, having, mean, meanLine, percentages, slowness, spread } from "./report.js";
import { STANDARD } from "./train-point.js";

const { source, full, epochs, seeds, device, threads } = await settings({
  epochs: 5,
  seeds: 1,
  train: 2000,
  test: 1000,
  full: { epochs: 200, seeds: 10 },
});
const dataSets = full ? ["mnist", "fashion-mnist"] : [source.data];
const ways: readonly { name: string; credit: Credit; learningRate: number }[] = [
  { name: "backpropagation", credit: "backpropagation", learningRate: 0.1 },
  ...[0.1, 0.01].flatMap((learningRate) => [
    { name: `feedback alignment, SGD ${learningRate}`, credit: "feedback-alignment" as const, learningRate },
    {
      name: `direct feedback alignment, SGD ${learningRate}`,
      credit: "direct-feedback-alignment" as const,
      learningRate,
    },
  ]),
];
const methods: readonly Method[] = ["SGD", "SGD, raised rate", "GRAPES", "authors' code", "uniform", "shuffled"];
const points = dataSets.flatMap((data) => {
  const dataDir = full && source.dataDir !== null ? `${source.dataDir}/${data}` : source.dataDir;
  return ways.flatMap(({ credit, learningRate }) =>
    sweepPoints({
      fixed: { ...source, ...STANDARD, data, dataDir, credit, learningRate, epochs, device },
      vary: { method: methods },
      seeds,
    }),
  );
});
const results = await runPoints("grapes-feedback-alignment", points, { threads });

const gains: string[] = [];
const rows = dataSets.flatMap((data) =>
  ways.flatMap(({ name, credit, learningRate }) => {
    const best = (method: Method): number[] =>
      percentages(having(results, { data, credit, learningRate, method }), "best");
    const gain = (method: Method): string => (mean(best(method)) - mean(best("SGD"))).toFixed(2);
    gains.push(`| ${data} | ${name} | ${methods.slice(1).map(gain).join(" | ")} |`);
    return methods.map((method) => {
      const runs = having(results, { data, credit, learningRate, method });
      return {
        of: [data, name, method],
        paper: ["uniform", "shuffled"].includes(method) ? ("" as const) : ("figure only" as const),
        here: best(method),
        more: [spread(percentages(runs, "final")), slowness(runs)],
      };
    });
  }),
);
console.log(`\nTest %, best epoch\n`);
console.log(comparison({ of: ["data", "errors", "method"], more: ["last epoch", "slowness, epochs"] }, rows));
console.log(
  `\nGain over SGD, per cent\n\n| data | errors | ${methods.slice(1).join(" | ")} |\n${"|---".repeat(methods.length + 1)}|`,
);
console.log(gains.join("\n"));
const note = `784-256-256-256-10, ${counted(epochs, "epoch")}, ${counted(seeds.length, "seed")}; the paper: 200 epochs, 10 runs.`;
console.log(`\n${note}`);
await saveFigure(
  "grapes-feedback-alignment",
  linePlot({
    title: "GRAPES and credit assignment, 3x256 ReLU",
    columns: 2,
    panels: dataSets.flatMap((data) =>
      ways.map(({ name, credit, learningRate }) => ({
        title: `Test %, ${name}, ${data}`,
        xLabel: "epoch",
        lines: methods.map((method) =>
          meanLine(method, having(results, { data, credit, learningRate, method }), "test"),
        ),
      })),
    ),
    note: [note],
  }),
);

// SGD with momentum, RMSprop, Adam and Bio-Adam on a rate-coded SNU network, bias correction off as in appendix A.1.2 of
// Yang and Li 2022 (arXiv 2212.09440), then the scan of Figure 6: the dependence of the result on tau_m, tau_rho and the
// learning rate. The paper scans 15C5-P2-40C5-P2-300 for 10 epochs of MNIST; reductions of size are printed at the end.
import {
  adam,
  bioAdam,
  dense,
  type EpochReport,
  glorotUniform,
  momentum,
  network,
  type Optimizer,
  rate,
  rmsprop,
  snu,
  spikeRate,
  train,
} from "spikevine";
import { type LearningCurve, type Line, learningCurves, linePlot } from "spikevine/plots";
import { percent, saveFigure, settings } from "./settings.js";

const { data, epochs, seeds, device } = await settings({ epochs: 10, seeds: 3, train: 4000, test: 1000 });

async function run(rule: Optimizer, seed: number): Promise<readonly EpochReport[]> {
  const unit = snu({ decay: 0.8 });
  const net = network({
    inputs: data.train.pixels,
    encoder: rate({ maxRate: 0.5 }),
    steps: 12,
    layers: [dense(128, unit, { initializer: glorotUniform }), dense(10, unit, { initializer: glorotUniform })],
    readout: spikeRate(),
    seed,
  });
  const options = { data: data.train, validation: data.test, epochs, batchSize: 32, optimizer: rule, device };
  return (await train(net, options)).epochs;
}
const accuracyOf = (report: EpochReport): number => report.validation!.accuracy;

const rules: Record<string, Optimizer> = {
  "SGD, momentum": momentum({ learningRate: 0.1 }),
  RMSprop: rmsprop({ learningRate: 1e-3 }),
  Adam: adam({ learningRate: 1e-3, biasCorrection: false }),
  "Bio-Adam, R 1e5": bioAdam({ learningRate: 1e-3, rhoRest: 1e5 }),
  "Bio-Adam, R 1e8": bioAdam({ learningRate: 1e-4, rhoRest: 1e8 }),
};
const curves: LearningCurve[] = [];
const rows: string[] = [];
for (const [name, rule] of Object.entries(rules)) {
  const runs: (readonly EpochReport[])[] = [];
  for (const seed of seeds) runs.push(await run(rule, seed));
  const last = runs.map((reports) => reports.at(-1)!);
  const best = runs.map((reports) => Math.max(...reports.map(accuracyOf)));
  curves.push({
    name,
    epochs: runs[0]!.map(({ epoch }) => epoch),
    loss: runs[0]!.map(({ loss }) => loss),
    accuracy: runs[0]!.map(accuracyOf),
  });
  const columns = [percent(last.map(({ accuracy }) => accuracy)), percent(last.map(accuracyOf)), percent(best)];
  rows.push(`| ${name} | ${columns.join(" | ")} |`);
  console.log(rows.at(-1));
}
console.log(`\n| | train % | test %, last epoch | test %, best epoch |\n|---|---|---|---|\n${rows.join("\n")}`);
await saveFigure("optimizers-mnist", learningCurves({ title: "Loss in training and test accuracy, seed 1", curves }));

/** beta = 1 - 1 / tau: Adam's equivalent of a time constant of Bio-Adam. */
const beta = (tau: number): number => 1 - 1 / tau;
interface Knobs {
  tauM?: number;
  tauRho?: number;
  learningRate?: number;
}
const scanned = {
  Adam: ({ tauM = 10, tauRho = 1000, learningRate = 1e-3 }: Knobs) =>
    adam({ beta1: beta(tauM), beta2: beta(tauRho), learningRate, biasCorrection: false }),
  "Bio-Adam": ({ tauM = 10, tauRho = 1000, learningRate = 1e-3 }: Knobs) =>
    bioAdam({ tauM, tauRho, learningRate, rhoRest: 1e5 }),
};
const scans: { knob: keyof Knobs; label: string; values: readonly number[] }[] = [
  { knob: "tauM", label: "tau_m (updates)", values: [2, 5, 10, 50, 200] },
  { knob: "tauRho", label: "tau_rho (updates)", values: [10, 100, 1000, 10_000] },
  { knob: "learningRate", label: "learning rate", values: [1e-4, 3e-4, 1e-3, 3e-3, 1e-2] },
];
const panels: { title: string; xLabel: string; lines: Line[]; logarithmic: true; dots: true }[] = [];
for (const { knob, label, values } of scans) {
  const lines: Line[] = [];
  for (const [name, rule] of Object.entries(scanned)) {
    const y: number[] = [];
    for (const value of values) y.push(100 * accuracyOf((await run(rule({ [knob]: value }), 1)).at(-1)!));
    lines.push({ name, x: values, y });
  }
  panels.push({ title: `Test %, ${label}`, xLabel: label, lines, logarithmic: true, dots: true });
  console.log(`\n| ${label} | ${values.join(" | ")} |\n|${"---|".repeat(values.length + 1)}`);
  for (const { name, y } of lines) console.log(`| ${name} | ${Array.from(y, (v) => v.toFixed(1)).join(" | ")} |`);
}
const note = [
  `Reduced: a dense SNU network 128-10 of 12 steps for the paper's 15C5-P2-40C5-P2-300, ${data.train.count} samples of ${data.train.name}, ${epochs} epochs;`,
  "the scan has one seed, and rho_rest 1e5 for the paper's 1e8. The paper gives Figure 6 without numbers.",
];
console.log(`\n${note.join("\n")}`);
await saveFigure(
  "optimizers-mnist-scan",
  linePlot({ title: "Robustness to time constants and learning rate", columns: 3, panels, note }),
);

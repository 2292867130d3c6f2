// Weight symmetry by predisposition in ResNet20 (Yang and Li 2022, arXiv 2212.09440, Fig. 4 and table 1): errors are propagated
// through separate weights B, which get the gradients of the forward weights W. Angle of W and B, and ratio of their norms, in
// every layer over epochs; test accuracy beside Adam, Bio-Adam and feedback alignment (fixed B), the control that the
// paper lacks. Algorithm 1 has the constants; batches of 64 are ours. Small on synthetic digits in colour; `--full` is the
// network of the paper on CIFAR-10.
// Every epoch is saved in the output folder. The same command continues after a stop; `--epochs N` with a larger N continues
// a finished training, since the learning rate is constant.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  adam,
  bioAdam,
  type Credit,
  type EpochReport,
  type OptimizerDefinition,
  openDevice,
  train,
  type WeightAlignment,
} from "spikevine";
import { type Line, linePlot } from "spikevine/plots";
import { checkpointed } from "../checkpointed.js";
import { counted } from "../grapes/report.js";
import { outFolder, percent, saveFigure, settings } from "../settings.js";
import { RESNET20, type ResnetSettings, resnet } from "./resnet.js";

const { data, full, epochs, seeds, device, threads } = await settings({
  epochs: 2,
  seeds: 1,
  train: 256,
  test: 100,
  full: { epochs: 200, seeds: 1 },
  colour: true,
});
const learningRate = 1e-3;
const constants = { learningRate: 1e-4, tauM: 10, tauRho: 1000, rhoRest: 1e8 } as const;
interface Condition {
  readonly name: string;
  readonly optimizer: OptimizerDefinition;
  readonly credit: Credit;
  /** Training and test % after 200 epochs. */
  readonly paper: readonly [string, string];
}
const predisposed = (temperature: number): Pick<Condition, "name" | "optimizer" | "credit"> => ({
  name: `predisposition, T ${temperature}`,
  optimizer: bioAdam({ ...constants, predisposition: { temperature, pathLength: true } }),
  credit: "predisposition",
});
const plain = bioAdam(constants);
const conditions: Condition[] = [
  { ...predisposed(10), paper: ["97.88", "91.55"] },
  { ...predisposed(5), paper: ["95.31", "90.33"] },
  { name: "Bio-Adam", optimizer: plain, credit: "backpropagation", paper: ["99.24", "91.53"] },
  {
    name: "Adam",
    optimizer: adam({ learningRate, biasCorrection: false }),
    credit: "backpropagation",
    paper: ["99.17", "91.54"],
  },
  { name: "feedback alignment", optimizer: plain, credit: "feedback-alignment", paper: ["", ""] },
];
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
const opened = (await openDevice(device, threads === undefined ? {} : { threads })).device;
const folder = outFolder("bio-adam-figure-4");
await mkdir(folder, { recursive: true });
const SMALL: ResnetSettings = { groups: [8, 16], blocks: 1 };
/** Epochs of each condition, for each seed. */
const runs = new Map<string, (readonly EpochReport[])[]>(conditions.map(({ name }) => [name, []]));
for (const { name, optimizer, credit } of conditions) {
  for (const seed of seeds) {
    const file = [name.replace(/\W+/g, "-"), full ? "ResNet20" : "small", data.train.name, data.train.count, seed];
    const { epochs: reports } = await train(resnet(full ? RESNET20 : SMALL, [3, 32, 32], seed), {
      data: data.train,
      validation: data.test,
      epochs,
      batchSize: 64,
      optimizer,
      credit,
      device: opened,
      signal: stop.signal,
      ...(await checkpointed(join(folder, `${file.join("-")}.safetensors`))),
      onEpoch: ({ epoch, loss, accuracy, validation, trainingSeconds }) =>
        console.log(
          `${name}, seed ${seed}, epoch ${epoch}: loss ${loss.toFixed(4)}, train ${percent([accuracy])} %, test ${percent([validation!.accuracy])} %, ${trainingSeconds.toFixed(0)} s`,
        ),
    });
    if (reports.length > 0) runs.get(name)!.push(reports);
  }
}
await opened.dispose();

const rows = conditions.map(({ name, paper }) => {
  const last = runs.get(name)!.map((reports) => reports.at(-1)!);
  if (last.length === 0) return [name, paper[0], "", paper[1], "", "0"];
  const [trained, tested] = [last.map(({ accuracy }) => accuracy), last.map(({ validation }) => validation!.accuracy)];
  return [name, paper[0], percent(trained), paper[1], percent(tested), String(last[0]!.epoch)];
});
const heading = ["", "paper, train %", "here, train %", "paper, test %", "here, test %", "epochs"];
console.log(`\n${table([heading, ...rows])}`);

/** Conditions with feedback weights of their own, with the epochs of seed 1. */
const aligned = conditions.flatMap(({ name, credit }) => {
  const reports = runs.get(name)![0];
  return credit === "backpropagation" || reports === undefined ? [] : [{ name, reports }];
});
const layers = Object.keys(aligned[0]?.reports[0]?.symmetry ?? {});
const atEnd = layers.map((layer, i) => [
  String(i + 1),
  ...aligned.flatMap(({ reports }) => {
    const { angle, normRatio } = reports.at(-1)!.symmetry![layer]!;
    return [angle.toFixed(1), normRatio.toFixed(2)];
  }),
]);
const columns = aligned.flatMap(({ name }) => [`${name}: angle, degrees`, "norm ratio B/W"]);
console.log(`\n${table([["layer, without the first", ...columns], ...atEnd])}`);
const note = `${data.train.name}, ${data.train.count} training images, ${full ? "ResNet20" : "a small residual network"}, ${counted(seeds.length, "seed")}; layers of seed 1, from below. The paper has figures of them.`;
console.log(`\n${note}`);

const over = (reports: readonly EpochReport[], value: (layer: WeightAlignment) => number, start: number): Line[] =>
  layers.map((layer, i) => ({
    name: String(i + 1),
    x: [0, ...reports.map(({ epoch }) => epoch)],
    y: [start, ...reports.map(({ symmetry }) => value(symmetry![layer]!))],
  }));
await saveFigure(
  "bio-adam-figure-4",
  linePlot({
    title: "Weight symmetry by predisposition, layer by layer",
    columns: 2,
    panels: aligned.flatMap(({ name, reports }) => [
      { title: `${name}: angle`, xLabel: "epoch", lines: over(reports, ({ angle }) => angle, 90) },
      {
        title: `${name}: norm of B / norm of W`,
        xLabel: "epoch",
        lines: over(reports, ({ normRatio }) => normRatio, 1),
      },
    ]),
    note: [note],
  }),
);

function table([head, ...body]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head!), `|${"---|".repeat(head!.length)}`, ...body.map(line)].join("\n");
}

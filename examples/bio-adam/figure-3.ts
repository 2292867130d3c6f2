// Time of a training epoch of ResNet18 with SGD with momentum, RMSprop, Adam and Bio-Adam (Yang and Li 2022, arXiv 2212.09440,
// Fig. 3: Bio-Adam takes 3.2 % more wall time than Adam). Optimizers take turns, and a comparison is one of two epochs
// of the same turn. `--epochs` is the number of turns. Small on synthetic digits in colour; `--full` is an epoch of
// CIFAR-10. On a busy machine, CPU time is the fairer measure.
import { openDevice, train } from "spikevine";
import { comparison, counted, mean, spread } from "../grapes/report.js";
import { settings } from "../settings.js";
import { DEFAULT_CONSTANTS, OPTIMIZERS, optimizerOf } from "./optimizers.js";
import { RESNET18, resnet } from "./resnet.js";

const {
  data,
  full,
  epochs: turns,
  device,
  threads,
} = await settings({
  epochs: 3,
  seeds: 1,
  train: 256,
  test: 1,
  full: { epochs: 1, seeds: 1, test: 1 },
  colour: true,
});
const size = full ? RESNET18 : { groups: [8, 16], blocks: 1 };
const opened = (await openDevice(device, threads === undefined ? {} : { threads })).device;
const cpuSeconds = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

/** Seconds of the second epoch, since the first one includes preparations. */
async function timed(optimizer: (typeof OPTIMIZERS)[number]): Promise<{ wall: number; cpu: number }> {
  const ends: { wall: number; cpu: number }[] = [];
  await train(resnet(size, [3, 32, 32], 1), {
    data: data.train,
    epochs: 2,
    batchSize: 64,
    optimizer: optimizerOf({ ...DEFAULT_CONSTANTS, optimizer, learningRate: 1e-4 }),
    device: opened,
    onEpoch: ({ trainingSeconds }) => {
      ends.push({ wall: trainingSeconds, cpu: cpuSeconds() });
    },
  });
  const [first, second] = ends;
  return { wall: second!.wall, cpu: second!.cpu - first!.cpu };
}

const times = OPTIMIZERS.map(() => [] as { wall: number; cpu: number }[]);
for (let turn = 0; turn < turns; turn++) {
  for (const [i, name] of OPTIMIZERS.entries()) {
    times[i]!.push(await timed(name));
    const { wall, cpu } = times[i]!.at(-1)!;
    console.log(`turn ${turn + 1}, ${name}: ${wall.toFixed(2)} s, ${cpu.toFixed(2)} s of CPU time`);
  }
}
await opened.dispose();
const adam = times[OPTIMIZERS.indexOf("Adam")]!;
const over = (of: readonly { wall: number; cpu: number }[], what: "wall" | "cpu"): number[] =>
  of.map((time, turn) => 100 * (time[what] / adam[turn]![what] - 1));
const rows = OPTIMIZERS.map((name, i) => {
  const of = times[i]!;
  return {
    of: [name],
    paper: name === "Bio-Adam" ? 3.2 : ("" as const),
    here: over(of, "cpu"),
    more: [
      spread(over(of, "wall")),
      mean(of.map(({ cpu }) => cpu)).toFixed(2),
      mean(of.map(({ wall }) => wall)).toFixed(2),
    ],
  };
});
console.log(`\nTime of an epoch over Adam's, %: the paper's is wall time, here is CPU time\n`);
console.log(comparison({ of: ["optimizer"], more: ["wall time over Adam's, %", "CPU seconds", "seconds"] }, rows));
console.log(
  `\n${full ? "ResNet18" : "A small residual network"}, ${data.train.name}, ${data.train.count} images, batches of 64, ${counted(turns, "turn")}.`,
);

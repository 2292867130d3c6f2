// node scripts/method-cost.mjs [--neuron relu|snu] [--rounds 9] [--samples 20000] [--methods "GRAPES; plain again"]:
// processor time that GRAPES, credit assignment and hardware constraints add to plain training of 784-256-256-256-10 on
// MNIST, on one thread. In every round all methods train on the same samples, one after the other; the figures are medians
// of the ratios to plain training in the same round.
import { parseArgs } from "node:util";
import { bootstrap } from "./bootstrap.mjs";

await bootstrap();
const { values: flags } = parseArgs({
  options: {
    neuron: { type: "string", default: "relu" },
    rounds: { type: "string", default: "9" },
    samples: { type: "string", default: "20000" },
    methods: { type: "string", default: "" },
  },
});
const {
  constantCurrent,
  dense,
  glorotUniform,
  grapes,
  heUniform,
  lastOutput,
  linear,
  network,
  rate,
  relu,
  sgd,
  snu,
  spikeRate,
} = await import("spikevine");
const { loadDataset } = await import("../dist/src/data/index.js");
const { openDevice } = await import("../dist/src/device/index.js");
const { openBatchSource } = await import("../dist/src/training/loop/batch-source.js");
const { checkOptions } = await import("../dist/src/training/options.js");
const { Trainer } = await import("../dist/src/training/loop/trainer.js");

const { train: data } = await loadDataset("mnist", { train: Number(flags.samples) });
const spiking = flags.neuron === "snu";
const build = () =>
  network({
    inputs: 784,
    encoder: spiking ? rate({ maxRate: 0.3 }) : constantCurrent(),
    steps: spiking ? 20 : 1,
    layers: [
      ...[256, 256, 256].map((units) => dense(units, spiking ? snu() : relu(), { initializer: heUniform })),
      dense(10, spiking ? snu() : linear(), { initializer: glorotUniform }),
    ],
    readout: spiking ? spikeRate() : lastOutput(),
  });

// So small that all methods compute on the same numbers: zeros are skipped, and their number depends on learning.
const optimizer = sgd({ learningRate: 1e-6 });
const all = {
  plain: { optimizer },
  "plain again": { optimizer },
  GRAPES: { optimizer: [grapes(), optimizer] },
  "GRAPES, local": { optimizer: [grapes({ version: "local" }), optimizer] },
  "GRAPES, shuffled": { optimizer: [grapes({ control: "shuffled" }), optimizer] },
  "GRAPES, outgoing": { optimizer: [grapes({ grouping: "outgoing" }), optimizer], credit: "direct-feedback-alignment" },
  "feedback alignment": { optimizer, credit: "feedback-alignment" },
  "direct feedback alignment": { optimizer, credit: "direct-feedback-alignment" },
  "indirect feedback alignment": { optimizer, credit: "indirect-feedback-alignment" },
  "noise on updates": { optimizer, hardware: { updateNoise: 0.1 } },
  "noise on activations": { optimizer, hardware: { activationNoise: 0.1 } },
  "weights of 8 bits": { optimizer, hardware: { weightBits: 8 } },
};
const wanted = flags.methods === "" ? Object.keys(all) : ["plain", ...flags.methods.split("; ")];

const contestants = [];
for (const name of wanted) {
  const net = build();
  const { device } = await openDevice("simd", { threads: 1 });
  const options = checkOptions({ data, epochs: 1000, batchSize: 64, ...all[name] }, net.seed);
  contestants.push({ name, options, net, device, trainer: await Trainer.create(net, options, device), times: [] });
}
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
for (let round = 0; round <= Number(flags.rounds); round++) {
  // The order changes in every round; the first round is the warm-up.
  for (let i = 0; i < contestants.length; i++) {
    const { trainer, options, net, times } = contestants[(i + round) % contestants.length];
    const source = await openBatchSource(options, net.outputs);
    const began = cpu();
    let number = 0;
    for await (const batch of source.epoch(round + 1, 0)) await trainer.update(batch, round + 1, round, ++number);
    if (round > 0) times.push(cpu() - began);
  }
}
const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};
const updates = Math.ceil(data.count / 64);
console.log(`${flags.neuron}, ${data.count} samples, ${updates} updates, ${flags.rounds} rounds`);
for (const { name, times } of contestants) {
  const ratios = times.map((time, round) => time / contestants[0].times[round]);
  const each = median(times) / updates;
  console.log(`${name.padEnd(28)} ${each.toFixed(3)} ms per update, ${((median(ratios) - 1) * 100).toFixed(1)} %`);
}
for (const { device } of contestants) await device.dispose();

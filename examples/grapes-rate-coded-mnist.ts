// GRAPES on a deep SNU network and a two-layer sSNU, with the controls that tell where a gain comes from: plain SGD, and
// every unit given its layer's mean factor (`uniform`). Test at 300 steps with the spike probability a step of training.
import {
  cosine,
  dense,
  evaluate,
  grapes,
  network,
  type Optimiser,
  rate,
  sgd,
  snu,
  spikeCount,
  spikeRate,
  ssnu,
  train,
} from "spikevine";
import { percent, settings } from "./settings.js";

const { data, epochs, seeds, device } = await settings({ epochs: 8, seeds: 3 });
// The soft unit needs the identity for its activation: with relu it dies at any learning rate that moves it.
const networks = {
  "SNU 3x256": {
    unit: snu({ decay: 0.8 }),
    hidden: [256, 256, 256],
    maxRate: 0.5,
    readout: spikeRate(),
    learningRate: 0.3,
  },
  "sSNU 2x256": {
    unit: ssnu({ decay: 0.8, activation: "identity" }),
    hidden: [256, 256],
    maxRate: 1,
    readout: spikeCount(),
    learningRate: 0.1,
  },
};
const rules = (learningRate: number): Record<string, Optimiser> => ({
  "SGD + GRAPES": [grapes(), sgd({ learningRate })],
  "SGD + uniform factor": [grapes({ control: "uniform" }), sgd({ learningRate })],
  SGD: sgd({ learningRate }),
});

const rows: string[] = [];
for (const [name, { unit, hidden, maxRate, readout, learningRate }] of Object.entries(networks)) {
  for (const [ruleName, rule] of Object.entries(rules(learningRate))) {
    const at20: number[] = [];
    const at300: number[] = [];
    for (const seed of seeds) {
      const net = network({
        inputs: data.train.pixels,
        encoder: rate({ maxRate }),
        steps: 20,
        layers: [...hidden, 10].map((units) => dense(units, unit)),
        readout,
        seed,
      });
      await train(net, {
        data: data.train,
        epochs,
        batch: 16,
        loss: "cross-entropy",
        rule,
        schedule: cosine(),
        device,
        onEpoch: ({ epoch, accuracy, loss, trainingSeconds }) =>
          console.log(
            `${name}, ${ruleName}, seed ${seed}, epoch ${epoch}: loss ${loss.toFixed(4)}, train ${percent([accuracy])} %, ${trainingSeconds.toFixed(1)} s`,
          ),
      });
      at20.push((await evaluate(net, data.test, { device })).accuracy);
      at300.push((await evaluate(net, data.test, { device, steps: 300 })).accuracy);
      console.log(
        `${name}, ${ruleName}, seed ${seed}: test ${percent(at20.slice(-1))} % at 20 steps, ${percent(at300.slice(-1))} % at 300`,
      );
    }
    rows.push(`| ${name} | ${ruleName} | ${percent(at20)} | ${percent(at300)} |`);
  }
}
console.log(`\n| network | rule | test %, 20 steps | test %, 300 steps |\n|---|---|---|---|\n${rows.join("\n")}`);
console.log(`\n${data.train.name}, ${data.train.count} samples, ${epochs} epochs, ${seeds.length} seeds`);

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { constantCurrent, rate } from "#spikevine/encoders/index";
import { type DenseOptions, dense, lastOutput, type Network, network, spikeRate } from "#spikevine/networks/index";
import { lif, linear, type NeuronDefinition, relu, snu, ssnu, tanh } from "#spikevine/neurons/index";
import {
  adam,
  bioAdam,
  type GrapesOptions,
  grapes,
  momentum,
  nesterov,
  type Optimizer,
  type OptimizerDefinition,
  rmsprop,
  sgd,
  weightDecay,
} from "#spikevine/plasticity/index";
import type { Device } from "#spikevine/src/device/contract";
import { openDevice } from "#spikevine/src/device/index";
import { type Credit, train } from "#spikevine/src/training/index";
import { exhaustive } from "../exhaustive.js";
import { stripes } from "./stripes.js";

let device: Device;
beforeAll(async () => {
  device = (await openDevice("simd", { threads: 1 })).device;
});
afterAll(() => device.dispose());

const ordinary = (neuron: NeuronDefinition, options: DenseOptions) => (): Network =>
  network({
    inputs: 12,
    encoder: constantCurrent(),
    steps: 1,
    layers: [...[48, 32].map((units) => dense(units, neuron, options)), dense(3, linear())],
    readout: lastOutput(),
    seed: 2,
  });
const spiking = (neuron: NeuronDefinition, options: DenseOptions) => (): Network =>
  network({
    inputs: 12,
    encoder: rate({ maxRate: 1 }),
    steps: 8,
    layers: [...[48, 32].map((units) => dense(units, neuron, options)), dense(3, neuron)],
    readout: spikeRate(),
    seed: 2,
  });
const UNITS = {
  snu: snu({ threshold: 0.2, activation: "identity" }),
  ssnu: ssnu({ threshold: 0.2, activation: "identity" }),
  lif: lif({ tau: "3 ms", threshold: 0.1 }),
};
/** A network, and the factor of the learning rate of plain descent against ordinary units. */
const networks: Record<string, [make: () => Network, steps: number]> = {
  "ReLU with dropout": [ordinary(relu(), { dropout: 0.1, bias: true }), 0.5],
  "tanh with dropout": [ordinary(tanh(), { dropout: 0.1 }), 1],
  SNU: [spiking(UNITS.snu, {}), 3],
  sSNU: [spiking(UNITS.ssnu, {}), 10],
  LIF: [spiking(UNITS.lif, {}), 3],
  "recurrent SNU": [spiking(UNITS.snu, { recurrent: true }), 3],
  "recurrent sSNU": [spiking(UNITS.ssnu, { recurrent: true }), 10],
  "recurrent LIF": [spiking(UNITS.lif, { recurrent: true }), 3],
};

const CREDITS: readonly Credit[] = [
  "backpropagation",
  "feedback-alignment",
  "direct-feedback-alignment",
  "indirect-feedback-alignment",
];
const RULES: Record<string, (steps: number) => OptimizerDefinition> = {
  sgd: (steps) => sgd({ learningRate: 0.1 * steps }),
  momentum: (steps) => momentum({ learningRate: 0.01 * steps }),
  nesterov: (steps) => nesterov({ learningRate: 0.01 * steps }),
  rmsprop: () => rmsprop({ learningRate: 0.003 }),
  adam: () => adam({ learningRate: 0.005 }),
  "bio-adam": () => bioAdam({ learningRate: 5e-3, rhoRest: 1e3, tauRho: 100 }),
};
const modulations: Record<string, GrapesOptions> = {
  propagating: {},
  local: { version: "local" },
  uniform: { control: "uniform" },
  shuffled: { control: "shuffled" },
  unbounded: { bound: "none" },
  outgoing: { grouping: "outgoing", bound: "none" },
  "dropped units unmodulated": { dropped: "unmodulated" },
};

/** Loss of the first epoch, and the mean over the last three of 40; random feedback makes it rise at first. */
async function losses(net: Network, rule: Optimizer, credit: Credit): Promise<[first: number, last: number]> {
  const { epochs } = await train(net, {
    data: stripes(24),
    epochs: 40,
    batchSize: 8,
    optimizer: rule,
    credit,
    maxGradNorm: 1,
    device,
  });
  return [epochs[0]!.loss, epochs.slice(-3).reduce((sum, { loss }) => sum + loss / 3, 0)];
}

/** Every credit in the exhaustive suite, else another one for each network and rule. */
const creditsOf = (network: number, rule: number): readonly Credit[] =>
  exhaustive ? CREDITS : [CREDITS[(network + rule) % CREDITS.length]!];

describe.each(Object.entries(networks))("%s", (name, [make, steps]) => {
  const index = Object.keys(networks).indexOf(name);

  it.each(Object.entries(RULES))("GRAPES on %s lowers the loss, whatever the credit", async (ruleName, rule) => {
    for (const credit of creditsOf(index, Object.keys(RULES).indexOf(ruleName))) {
      const [first, last] = await losses(make(), [weightDecay(1e-4), grapes(), rule(steps)], credit);
      expect(last, credit).toBeLessThan(0.95 * first);
    }
  });
});

const MODULATED = ["ReLU with dropout", "SNU", "recurrent LIF"];

describe.each(MODULATED)("%s", (name) => {
  const [make, steps] = networks[name]!;

  it.each(Object.entries(modulations))("GRAPES, %s, lowers the loss, whatever the credit", async (kind, modulation) => {
    for (const credit of creditsOf(MODULATED.indexOf(name), Object.keys(modulations).indexOf(kind))) {
      const [first, last] = await losses(make(), [grapes(modulation), RULES.sgd!(steps)], credit);
      expect(last, credit).toBeLessThan(0.95 * first);
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { constantCurrent } from "#spikevine/encoders/index";
import { type DenseOptions, dense, lastOutput, type Network, network, spikeRate } from "#spikevine/networks/index";
import { lif, linear, type NeuronDefinition, relu, snu, ssnu, tanh } from "#spikevine/neurons/index";
import {
  adam,
  bioAdam,
  type GrapesOptions,
  grapes,
  momentum,
  nesterov,
  type OptimizerDefinition,
  rmsprop,
  sgd,
  weightDecay,
} from "#spikevine/plasticity/index";
import { dataset } from "#spikevine/src/data/dataset";
import type { Device } from "#spikevine/src/device/contract";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { type Credit, train } from "#spikevine/src/training/index";
import { rulePlan } from "../device/conformance/rule-plan.js";
import { exhaustive } from "../exhaustive.js";
import { oneBatch } from "./one-batch.js";

let device: Device;
beforeAll(async () => {
  device = await referenceDevice({ precision: "single" });
});
afterAll(() => device.dispose());

const INPUTS = 6;
const pixels = Array.from({ length: 5 }, (_, s) =>
  Array.from({ length: INPUTS }, (_, p) => ((s * 7 + p * 5) % 11) / 11),
);
const labels = [0, 2, 1, 1, 0];
const data = dataset({ images: Float32Array.from(pixels.flat()), labels });

const ordinary = (neuron: NeuronDefinition) => (): Network =>
  network({
    inputs: INPUTS,
    encoder: constantCurrent(),
    steps: 1,
    layers: [...[7, 6].map((units) => dense(units, neuron, { dropout: 0.1, bias: true })), dense(3, linear())],
    readout: lastOutput(),
    seed: 6,
  });
const spiking = (neuron: NeuronDefinition, options: DenseOptions) => (): Network =>
  network({
    inputs: INPUTS,
    encoder: constantCurrent(),
    steps: 5,
    layers: [...[7, 6].map((units) => dense(units, neuron, options)), dense(3, neuron)],
    readout: spikeRate(),
    seed: 6,
  });
const UNITS = {
  SNU: snu({ threshold: 0.2, activation: "identity" }),
  sSNU: ssnu({ threshold: 0.2, activation: "identity" }),
  LIF: lif({ tau: "3 ms", threshold: 0.1 }),
};
const networks: Record<string, () => Network> = {
  "ReLU with dropout": ordinary(relu()),
  "tanh with dropout": ordinary(tanh()),
  ...Object.fromEntries(Object.entries(UNITS).map(([name, unit]) => [name, spiking(unit, {})])),
  ...Object.fromEntries(
    Object.entries(UNITS).map(([name, unit]) => [`recurrent ${name}`, spiking(unit, { recurrent: true })]),
  ),
};

/** For optimizers that divide by the size of the gradient, epsilon is large: a factor would cancel otherwise. */
const RULES: readonly OptimizerDefinition[] = [
  sgd({ learningRate: 0.5 }),
  momentum({ learningRate: 0.5 }),
  nesterov({ learningRate: 0.5 }),
  rmsprop({ learningRate: 0.1, epsilon: 0.01 }),
  adam({ learningRate: 0.1, epsilon: 0.01 }),
  bioAdam({ learningRate: 0.1, rhoRest: 1e3, tauRho: 100 }),
];
const controls = ["none", "uniform", "shuffled"] as const;
const modulations: readonly GrapesOptions[] = [
  ...(["propagating", "local"] as const).flatMap((version) => controls.map((control) => ({ version, control }))),
  { bound: "none" },
];
const CREDITS: readonly Credit[] = [
  "backpropagation",
  "feedback-alignment",
  "direct-feedback-alignment",
  "indirect-feedback-alignment",
];
const DECAY = 0.05;

/** Weights after the first update of an optimizer by a gradient. */
async function updated(
  rule: OptimizerDefinition,
  weights: Float32Array,
  gradient: Float32Array,
): Promise<Float32Array> {
  const { kernel, uniforms } = rule.compile();
  const program = await device.compile(rulePlan(kernel, { rows: 1, columns: weights.length }));
  await program.writeTensor("w", weights);
  await program.writeTensor("g", gradient);
  for (const state of kernel.states) {
    await program.writeTensor(state, new Float32Array(weights.length).fill(rule.states[state]!.initial));
  }
  await program.run("update", { samples: 1, scalars: uniforms(1) });
  return program.readTensor("w");
}

/** Factors of a layer as `modulation` computes them, by hand from its incoming weights. */
function factorsOf(net: Network, layer: number, modulation: GrapesOptions): Float32Array {
  const { data: weights, columns } = net.parameters.get(`layer${layer}.weights`)!;
  const importance = new Float32Array(columns);
  weights.forEach((w, i) => {
    importance[i % columns]! += Math.abs(w);
  });
  return grapes(modulation).factors(importance, { seed: net.seed, update: 0, layer: layer - 1 });
}

describe.each(Object.entries(networks))("%s", (name, make) => {
  const index = Object.keys(networks).indexOf(name);
  const matrices = [...make().parameters.keys()].filter((name) => /^layer[12]\.(weights|recurrent)$/.test(name));

  // If modulated errors do not reach other layers, a modulated gradient is the plain one times the layer's factors.
  it.each(modulations)("every optimizer gets the gradient times the factors, then decay: %j", async (modulation) => {
    // Outside the exhaustive suite, another credit for each network and modulation.
    const one = CREDITS[(index + modulations.indexOf(modulation)) % CREDITS.length]!;
    const local = exhaustive ? CREDITS : [one];
    for (const credit of modulation.version === "local" ? local : (["direct-feedback-alignment"] as const)) {
      const plain = await oneBatch(make(), device, { pixels, labels }, { credit });
      const gradients = new Map<string, Float32Array>();
      for (const name of matrices) gradients.set(name, await plain.readTensor(`${name}.gradient`));
      for (const rule of RULES) {
        const net = make();
        const chain = [weightDecay(DECAY), grapes(modulation), rule];
        await train(net, { data, epochs: 1, batchSize: labels.length, credit, device, optimizer: chain });
        for (const name of matrices) {
          const { data: weights } = make().parameters.get(name)!;
          const m = factorsOf(make(), Number(name[5]), modulation);
          const gradient = gradients.get(name)!.map((g, i) => g * m[i % m.length]! + DECAY * weights[i]!);
          const want = await updated(rule, weights, gradient);
          const unmodulated = gradients.get(name)!.map((g, i) => g + DECAY * weights[i]!);
          const without = await updated(rule, weights, unmodulated);
          const got = net.parameters.get(name)!.data;
          const error = Math.max(...got.map((w, i) => Math.abs(w - want[i]!)));
          const effect = Math.max(...want.map((w, i) => Math.abs(w - without[i]!)));
          const where = `${rule.name} of ${name}, ${credit}`;
          expect(effect, where).toBeGreaterThan(1e-5);
          expect(error, where).toBeLessThan(1e-6 + 1e-3 * effect);
        }
      }
    }
  });
});

import { describe, expect, it } from "vitest";
import { constantCurrent, latency, poisson, rate } from "#spikevine/encoders/index";
import {
  batchNorm,
  convolution,
  type DenseLayer,
  dense,
  glorotUniform,
  type Layer,
  maxPool,
  type Network,
  network,
  neuronLayer,
  shortForm,
} from "#spikevine/networks/index";
import { integrator, leaky, li, lif, type NeuronDefinition, relu, snu, ssnu, tanh } from "#spikevine/neurons/index";
import { adam, sgd } from "#spikevine/plasticity/index";
import { makeDigits, subset } from "#spikevine/src/data/index";
import { evaluate, measureActivity, train } from "#spikevine/src/training/index";

const digits = makeDigits({ train: 1200, test: 300 });

const deep = (
  neuron: NeuronDefinition,
  options: { depth?: number; units?: number; steps?: number; dt?: string } = {},
) => {
  const { depth = 3, units = 64, steps = 20, dt = "1 ms" } = options;
  const layers: DenseLayer[] = Array.from({ length: depth }, () => dense(units, neuron));
  return network({ inputs: 784, encoder: rate(), steps, dt, layers: [...layers, dense(10, neuron)] });
};

const weightsOf = (net: Network, layer: number) => net.parameters.get(`layer${layer}.weights`)!;

describe("weights of a layer without a distribution of its own", () => {
  it.each<[string, Network]>([
    ["snu", deep(snu())],
    ["snu, 4 layers of 256, 10 steps", deep(snu(), { depth: 4, units: 256, steps: 10 })],
    ["snu with a high threshold and a short memory", deep(snu({ threshold: 7, decay: 0.2 }))],
    ["lif", deep(lif())],
    ["lif, 50 steps", deep(lif(), { steps: 50 })],
    ["lif, steps of 0.1 ms", deep(lif(), { dt: "0.1 ms" })],
    ["lif in mV and pA", deep(lif({ threshold: "-50 mV" }))],
    ["lif, refractory, soft reset", deep(lif({ refractory: "2 ms", reset: "soft" }))],
  ])("make it fire: %s", async (_, net) => {
    for (const { rate: fired, silent, saturated } of await measureActivity(net, digits.train, { device: "simd" })) {
      expect(fired).toBeGreaterThan(0.01);
      expect(fired).toBeLessThan(0.6);
      expect(silent + saturated).toBeLessThan(0.5);
    }
  });

  const spatial = (neuron: NeuronDefinition, layers: readonly Layer[]): Network =>
    network({ inputs: [1, 28, 28], encoder: rate(), steps: 10, layers: [...layers, dense(10, neuron)] });
  const ofCurrents = (neuron: NeuronDefinition): Layer[] =>
    [8, 16].flatMap((channels) => [convolution(channels, 5), maxPool(2), neuronLayer(neuron)]);

  it.each<[string, Network]>(
    [leaky({ beta: 0.5 }), lif(), snu()].flatMap((neuron): [string, Network][] => [
      [`${neuron.name}, maxima of currents`, spatial(neuron, ofCurrents(neuron))],
      [`${neuron.name}, maxima of spikes`, spatial(neuron, shortForm("8C5-MP2-16C5-MP2", neuron))],
      [`${neuron.name}, averages of spikes`, spatial(neuron, shortForm("8C5-AP2-16C5-AP2-64", neuron))],
    ]),
  )("make convolutions and the outputs after them fire: %s", async (_, net) => {
    const data = subset(digits.train, 20);
    for (const { rate: fired, silent, saturated } of await measureActivity(net, data, { device: "simd" })) {
      expect(fired).toBeGreaterThan(0.04);
      expect(fired).toBeLessThan(0.35);
      expect(silent + saturated).toBeLessThan(0.5);
    }
  });

  it("do not blow up the rounding errors of outputs that are all alike", () => {
    // A layer without input: its graded outputs are one constant.
    const layers = [neuronLayer(li()), neuronLayer(snu({ threshold: 1e6 })), neuronLayer(ssnu()), dense(3, lif())];
    const net = network({ inputs: 16, encoder: rate(), steps: 4, layers });
    const weights = weightsOf(net, 4).data;
    expect(Math.max(...weights.map(Math.abs)) / Math.max(...weightsOf(deep(lif()), 4).data.map(Math.abs))).toBeLessThan(
      100,
    );
  });

  it.each<[string, NeuronDefinition, boolean]>([
    ["leaky", leaky({ beta: 0.5 }), true],
    ["integrator", integrator(), true],
    ["leaky with a far threshold", leaky({ beta: 0.5, threshold: 6 }), false],
    ["lif", lif(), false],
    ["lif in mV and pA", lif({ threshold: "-50 mV" }), false],
  ])(
    "make layers after normalizations fire by their gain, which is 1 if that is enough: %s",
    async (_, neuron, isOne) => {
      const layers = [4, 8].flatMap((channels) => [
        convolution(channels, 5),
        batchNorm(),
        neuronLayer(neuron),
        maxPool(2),
      ]);
      const net = spatial(neuron, layers);
      const { data: gains, scale = 1 } = net.parameters.get("layer2.gain")!;
      expect(gains[0] === 1).toBe(isOne);
      // An optimizer with its default rate measures the gain in a unit near it.
      expect(Math.abs(Math.log2(gains[0]! / scale))).toBeLessThanOrEqual(0.5);
      for (const { rate: fired, silent, saturated } of await measureActivity(net, subset(digits.train, 20), {
        device: "simd",
      })) {
        expect(fired).toBeGreaterThan(0.04);
        expect(fired).toBeLessThan(0.4);
        expect(silent + saturated).toBeLessThan(0.5);
      }
    },
  );

  it("balance every unit around its mean, and excite it on average", () => {
    const { data, columns, rows } = weightsOf(deep(snu()), 2);
    const sums = Array.from({ length: columns }, (_, n) => {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += data[i * columns + n]!;
      return sum;
    });
    expect(Math.min(...sums)).toBeGreaterThan(0);
    expect(Math.max(...sums) - Math.min(...sums)).toBeLessThan(1e-5 * sums[0]!);
    expect(Math.min(...data)).toBeLessThan(0);
  });

  it("are the same for the same seed", () => {
    expect(weightsOf(deep(lif()), 1)).toEqual(weightsOf(deep(lif()), 1));
  });

  it.each<[string, NeuronDefinition]>([
    ["no memory", relu()],
    ["no memory, bounded", tanh()],
    ["no bound", li()],
    ["no current that excites it", snu({ threshold: 1e9 })],
  ])("have Glorot's distribution for a neuron with %s", (_, neuron) => {
    const limit = glorotUniform(784, 64);
    const { data, scale } = weightsOf(deep(neuron), 1);
    expect(Math.max(...data)).toBeLessThanOrEqual(limit);
    expect(Math.max(...data)).toBeGreaterThan(0.99 * limit);
    expect(scale).toBeUndefined();
  });

  it("suit whatever the encoder sends", async () => {
    for (const encoder of [constantCurrent(), poisson(), latency()]) {
      const layers = [dense(64, snu()), dense(10, snu())];
      const net = network({ inputs: 784, encoder, steps: 20, layers });
      const [first] = await measureActivity(net, digits.train, { device: "simd" });
      expect(first!.rate).toBeGreaterThan(0.005);
      expect(first!.silent).toBeLessThan(0.9);
    }
  });
});

describe("the unit of the weights", () => {
  it("grows with the current that a neuron needs", () => {
    const plain = weightsOf(deep(lif()), 2).scale!;
    const inVolts = weightsOf(deep(lif({ threshold: "-50 mV" })), 2).scale!;
    expect(Math.log2(plain) % 1).toBe(0);
    expect(plain).toBeGreaterThan(4);
    // 15 mV over 100 MOhm are 150 pA; the unit is rounded to a power of 2.
    expect(inVolts / plain).toBeGreaterThan(64);
    expect(inVolts / plain).toBeLessThan(512);
  });

  it("multiplies the steps of a rule whose learning rate is not given, and no other", async () => {
    const step = async (rule: typeof sgd | typeof adam, given: { learningRate?: number }) => {
      const net = deep(lif(), { depth: 1 });
      const before = weightsOf(net, 2).data.slice();
      const data = makeDigits({ train: 16, test: 10 }).train;
      await train(net, { data, epochs: 1, batchSize: 16, optimizer: rule(given), device: "simd", threads: 1 });
      return Math.max(...weightsOf(net, 2).data.map((w, i) => Math.abs(w - before[i]!)));
    };
    const scale = weightsOf(deep(lif(), { depth: 1 }), 2).scale!;
    expect((await step(adam, {})) / (await step(adam, { learningRate: 0.001 }))).toBeCloseTo(scale, 1);
    expect((await step(sgd, {})) / (await step(sgd, { learningRate: 0.01 }))).toBeCloseTo(scale ** 2, 0);
  });
});

describe("a network with the defaults learns", () => {
  it.each([
    ["snu", snu()],
    ["lif", lif()],
    ["ssnu", ssnu()],
  ])("%s, four hidden layers, 1,200 digits, 3 epochs", async (_, neuron) => {
    const net = deep(neuron, { depth: 4 });
    const accuracyAndLoss = () => evaluate(net, digits.test, { device: "simd" });
    // Outputs that hardly differ: the cross-entropy of equal ones is log(10) = 2.3.
    expect((await accuracyAndLoss()).loss).toBeLessThan(3.2);
    await train(net, { data: digits.train, epochs: 3, optimizer: adam(), device: "simd" });
    expect((await accuracyAndLoss()).accuracy).toBeGreaterThan(0.53);
  });
});

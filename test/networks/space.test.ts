import { describe, expect, it } from "vitest";
import { constantCurrent, rate } from "#spikevine/encoders/index";
import { mapsOf, neuronsOf } from "#spikevine/networks/graph";
import {
  averagePool,
  batchNorm,
  convolution,
  dense,
  flatten,
  glorotUniform,
  heUniform,
  type Layer,
  lastOutput,
  maxPool,
  network,
  neuronLayer,
  residual,
  scale,
  shortForm,
  sumPool,
} from "#spikevine/networks/index";
import { lif, type NeuronDefinition, relu, snu } from "#spikevine/neurons/index";
import { makeDigits } from "#spikevine/src/data/index";
import { measureActivity, record } from "#spikevine/src/training/index";

type Inputs = Parameters<typeof network>[0]["inputs"];

const make = (layers: readonly (Layer | NeuronDefinition)[], inputs: Inputs = [1, 28, 28], seed = 1) =>
  network({ inputs, encoder: rate(), steps: 3, layers, seed });

const shapesOf = (net: ReturnType<typeof make>) =>
  net.nodes.map(({ shape: { channels, height, width } }) => [channels, height, width]);

const arraysOf = (net: ReturnType<typeof make>) =>
  Object.fromEntries([...net.parameters].map(([name, { rows, columns }]) => [name, [rows, columns]]));

describe("shapes", () => {
  it("of 12C5-MP2-64C5-MP2-10, as snnTorch's tutorial 6 prints them", () => {
    const net = make([convolution(12, 5), maxPool(2), snu(), convolution(64, 5), maxPool(2), snu(), dense(10, snu())]);
    expect(shapesOf(net)).toEqual([
      [1, 28, 28],
      [12, 24, 24],
      [12, 12, 12],
      [12, 12, 12],
      [64, 8, 8],
      [64, 4, 4],
      [64, 4, 4],
      [10, 1, 1],
      [10, 1, 1],
    ]);
    expect(arraysOf(net)).toEqual({
      "layer1.weights": [25, 12],
      "layer3.threshold": [1, 12],
      "layer4.weights": [300, 64],
      "layer6.threshold": [1, 64],
      "layer7.weights": [1024, 10],
      "layer7.threshold": [1, 10],
    });
    expect([net.inputs, net.outputs, net.layerNames.length]).toEqual([784, 10, 7]);
  });

  it("may be a single pixel, which padding surrounds", () => {
    expect(shapesOf(make([convolution(3, 3, { padding: 1 })], [5, 1, 1]))[1]).toEqual([3, 1, 1]);
  });

  it("follow stride, padding and dilation as in PyTorch's formula", () => {
    const one = (...args: Parameters<typeof convolution>) => shapesOf(make([convolution(...args)], [2, 7, 10]))[1];
    expect(one(4, 3, { padding: 1 })).toEqual([4, 7, 10]);
    expect(one(4, 3, { stride: 2 })).toEqual([4, 3, 4]);
    expect(one(4, [3, 1], { stride: [3, 2], padding: [1, 0] })).toEqual([4, 3, 5]);
    expect(one(4, 3, { dilation: 3 })).toEqual([4, 1, 4]);
    expect(shapesOf(make([averagePool(3, { stride: 2, padding: 1 })], [2, 7, 10]))[1]).toEqual([2, 4, 5]);
    expect(shapesOf(make([sumPool([7, 2])], [2, 7, 10]))[1]).toEqual([2, 1, 5]);
  });

  it("of branches are those of their parts, and names count them", () => {
    const body = [convolution(8, 3, { padding: 1, stride: 2 }), batchNorm(), relu(), convolution(8, 3, { padding: 1 })];
    const net = make([residual(body, [convolution(8, 1, { stride: 2 })]), relu(), flatten(), dense(3)], [4, 8, 8]);
    expect(net.nodes.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "input input",
      "map layer1_1",
      "normalize layer1_2",
      "neurons layer1_3",
      "map layer1_4",
      "map layer1_shortcut1",
      "add layer1",
      "neurons layer2",
      "map layer4",
      "neurons layer4",
    ]);
    expect(net.outputs).toBe(3);
  });
});

describe("a layer that does not fit is refused, with its name and the arithmetic", () => {
  it.each<[string, () => unknown, string]>([
    [
      "a window larger than its image",
      () => make([convolution(4, 5, snu()), averagePool(6), convolution(4, 5, snu())]),
      "network: layer3: a window of 5 x 5 does not fit into its input of 4 x 4 pixels; give a smaller window, more padding or a larger image.",
    ],
    [
      "a dilated window",
      () => make([convolution(4, 3, { dilation: 3, padding: 1 })], [1, 4, 4]),
      "network: layer1: a window of 7 x 7 (3 x 3 with dilation 3 x 3) does not fit into its input of 6 x 6 pixels (4 x 4 with padding 1 x 1); give a smaller window, more padding or a larger image.",
    ],
    [
      "an image given as a row",
      () => make([convolution(4, 5)], 784),
      "network: layer1: a window of 5 x 5 does not fit into its input of 1 x 1 pixels with 784 channels; if these are an image, give its shape by inputs: [channels, height, width], and put flatten and dense layers after this one.",
    ],
    [
      "groups that do not divide the channels",
      () => make([convolution(4, 3, { groups: 2 })], [3, 8, 8]),
      "network: layer1: 2 groups do not divide 3 input and 4 output channels; give a number that divides both.",
    ],
    [
      "branches of different shapes",
      () => make([residual(convolution(4, 3))], [4, 8, 8]),
      "network: layer1: its body has the shape [4, 6, 6] and its shortcut [4, 8, 8]; make them equal, e.g. by padding in the body, or a shortcut that ends in [4, 6, 6].",
    ],
    [
      "branches of different sizes, one half the other",
      () => make([residual(convolution(4, 3, { padding: 1, stride: 2 }))], [4, 7, 7]),
      "network: layer1: its body has the shape [4, 4, 4] and its shortcut [4, 7, 7]; make them equal, e.g. by a shortcut of convolution(4, 1, { stride: 2 }).",
    ],
    [
      "branches of different channels",
      () => make([residual(convolution(6, 3, { padding: 1 }))], [4, 7, 7]),
      "network: layer1: its body has the shape [6, 7, 7] and its shortcut [4, 7, 7]; make them equal, e.g. by a shortcut of convolution(6, 1).",
    ],
    [
      "an image without channels",
      () => make([dense(2, snu())], [28, 28] as never),
      "network: inputs is [28,28]; give [channels, height, width], e.g. [1,28,28].",
    ],
    [
      "channels last",
      () => make([convolution(4, 5, snu())], [28, 28, 1]),
      "network: layer1: a window of 5 x 5 does not fit into its input of 28 x 1 pixels; give a smaller window, more padding or a larger image; shapes are [channels, height, width].",
    ],
    [
      "the short form as text",
      () => make("15C5-10" as never, [1, 8, 8]),
      'network: layers is "15C5-10"; give a list of layers, e.g. shortForm("15C5-10", lif()).',
    ],
    [
      "recurrence in an image",
      () => make([convolution(4, 3), neuronLayer(snu(), { recurrent: true })], [1, 8, 8]),
      "network: layer2: recurrent weights would connect all [4, 6, 6] units of an image with each other; put flatten() below them, or leave recurrent out.",
    ],
    [
      "a pool with windows outside the image",
      () => maxPool(2, { padding: 2 }),
      "maxPool: padding is 2 x 2, more than half of a window of 2 x 2; give less padding, so that every window has pixels.",
    ],
    [
      "options of neurons without neurons",
      () => convolution(4, 3, { trainable: { threshold: "unit" } }),
      "convolution: trainable belongs to a neuron, but none is given; give one, e.g. lif(), or leave trainable out.",
    ],
    [
      "recurrence of a convolution",
      () => convolution(4, 3, snu(), { recurrent: true } as never),
      "convolution: recurrent weights connect all units of a row, and recurrent kernels are not supported; leave recurrent out, or give a row: convolution(3, 5), flatten(), neuronLayer(lif(), { recurrent: true }).",
    ],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});

describe("parameters of neurons", () => {
  it("are trained per layer, channel or unit; per unit in a definition means per channel in an image", () => {
    const columns = (trainable: "layer" | "channel" | "unit" | undefined) =>
      arraysOf(
        make([convolution(3, 5, snu(), trainable === undefined ? {} : { trainable: { threshold: trainable } })]),
      )["layer1.threshold"];
    expect([columns("layer"), columns("channel"), columns("unit"), columns(undefined)]).toEqual([
      [1, 1],
      [1, 3],
      [1, 3 * 24 * 24],
      [1, 3],
    ]);
    expect(arraysOf(make([convolution(3, 5), flatten(), snu()]))["layer3.threshold"]).toEqual([1, 3 * 24 * 24]);
    expect(arraysOf(make([dense(7, snu(), { trainable: { threshold: "channel" } })]))["layer1.threshold"]).toEqual([
      1, 7,
    ]);
  });
});

describe("initial weights of a convolution", () => {
  it("have the fan-in of its windows, and the fan-out that PyTorch uses", () => {
    const limit = (initializer: typeof glorotUniform) =>
      make([convolution(20, 5, relu(), { initializer, groups: 2 })], [4, 9, 9])
        .parameters.get("layer1.weights")!
        .data.reduce((a, w) => Math.max(a, Math.abs(w)), 0);
    const [he, glorot] = [Math.sqrt(6 / (2 * 25)), Math.sqrt(6 / (2 * 25 + 20 * 25))];
    expect(limit(heUniform) / he).toBeGreaterThan(0.98);
    expect(limit(heUniform) / he).toBeLessThan(1.0001);
    expect(limit(glorotUniform) / glorot).toBeGreaterThan(0.98);
    expect(limit(glorotUniform) / glorot).toBeLessThan(1.0001);
  });

  it("make every layer fire, through pools of spikes and of currents", async () => {
    const data = makeDigits({ train: 8, test: 1 }).train;
    const layers = [convolution(8, 5), maxPool(2), lif(), convolution(16, 5, lif()), averagePool(2), dense(10, lif())];
    const net = network({ inputs: [1, 28, 28], encoder: rate(), steps: 20, layers });
    const activity = await measureActivity(net, data, { device: "simd", samples: 6 });
    expect(activity.map(({ name }) => name)).toEqual(["layer3", "layer4", "layer6"]);
    for (const { rate: fired } of activity) {
      expect(fired).toBeGreaterThan(0.003);
      expect(fired).toBeLessThan(0.4);
    }
  });
});

describe("a network without neurons at its end", () => {
  it("reads its values, step by step", async () => {
    const net = network({
      inputs: 2,
      encoder: constantCurrent(),
      steps: 2,
      readout: lastOutput(),
      layers: [dense(2, { bias: true })],
    });
    net.parameters.get("layer1.weights")!.data.set([1, 2, 3, 4]);
    net.parameters.get("layer1.bias")!.data.set([0.5, -0.5]);
    const { readout } = await record(net, Float32Array.of(1, 0.5), { device: "reference" });
    expect([...readout]).toEqual([3, 3.5]);
  });
});

describe("the short form", () => {
  const neuron = lif();

  it("stands for layers one by one", () => {
    expect(shortForm("15C5-AP2-40C5-MP3s2p1-SP2-300", neuron, { bias: true })).toEqual([
      convolution(15, 5, neuron, { bias: true }),
      averagePool(2),
      convolution(40, 5, neuron, { bias: true }),
      maxPool(3, { stride: 2, padding: 1 }),
      sumPool(2),
      dense(300, neuron, { bias: true }),
    ]);
    expect(shortForm("96C3p1-16C5s2", neuron)).toEqual([
      convolution(96, 3, neuron, { padding: 1 }),
      convolution(16, 5, neuron, { stride: 2 }),
    ]);
    expect(shortForm("20-10", neuron, { recurrent: true })).toEqual([
      dense(20, neuron, { recurrent: true }),
      dense(10, neuron, { recurrent: true }),
    ]);
  });

  it("names the part that it cannot read", () => {
    for (const part of ["P2", "15c5", "15C", "C5", "15C5x", "", "12C5p1s2", "0x10", "-5"]) {
      expect(() => shortForm(`15C5-${part}`, neuron)).toThrow(/shortForm: "[^"]*" of "15C5-.*" is no layer; give 15C5/);
    }
    expect(() => shortForm("0C5", neuron)).toThrow(/channels is 0/);
    expect(() => shortForm("15C5", neuron, { recurrent: true })).toThrow(/"15C5" of "15C5" is a convolution/);
  });

  it("has the weights of a network by hand", () => {
    const [one, other] = [
      make([...shortForm("4C5-AP2-20", neuron), dense(10, neuron)]),
      make([convolution(4, 5, neuron), averagePool(2), dense(20, neuron), dense(10, neuron)]),
    ];
    expect([...one.parameters].map(([name, { data }]) => [name, data])).toEqual(
      [...other.parameters].map(([name, { data }]) => [name, data]),
    );
  });
});

describe("nodes", () => {
  it("carry the factor and the distributions of the weights", () => {
    const net = make([dense(4, snu()), scale(0.5), dense(3, snu(), { initializer: heUniform })], 5);
    expect(net.nodes.find(({ kind }) => kind === "add")).toMatchObject({ scale: 0.5, name: "layer2" });
    expect(mapsOf(net).at(-1)!.initializer).toBe(heUniform);
    expect(neuronsOf(net).map(({ name }) => name)).toEqual(["layer1", "layer3"]);
  });
});

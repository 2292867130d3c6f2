import { beforeAll, describe, expect, it } from "vitest";
import { rate } from "#spikevine/encoders/index";
import { dense, type Network, network, neuronLayer } from "#spikevine/networks/index";
import { li, snu, ssnu } from "#spikevine/neurons/index";
import { adam, adamW, bioAdam, defineOptimizer, grapes, sgd, weightDecay } from "#spikevine/plasticity/index";
import { dataset } from "#spikevine/src/data/dataset";
import type { Device } from "#spikevine/src/device/contract";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { type Credit, gradients, type TrainingOptions, train } from "#spikevine/src/training/index";
import { checkOptions } from "#spikevine/src/training/options";
import { trainingPlan } from "#spikevine/src/training/plan/training-plan";
import { stripes } from "./stripes.js";

let device: Device;
beforeAll(async () => {
  device = await referenceDevice({ precision: "double" });
});

const net = (): Network =>
  network({
    inputs: 12,
    encoder: rate({ maxRate: 1 }),
    steps: 5,
    layers: [dense(8, snu(), { recurrent: true, bias: true }), dense(6, ssnu()), dense(3, snu(), { bias: true })],
    seed: 4,
  });

const data = stripes(12);
const options = (more: Partial<TrainingOptions> = {}): TrainingOptions => ({
  data,
  epochs: 1,
  batchSize: 12,
  optimizer: sgd({ learningRate: 0.1 }),
  device,
  ...more,
});

/** The arrays of a network after a training, by name. */
async function trained(more: Partial<TrainingOptions>): Promise<Map<string, Float32Array>> {
  const own = net();
  await train(own, options(more));
  return new Map([...own.parameters].map(([name, { data: values }]) => [name, values]));
}

const initial = (): Map<string, Float32Array> =>
  new Map([...net().parameters].map(([name, { data: values }]) => [name, values]));

const closeTo = (got: Float32Array, want: (i: number) => number): void => {
  got.forEach((value, i) => {
    expect(Math.abs(value - want(i))).toBeLessThan(1e-6 * (1 + Math.abs(want(i))));
  });
};

describe("frozen layers and arrays", () => {
  it("keep their bits, and the others change as without them", async () => {
    const start = initial();
    const free = await trained({});
    const part = await trained({ frozen: ["layer1", "layer3.threshold"] });
    for (const [name, values] of part) {
      const isFrozen = name.startsWith("layer1.") || name === "layer3.threshold";
      expect(values, name).toEqual((isFrozen ? start : free).get(name));
      if (!isFrozen) expect(values, name).not.toEqual(start.get(name));
    }
  });

  it("of a kind, in every layer", async () => {
    const start = initial();
    for (const [name, values] of await trained({ frozen: ["threshold", "weights"] })) {
      const isFrozen = /threshold|weights/.test(name);
      expect(
        values.every((value, i) => value === start.get(name)![i]),
        name,
      ).toBe(isFrozen);
    }
  });

  const credits: Credit[] = [
    "backpropagation",
    "feedback-alignment",
    "direct-feedback-alignment",
    "indirect-feedback-alignment",
    "predisposition",
  ];
  it.each(credits)("under %s, the layers in the middle and below", async (credit) => {
    const optimizer = [grapes(), bioAdam({ learningRate: 1e-3, predisposition: { temperature: 0.1 } })];
    for (const frozen of [["layer1"], ["layer2"], ["layer1", "layer2"], ["layer3"]]) {
      const start = initial();
      const free = await trained({ credit, optimizer });
      for (const [name, values] of await trained({ credit, optimizer, frozen })) {
        const isFrozen = frozen.includes(name.split(".")[0]!);
        expect(values, name).toEqual((isFrozen ? start : free).get(name));
      }
    }
  });

  it("have no gradient and no state, and the backward pass stops above them", () => {
    const plan = (frozen: string[]) =>
      trainingPlan(net(), checkOptions(options({ optimizer: [grapes(), adam()], maxGradNorm: 1, frozen }), net())).plan;
    const scans = (frozen: string[]): number =>
      plan(frozen).procedures.train!.operations.filter(({ op }) => op === "adjointScan").length;
    expect([scans([]), scans(["layer1"]), scans(["layer2"]), scans(["layer1", "layer2"])]).toEqual([3, 2, 3, 1]);
    const { tensors, procedures } = plan(["layer1"]);
    expect(Object.keys(tensors).filter((name) => /^layer1\..*(gradient|\.m|\.v)/.test(name))).toEqual([]);
    expect(
      Object.keys(procedures.train!.signals)
        .filter((name) => /^layer1\./.test(name))
        .sort(),
    ).toEqual(["layer1.current", "layer1.output"]);
    expect(procedures.train!.operations.filter(({ op }) => op === "inputGradient")).toHaveLength(1);
  });

  it("are trained around on the fast device too", async () => {
    const start = initial();
    const want = await trained({ frozen: ["layer1", "layer2"] });
    const got = await trained({ frozen: ["layer1", "layer2"], device: "simd", threads: 1 });
    for (const [name, values] of got) {
      if (name.startsWith("layer3")) closeTo(values, (i) => want.get(name)![i]!);
      else expect(values, name).toEqual(start.get(name));
    }
  });
});

describe("learning rates and weight decays of layers and arrays", () => {
  it("replace those of the optimizer; the most specific name counts", async () => {
    const start = initial();
    const { gradients: slopes } = await gradients(net(), data, { device });
    const learningRates = { threshold: 0.2, layer1: 0.3, "layer1.bias": 0.4, "layer3.weights": 0 };
    const rates: Record<string, number> = {
      "layer1.weights": 0.3,
      "layer1.recurrent": 0.3,
      "layer1.bias": 0.4,
      "layer1.threshold": 0.3,
      "layer2.weights": 0.1,
      "layer2.threshold": 0.2,
      "layer3.weights": 0,
      "layer3.bias": 0.1,
      "layer3.threshold": 0.2,
    };
    const after = await trained({ learningRates });
    expect([...after.keys()].sort()).toEqual(Object.keys(rates).sort());
    for (const [name, values] of after) {
      closeTo(values, (i) => start.get(name)![i]! - rates[name]! * slopes.get(name)![i]!);
    }
  });

  it("are multiplied by the schedule", async () => {
    const start = initial();
    const { gradients: slopes } = await gradients(net(), data, { device });
    const after = await trained({ learningRates: { layer2: 0.4 }, schedule: () => 0.5 });
    closeTo(
      after.get("layer2.weights")!,
      (i) => start.get("layer2.weights")![i]! - 0.2 * slopes.get("layer2.weights")![i]!,
    );
  });

  it("decay matrices of a layer, and other arrays only by their own name", async () => {
    const start = initial();
    const { gradients: slopes } = await gradients(net(), data, { device });
    const decays: Record<string, number> = {
      "layer1.weights": 0.5,
      "layer1.recurrent": 0.5,
      "layer1.bias": 0,
      "layer1.threshold": 0.7,
      "layer2.weights": 0.1,
      "layer2.threshold": 0.7,
      "layer3.weights": 0,
      "layer3.bias": 0,
      "layer3.threshold": 0.2,
    };
    const after = await trained({
      optimizer: [weightDecay(0.1), sgd({ learningRate: 0.1 })],
      weightDecays: { layer1: 0.5, threshold: 0.7, "layer3.threshold": 0.2, layer3: 0 },
    });
    expect([...after.keys()].sort()).toEqual(Object.keys(decays).sort());
    for (const [name, values] of after) {
      closeTo(values, (i) => {
        const from = start.get(name)![i]!;
        return from - 0.1 * (slopes.get(name)![i]! + decays[name]! * from);
      });
    }
  });

  it("of adamW, whose decay leaves biases and thresholds alone", async () => {
    const start = initial();
    const decayed = await trained({ optimizer: adamW({ learningRate: 0.01, weightDecay: 5 }) });
    const plain = await trained({ optimizer: adamW({ learningRate: 0.01, weightDecay: 0 }) });
    const named = await trained({
      optimizer: adamW({ learningRate: 0.01, weightDecay: 5 }),
      weightDecays: { bias: 2, layer2: 0 },
    });
    for (const [name, values] of decayed) {
      const decay = /weights|recurrent/.test(name) ? 5 : 0;
      closeTo(values, (i) => plain.get(name)![i]! - 0.01 * decay * start.get(name)![i]!);
    }
    for (const [name, values] of named) {
      const decay = name.endsWith("bias") ? 2 : /layer[13].(weights|recurrent)/.test(name) ? 5 : 0;
      closeTo(values, (i) => plain.get(name)![i]! - 0.01 * decay * start.get(name)![i]!);
    }
  });
});

describe("a network without trained arrays", () => {
  it("is refused by its own cause", async () => {
    const bare = network({ inputs: 4, encoder: rate(), steps: 2, layers: [neuronLayer(li())] });
    const images = dataset({ images: new Uint8Array(8).fill(200), labels: [0, 3] });
    await expect(train(bare, { data: images, epochs: 1, optimizer: adam() })).rejects.toThrow(
      "train: the network has no weights and no trained parameters; add a layer such as dense(10).",
    );
  });
});

describe("settings that do not fit", () => {
  it.each([
    [{ frozen: ["layer4"] }, 'train: frozen names "layer4", which the network does not train; did you mean "layer'],
    [{ learningRates: { "layer2.bias": 1 } }, 'learningRates names "layer2.bias", which the network does not train'],
    [
      { weightDecays: { zzzzzz: 1 } },
      "give names of layers, arrays or kinds of arrays: layer1.weights, layer1, weights,",
    ],
    [{ frozen: ["layer1", "layer2", "layer3"] }, "frozen names every trained array, so nothing is left to train"],
    [{ learningRates: { layer1: -1 } }, /learningRates\.layer1.* is -1; give a learning rate of at least 0/],
    [{ weightDecays: { layer1: 0.1 } }, "weightDecays is given, but no weight decays with sgd; use adamW()"],
    [
      { optimizer: [weightDecay(0.1), adamW()] },
      "optimizer: adam-w has the parameter of weight-decay itself; leave weight-decay out of the chain",
    ],
    [
      {
        optimizer: defineOptimizer({
          name: "own",
          summary: "s",
          source: "s",
          parameters: {},
          weight: "weight - gradient",
        }),
        learningRates: { layer1: 0.1 },
      },
      'learningRates is given, but own has no parameter "learningRate"',
    ],
  ] as [Partial<TrainingOptions>, string | RegExp][])("%j", async (more, message) => {
    await expect(train(net(), options(more))).rejects.toThrow(message);
  });
});

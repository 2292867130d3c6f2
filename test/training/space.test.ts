import { describe, expect, it } from "vitest";
import { constantCurrent, rate } from "#spikevine/encoders/index";
import {
  averagePool,
  batchNorm,
  convolution,
  dense,
  type Layer,
  lastOutput,
  maxPool,
  network,
  neuronLayer,
  residual,
  sumPool,
} from "#spikevine/networks/index";
import { li, linear, type NeuronDefinition, relu, snu, tanh } from "#spikevine/neurons/index";
import { adam, bioAdam, type GrapesOptions, grapes, sgd } from "#spikevine/plasticity/index";
import { dataset } from "#spikevine/src/data/dataset";
import {
  type Credit,
  evaluate,
  gradients,
  record,
  type TrainingOptions,
  type TrainingSnapshot,
  train,
} from "#spikevine/src/training/index";
import { uniforms } from "./tape/random-network.js";

const device = "reference";

/** Images `[channels, height, width]` in three classes. */
function images(shape: readonly [number, number, number], count = 6) {
  const uniform = uniforms(3);
  const size = shape[0] * shape[1] * shape[2];
  return dataset({
    images: Float32Array.from({ length: count * size }, uniform),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 3),
    shape,
  });
}

const still = (inputs: Parameters<typeof network>[0]["inputs"], layers: readonly (Layer | NeuronDefinition)[]) =>
  network({ inputs, encoder: constantCurrent(), steps: 1, readout: lastOutput(), layers });

type Training = Partial<TrainingOptions> & Pick<TrainingOptions, "data">;

/** Changes of every array by one update of plain descent with step 1. */
async function changes(make: () => ReturnType<typeof network>, options: Training, modulation?: GrapesOptions) {
  const [before, net] = [make(), make()];
  const rule = [...(modulation ? [grapes(modulation)] : []), sgd({ learningRate: 1 })];
  await train(net, { epochs: 1, batchSize: options.data.count, device, optimizer: rule, ...options });
  return new Map(
    [...net.parameters].map(([name, { data }]) => [
      name,
      data.map((value, i) => value - before.parameters.get(name)!.data[i]!),
    ]),
  );
}

const expectClose = (found: Float32Array, wanted: ArrayLike<number>): void => {
  const largest = Array.from(wanted, Math.abs).reduce((a, b) => Math.max(a, b), 0);
  expect(largest).toBeGreaterThan(1e-4);
  found.forEach((value, i) => {
    expect(Math.abs(value - wanted[i]!)).toBeLessThanOrEqual(1e-5 * largest);
  });
};

describe("GRAPES on a convolution", () => {
  const data = images([2, 5, 5]);
  const make = () => still([2, 5, 5], [convolution(4, 2, { bias: true }), maxPool(2), tanh(), dense(3)]);

  /** m_c = 2 S_c / max S, at least 1, with the summed sizes S_c of the weights into channel c. */
  const factors = (): number[] => {
    const { data: weights } = make().parameters.get("layer1.weights")!;
    const sums = [0, 1, 2, 3].map((c) =>
      weights.filter((_, i) => i % 4 === c).reduce((sum, weight) => sum + Math.abs(weight), 0),
    );
    return sums.map((sum) => Math.max(1, (2 * sum) / Math.max(...sums)));
  };

  it.each(["local", "propagating"] as const)("%s: one factor per output channel, through a pool", async (version) => {
    const plain = await changes(make, { data });
    const modulated = await changes(make, { data }, { version });
    const m = factors();
    expect(new Set(m).size).toBeGreaterThan(2);
    for (const array of ["layer1.weights", "layer1.bias"]) {
      expectClose(
        modulated.get(array)!,
        plain.get(array)!.map((change, i) => change * m[i % 4]!),
      );
    }
    expectClose(modulated.get("layer4.weights")!, plain.get("layer4.weights")!);
  });

  it("adds the weights of all maps into a layer of neurons", async () => {
    const branches = () =>
      still([2, 4, 4], [residual(convolution(3, 3, { padding: 1 }), convolution(3, 1)), relu(), dense(3)]);
    const shaped = images([2, 4, 4]);
    const plain = await changes(branches, { data: shaped });
    const modulated = await changes(branches, { data: shaped }, { version: "local" });
    const { parameters } = branches();
    const sums = [0, 1, 2].map((c) =>
      ["layer1_1.weights", "layer1_shortcut1.weights"]
        .flatMap((name) => [...parameters.get(name)!.data].filter((_, i) => i % 3 === c))
        .reduce((sum, weight) => sum + Math.abs(weight), 0),
    );
    const m = sums.map((sum) => Math.max(1, (2 * sum) / Math.max(...sums)));
    for (const name of ["layer1_1.weights", "layer1_shortcut1.weights"]) {
      expectClose(
        modulated.get(name)!,
        plain.get(name)!.map((change, i) => change * m[i % 3]!),
      );
    }
  });

  it("is refused where a unit has no weights of its own", async () => {
    const optimizer = [grapes({ grouping: "outgoing" }), sgd()];
    await expect(train(make(), { data, epochs: 1, device, optimizer })).rejects.toThrow(
      /needs dense layers of neurons.*but layer1 is none; use grapes\({ grouping: "incoming" }\)/,
    );
    const dropped = () => still([2, 5, 5], [convolution(4, 2, relu(), { dropout: 0.2 }), dense(3)]);
    await expect(
      train(dropped(), { data, epochs: 1, device, optimizer: [grapes({ dropped: "unmodulated" }), sgd()] }),
    ).rejects.toThrow(/needs one factor per unit, but layer1 has one per channel/);
  });
});

describe("credit assignment", () => {
  const CREDITS: readonly Credit[] = [
    "backpropagation",
    "feedback-alignment",
    "direct-feedback-alignment",
    "indirect-feedback-alignment",
    "predisposition",
  ];
  const pixel = images([6, 1, 1]);

  it.each(CREDITS)("%s: convolutions of one pixel learn like dense layers", async (credit) => {
    const optimizer =
      credit === "predisposition"
        ? bioAdam({ learningRate: 0.5, predisposition: { temperature: 0.1 } })
        : sgd({ learningRate: 1 });
    const options = { data: pixel, credit, optimizer };
    const neurons = [tanh(), snu({ threshold: -0.1 }), tanh(), linear()];
    const [one, other] = [
      await changes(
        () =>
          still(
            [6, 1, 1],
            [7, 5, 4, 3].map((n, i) => convolution(n, 1, neurons[i]!)),
          ),
        options,
      ),
      await changes(
        () =>
          still(
            6,
            [7, 5, 4, 3].map((n, i) =>
              dense(n, neurons[i]!, { trainable: { ...(i === 1 ? { threshold: "channel" } : {}) } }),
            ),
          ),
        options,
      ),
    ];
    expect([...one.keys()]).toEqual([...other.keys()]);
    for (const [name, change] of one) expectClose(change, other.get(name)!);
  });

  const shaped = images([1, 6, 6]);
  const learns = async (layers: readonly (Layer | NeuronDefinition)[], credit: Credit) =>
    changes(() => still([1, 6, 6], layers), { data: shaped, credit });

  it("feedback reaches every layer over pools, normalizations and branches", async () => {
    const layers = [
      convolution(3, 3),
      batchNorm(),
      relu(),
      residual([convolution(3, 3, relu(), { padding: 1 }), convolution(3, 1)]),
      relu(),
      averagePool(2),
      dense(3),
    ];
    for (const credit of ["feedback-alignment", "direct-feedback-alignment"] as const) {
      const changed = await learns(layers, credit);
      for (const name of ["layer1.weights", "layer2.gain", "layer4_1.weights", "layer4_2.weights", "layer7.weights"])
        expect(
          changed.get(name)!.some((change) => change !== 0),
          `${credit}: ${name}`,
        ).toBe(true);
    }
    const upward = await learns(
      [convolution(3, 3, tanh()), sumPool(2), convolution(3, 1, tanh()), dense(3)],
      "indirect-feedback-alignment",
    );
    expect(upward.get("layer3.weights")!.some((change) => change !== 0)).toBe(true);
  });

  it("is refused where no error would arrive, or could go up", async () => {
    await expect(
      learns([convolution(3, 3), convolution(3, 3, tanh()), dense(3)], "direct-feedback-alignment"),
    ).rejects.toThrow(/layer1 would receive no error by direct or indirect feedback.*put neurons after layer1/);
    await expect(
      learns(
        [convolution(3, 3, tanh()), maxPool(2), convolution(3, 1, tanh()), dense(3)],
        "indirect-feedback-alignment",
      ),
    ).rejects.toThrow(/from layer1 up to layer3 by linear maps, but layer2 is a maximum/);
  });
});

describe("normalization", () => {
  const data = images([2, 4, 4], 9);
  const make = () => still([2, 4, 4], [convolution(3, 2), batchNorm({ momentum: 0.25 }), tanh(), dense(3)]);

  it("keeps running statistics as PyTorch does, and uses them in evaluation", async () => {
    const net = make();
    const lone = still([2, 4, 4], [convolution(3, 2), linear()]);
    lone.parameters.get("layer1.weights")!.data.set(net.parameters.get("layer1.weights")!.data);
    const { layers } = await record(lone, data.images, { device });
    const values = [0, 1, 2].map((c) => [...layers[0]!.output].filter((_, i) => i % 3 === c));
    const means = values.map((all) => all.reduce((a, b) => a + b) / all.length);
    const variances = values.map((all, c) => all.reduce((sum, x) => sum + (x - means[c]!) ** 2, 0) / (all.length - 1));
    await train(net, { data, epochs: 1, batchSize: 9, device, optimizer: sgd({ learningRate: 0 }) });
    expectClose(
      net.parameters.get("layer2.mean")!.data,
      means.map((mean) => 0.25 * mean),
    );
    expectClose(
      net.parameters.get("layer2.variance")!.data,
      variances.map((v) => 0.75 + 0.25 * v),
    );
    // A batch of one sample has other statistics than the whole set; running ones do not depend on it.
    const whole = await evaluate(net, data, { device, batchSize: 9 });
    const single = await evaluate(net, data, { device, batchSize: 1 });
    expect(Math.abs(whole.loss - single.loss)).toBeLessThan(1e-5);
  });

  it("keeps its running statistics when it is frozen", async () => {
    const net = make();
    const statistics = () => ["mean", "variance"].map((name) => [...net.parameters.get(`layer2.${name}`)!.data]);
    const options = { data, epochs: 2, batchSize: 3, device, optimizer: sgd({ learningRate: 0.1 }) };
    await train(net, { ...options, frozen: ["layer2.gain"] });
    const [before, weights] = [statistics(), net.parameters.get("layer1.weights")!.data.slice()];
    expect(before).not.toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ]);
    await train(net, { ...options, frozen: ["layer2"] });
    expect(statistics()).toEqual(before);
    expect(net.parameters.get("layer1.weights")!.data).not.toEqual(weights);
  });

  it("resumes from a snapshot to the same bits", async () => {
    const options = { data, batchSize: 3, device, optimizer: adam(), seed: 4 } as const;
    const whole = make();
    await train(whole, { ...options, epochs: 3, schedule: () => 1 });
    let snapshot: TrainingSnapshot | undefined;
    await train(make(), {
      ...options,
      epochs: 2,
      schedule: () => 1,
      onSnapshot(taken) {
        snapshot = taken;
      },
    });
    const resumed = make();
    await train(resumed, { ...options, epochs: 3, schedule: () => 1, resume: snapshot! });
    expect([...resumed.parameters].map(([, { data: all }]) => all)).toEqual(
      [...whole.parameters].map(([, { data: all }]) => all),
    );
  });
});

describe("neurons on spikes", () => {
  it("receive each spike as a current of 1, like through weights of 1 on the diagonal", async () => {
    const data = images([1, 2, 2]);
    const make = (above: readonly (Layer | NeuronDefinition)[]) =>
      network({ inputs: 4, encoder: constantCurrent(), steps: 6, layers: [dense(3, snu()), ...above], seed: 2 });
    const [direct, weighted] = [make([neuronLayer(li())]), make([dense(3, li(), { bias: false })])];
    weighted.parameters.get("layer2.weights")!.data.set([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    for (const on of ["reference", "simd", "gpujs:cpu"]) {
      const [found, wanted] = [
        await gradients(direct, data, { device: on }),
        await gradients(weighted, data, { device: on }),
      ];
      expect(found.loss).toBeCloseTo(wanted.loss, 5);
      const weights = wanted.gradients.get("layer1.weights")!;
      expect(Math.max(...weights.map(Math.abs))).toBeGreaterThan(1e-3);
      expectClose(found.gradients.get("layer1.weights")!, weights);
    }
  });
});

describe("images of several channels", () => {
  it("are given one channel after the other, and read with their channels innermost", async () => {
    const shape = [2, 2, 3] as const;
    const values = Float32Array.from({ length: 12 }, (_, i) => i);
    const net = network({ inputs: shape, encoder: constantCurrent(), steps: 1, layers: [dense(2)] });
    const { input } = await record(net, values, { device });
    expect([...input]).toEqual([0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]);
    const data = dataset({ images: values, labels: [0], classes: 2, shape });
    expect((await record(net, data, { device })).input).toEqual(input);
  });

  it("of another shape are refused, with both shapes", async () => {
    const net = network({ inputs: [1, 4, 9], encoder: rate(), steps: 1, layers: [convolution(2, 2), dense(3)] });
    await expect(evaluate(net, images([1, 6, 6]), { device })).rejects.toThrow(
      'data: the samples of "in memory" are [1, 6, 6] (channels, height, width), but the network\'s inputs are [1, 4, 9]; make them equal.',
    );
  });
});

it.each(["reference", "simd"])(
  "a network that does not fit into the memory of %s is refused with the arithmetic",
  async (name) => {
    const net = network({
      inputs: [1, 200, 300],
      encoder: rate(),
      steps: 1000,
      layers: [convolution(64, 3, relu(), { padding: 1 }), averagePool(100), dense(3)],
    });
    await expect(gradients(net, images([1, 200, 300], 3), { device: name })).rejects.toThrow(
      /\d+\.\d GiB.*the largest signal is layer1\.\w+: 3 samples x 1000 steps x 3,840,000 values.*give a smaller batch than 3/,
    );
  },
);

import { describe, expect, it } from "vitest";
import {
  adam,
  arctan,
  constantCurrent,
  dataset,
  defineLoss,
  defineNeuron,
  dense,
  everyOutput,
  everyState,
  gradients,
  lastState,
  li,
  lif,
  lossTerm,
  makeDigits,
  meanSquaredError,
  type NeighborhoodOptions,
  neighborhoodAggregation,
  network,
  neuronLayer,
  rate,
  scale,
  sgd,
  spikeCount,
  ssnu,
  train,
} from "#spikevine/src/index";
import { numbers } from "../../device/conformance/case.js";
import { AUTHORS, type AuthorsOptions, authorsGradients } from "./authors.js";

const { steps, tauM, tauS, theta } = AUTHORS;
const about = { summary: "Test.", source: "Y. Yang, W. Zhang and P. Li, ICML 2021" };

/** A synaptic filter of the currents, and a membrane that is reset to 0. */
const filteredLif = defineNeuron({
  ...about,
  name: "filtered-lif",
  states: { i: { summary: "current" }, v: { summary: "potential" } },
  parameters: {
    keepM: { value: 1 - 1 / tauM, summary: "decay of the potential" },
    keepS: { value: 1 - 1 / tauS, summary: "decay of the current" },
    tauS: { value: tauS, summary: "time constant of the current, in steps" },
    theta: { value: theta, summary: "threshold" },
  },
  update: { i: "keepS * i + I / tauS", v: "keepM * v + keepS * i + I / tauS" },
  spike: "v - theta",
  reset: { v: "v * (1 - y)" },
  surrogate: arctan(),
});

/** A trace of its input. */
const trace = defineNeuron({
  ...about,
  name: "trace",
  states: { a: { summary: "trace" } },
  parameters: { keepS: { value: 1 - 1 / tauS, summary: "decay of the trace" } },
  update: { a: "keepS * a + I" },
  output: "a",
});

const spikeTrainDistance = lossTerm(
  defineLoss({
    ...about,
    name: "spike-train-distance",
    parameters: { keep: { value: 1 - 1 / tauS, summary: "decay of the trace" } },
    loss: "(y - target * (1 - keep^(t + 1)))^2 / 2",
  }),
  { of: everyOutput() },
);

describe("neighborhood aggregation", () => {
  describe.each(["reference", "simd", "gpujs:cpu"])("on %s", (device) => {
    it.each<[string, AuthorsOptions, NeighborhoodOptions]>([
      ["the paper", { power: 1, largest: 10, twice: false, rescaled: false }, {}],
      [
        "the authors' code",
        { power: 3, largest: 5, twice: true, rescaled: true },
        { power: 3, largest: 5, smoothing: 1 - 1 / tauS, rescaled: true },
      ],
      [
        "another power",
        { power: 2, largest: 3, twice: true, rescaled: false },
        { power: 2, largest: 3, smoothing: 0.5 },
      ],
    ])("has the gradients of %s", async (_, options, own) => {
      const [inputs, hidden, classes, count] = [7, 9, 3, 4];
      const net = network({
        inputs,
        encoder: constantCurrent(),
        steps,
        layers: [
          dense(hidden, filteredLif, { bias: false }),
          dense(classes, filteredLif, { bias: false }),
          scale(1 / tauS),
          neuronLayer(trace),
        ],
      });
      const sizes = [inputs, hidden, classes];
      const arrays = [...net.parameters.values()].map(({ data }, l) => {
        data.set(numbers(data.length, 3, `weights ${l}`, -1, 2));
        return { inputs: sizes[l]!, units: sizes[l + 1]!, weights: data };
      });
      const images = numbers(count * inputs, 4, "pixels", 0, 1);
      const labels = [0, 2, 1, 1];
      const samples = labels.map((label, b) => ({ pixels: images.subarray(b * inputs, (b + 1) * inputs), label }));
      const expected = authorsGradients(arrays, samples, options);
      // The check means something only if units fire and none is so close to its threshold that precision decides.
      expect(expected.closest).toBeGreaterThan(1e-4);
      expect(expected.spikes).toBeGreaterThan(20);
      const found = await gradients(net, dataset({ images, labels }), {
        loss: spikeTrainDistance,
        reduction: "sum",
        device,
        spikeGradient: neighborhoodAggregation(own),
      });
      expect(found.loss).toBeCloseTo(expected.loss, 3);
      [...found.gradients.values()].forEach((gradient, l) => {
        const right = expected.gradients[l]!;
        const largest = Math.max(...right.map(Math.abs));
        const worst = Math.max(...right.map((value, i) => Math.abs(value - gradient[i]!)));
        expect(worst / largest).toBeLessThan(2e-5);
        expect(largest).toBeGreaterThan(0.01);
      });
    });
  });

  /** v = v / 2 + 0.8 from 0 fires above 1 and starts again at 0: 0.8, 1.2 (spike), 0.8. */
  const byHand = defineNeuron({
    ...about,
    name: "by-hand",
    states: { v: { summary: "potential" } },
    update: { v: "v / 2 + I" },
    spike: "v - 1",
    reset: { v: "v * (1 - y)" },
    surrogate: arctan(),
  });

  it.each([
    [10, 10],
    [4, 8],
  ])("agrees with one neuron worked out by hand, with factors of at most %i", async (largest, expected) => {
    // Added at step 0: spikes 1, 0, 1 in place of 0, 1, 0, so one more; factor 1 / (1 - 0.8) = 5.
    // Taken away at step 1: starts at the threshold, 0.5 + 0.8 fires at step 2, so as many; factor 1 / (1 - 1.2).
    // Added at step 2: one more; factor 5. The count is 1 and its target 0.5, so dL/d(count) is 1, and the input is 1.
    const net = network({
      inputs: 1,
      encoder: constantCurrent(),
      steps: 3,
      layers: [dense(1, byHand, { bias: false })],
      readout: spikeCount(),
    });
    net.parameters.get("layer1.weights")!.data[0] = 0.8;
    const data = dataset({ images: Float32Array.of(1), targets: { values: Float32Array.of(0.5), width: 1 } });
    const { gradients: found } = await gradients(net, data, {
      loss: meanSquaredError(),
      spikeGradient: neighborhoodAggregation({ largest }),
      device: "reference",
    });
    expect(found.get("layer1.weights")![0]).toBeCloseTo(expected, 4);
  });

  it("trains a network", async () => {
    const layers = [dense(32, lif()), dense(10, lif())];
    const net = network({ inputs: 784, encoder: rate(), steps: 8, layers });
    const { train: data } = makeDigits({ train: 500, test: 1 });
    const { epochs } = await train(net, {
      data,
      epochs: 4,
      optimizer: adam(),
      spikeGradient: neighborhoodAggregation(),
    });
    // A network that does not learn is right in one of ten cases.
    expect(epochs[0]!.accuracy).toBeLessThan(0.35);
    expect(epochs.at(-1)!.accuracy).toBeGreaterThan(0.5);
  });

  it("keeps weights within a limit", async () => {
    const net = network({ inputs: 4, encoder: constantCurrent(), steps: 3, layers: [dense(2, lif(), { bias: true })] });
    await train(net, { data, epochs: 3, optimizer: sgd({ learningRate: 1e4 }), weightLimit: 0.5, spikeGradient });
    const weights = net.parameters.get("layer1.weights")!.data;
    expect(Math.max(...weights.map(Math.abs))).toBe(0.5);
  });

  const data = dataset({ images: numbers(8, 1, "images"), labels: [0, 1] });
  const spikeGradient = neighborhoodAggregation();
  const netOf = (layers: Parameters<typeof network>[0]["layers"]) =>
    network({ inputs: 4, encoder: constantCurrent(), steps: 3, layers });

  it("refuses recurrent connections, truncation and losses of the membrane", async () => {
    const recurrent = netOf([dense(3, lif(), { recurrent: true }), dense(2, lif())]);
    await expect(gradients(recurrent, data, { spikeGradient })).rejects.toThrow(
      "train: neighborhood aggregation follows a neuron with the same currents, but those of layer1 depend on its own spikes; leave out recurrent, or spikeGradient.",
    );
    const plain = netOf([dense(2, lif())]);
    await expect(gradients(plain, data, { spikeGradient, truncationSteps: 2 })).rejects.toThrow(
      "gradients: spikeGradient cannot be combined with truncationSteps, since it propagates no error through a membrane; leave one of them out.",
    );
    const loss = meanSquaredError({ of: everyState("v") });
    await expect(gradients(plain, data, { spikeGradient, loss })).rejects.toThrow(
      "train: neighborhood aggregation finds effects of spikes, but v of layer1 changes between them too; give a loss of outputs, or put neurons with a graded output after layer1.",
    );
  });

  it("refuses a threshold that no single state reaches", async () => {
    const squared = defineNeuron({
      ...about,
      name: "squared",
      states: { v: { summary: "potential" } },
      update: { v: "v / 2 + I" },
      spike: "v^2 - 1",
      reset: { v: "v * (1 - y)" },
      surrogate: arctan(),
    });
    await expect(gradients(netOf([dense(2, squared)]), data, { spikeGradient })).rejects.toThrow(
      "neurons/squared: neighborhood aggregation needs one state that the current drives to a threshold linear in it, but the spike condition is not linear in v; use surrogate gradients.",
    );
  });

  it("leaves layers with graded outputs as they are", async () => {
    const net = network({
      inputs: 4,
      encoder: constantCurrent(),
      steps: 3,
      layers: [dense(3, ssnu()), dense(2, li())],
      readout: lastState("v"),
    });
    const loss = "mean-squared-error";
    const [plain, aggregated] = [
      await gradients(net, data, { loss }),
      await gradients(net, data, { loss, spikeGradient }),
    ];
    expect(aggregated).toEqual(plain);
  });
});

import { describe, expect, it } from "vitest";
import {
  constantCurrent,
  convolution,
  crossEntropy,
  dataset,
  dense,
  everyOutput,
  everyState,
  firstSpike,
  gradients,
  type LossOption,
  type LossTerm,
  l1Penalty,
  l2Penalty,
  lastState,
  li,
  lif,
  maxPool,
  meanSquaredCount,
  meanSquaredError,
  network,
  rateBounds,
  rateRegularization,
  sgd,
  snu,
  spikeCount,
  tanh,
  train,
} from "#spikevine/src/index";
import { numbers } from "../device/conformance/case.js";

const [INPUTS, STEPS] = [3, 5];
const data = dataset({ images: numbers(4 * INPUTS, 5, "images", 0.2, 1), labels: [0, 1, 1, 0] });
const everyTarget = dataset({
  images: data.images,
  labels: data.labels,
  targets: { values: numbers(4 * STEPS * 2, 5, "targets", -1, 1), width: 2, steps: STEPS },
});

/** Graded layers, whose gradients are smooth. */
const graded = () =>
  network({
    inputs: INPUTS,
    encoder: constantCurrent(),
    steps: STEPS,
    layers: [dense(4, tanh(), { recurrent: true }), dense(2, li({ tau: "3 ms" }))],
    readout: lastState("v"),
    seed: 4,
  });

const cases: Readonly<Record<string, LossOption>> = {
  "cross-entropy of the state at every step": crossEntropy({ of: everyState("v"), scale: 2 }),
  "cross-entropy of the output at every step, at half the weight": crossEntropy({ of: everyOutput(), weight: 0.5 }),
  "an error of the sum and one of the state": [meanSquaredError({ of: spikeCount() }), meanSquaredError()],
  "rates of all layers": [crossEntropy(), rateRegularization({ rate: 0.3, weight: 0.7 })],
  "rates of the hidden layer": [crossEntropy(), rateBounds({ lower: 0.3, upper: 0.05, layers: ["layer1"] })],
  "penalties of weights": [crossEntropy(), l2Penalty({ weight: 0.1 }), l1Penalty({ weight: 0.05, layers: ["layer1"] })],
};

describe("the gradient is the derivative of the loss", () => {
  for (const reduction of ["mean", "batch", "sum"] as const) {
    it.each(Object.entries(cases))(`%s, reduction ${reduction}`, async (name, loss) => {
      const samples = name.endsWith("every step") && reduction === "mean" ? everyTarget : data;
      const model = graded();
      const options = { loss, reduction, device: "reference" } as const;
      const { gradients: found } = await gradients(model, samples, options);
      for (const array of ["layer1.weights", "layer1.recurrent", "layer2.weights"]) {
        const values = model.parameters.get(array)!.data;
        const i = values.length - 1;
        const at = async (shift: number): Promise<number> => {
          const before = values[i]!;
          values[i] = before + shift;
          const shifted = (await gradients(model, samples, options)).loss;
          values[i] = before;
          return shifted;
        };
        const slope = ((await at(2 ** -7)) - (await at(-(2 ** -7)))) / 2 ** -6;
        // Single precision, and a step of 1/128.
        expect(Math.abs(slope - found.get(array)![i]!)).toBeLessThan(2e-3 * Math.max(1, Math.abs(slope)));
      }
    });
  }
});

const spiking = () =>
  network({
    inputs: INPUTS,
    encoder: constantCurrent(),
    steps: STEPS,
    layers: [dense(9, lif({ threshold: 0.3 }), { recurrent: true }), dense(2, lif({ threshold: 0.2 }))],
    seed: 4,
  });

it.each(["simd", "gpujs:webasm"])("%s has the gradients of the reference for terms that add up", async (device) => {
  const losses: LossOption[] = [
    [firstSpike(), meanSquaredCount({ correct: 0.8, incorrect: 0.2 }), crossEntropy({ of: everyState("v") })],
    [crossEntropy({ of: everyOutput() }), rateRegularization({ rate: 0.1 }), l2Penalty({ weight: 0.01 })],
  ];
  for (const loss of losses) {
    const expected = await gradients(spiking(), data, { loss, device: "reference" });
    const found = await gradients(spiking(), data, { loss, device });
    expect(found.loss).toBeCloseTo(expected.loss, 5);
    for (const [name, values] of expected.gradients) {
      const largest = Math.max(...values.map(Math.abs));
      expect(largest).toBeGreaterThan(0);
      found.gradients.get(name)!.forEach((value, i) => {
        expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(1e-5 * largest);
      });
    }
  }
});

it("an L2 penalty alone moves every weight towards 0 by the rate times twice the factor", async () => {
  const model = graded();
  const before = model.parameters.get("layer2.weights")!.data.slice();
  const loss = [meanSquaredError({ weight: 1e-30 }), l2Penalty({ weight: 0.25, layers: ["layer2"] })];
  const options = {
    data,
    epochs: 1,
    batchSize: 4,
    device: "reference",
    optimizer: sgd({ learningRate: 0.1 }),
    onZeroGradient: "continue",
  } as const;
  const { final } = await train(model, { ...options, loss });
  expect([...model.parameters.get("layer2.weights")!.data]).toEqual(
    [...before].map((weight) => expect.closeTo(weight * (1 - 0.1 * 2 * 0.25), 6)),
  );
  expect(final!.loss).toBeCloseTo(0.25 * before.reduce((sum, weight) => sum + weight ** 2, 0), 6);
});

describe("a term is refused", () => {
  const refused: readonly (readonly [LossOption, string])[] = [
    [crossEntropy({ of: everyState("w") }), 'losses/cross-entropy: no state "w" in layer2'],
    [
      rateBounds({ layers: ["layer3"] }),
      'losses/rate-bounds: the network has no layer "layer3": did you mean "layer1"?',
    ],
    [l2Penalty(), "the loss consists of penalties of weights alone; add a loss, e.g. crossEntropy()."],
    [firstSpike().loss, "losses/first-spike needs a value of every step; give it everyOutput()"],
    ["cross-entropi", 'loss is "cross-entropi"; did you mean "cross-entropy"?'],
    [[crossEntropy(), "mse"], 'loss[1] is "mse"'],
    [[], "loss is empty; give at least one"],
  ];
  it.each(refused)("%#", async (loss, message) => {
    await expect(gradients(graded(), data, { loss, device: "reference" })).rejects.toThrow(message);
  });

  it("for a layer that has no neurons or no weights", async () => {
    const layers = [convolution(2, 3), maxPool(2), snu(), dense(2, snu())];
    const model = network({ inputs: [1, 6, 6], encoder: constantCurrent(), steps: 2, layers });
    const images = dataset({ images: new Float32Array(36), labels: [1], classes: 2, shape: [6, 6] });
    const lossOf = (term: LossTerm) => gradients(model, images, { loss: [crossEntropy(), term], device: "reference" });
    await expect(lossOf(rateBounds({ layers: ["layer1"] }))).rejects.toThrow(
      "losses/rate-bounds: layer1 has no neurons, whose outputs or states it reads; give layers: layer3, layer4.",
    );
    await expect(lossOf(l2Penalty({ layers: ["layer2"] }))).rejects.toThrow(
      "losses/l2-penalty: layer2 has no weights; give layers: layer1, layer4.",
    );
  });

  it("if a state has a unit and the loss none", async () => {
    const model = network({
      inputs: INPUTS,
      encoder: constantCurrent(),
      steps: STEPS,
      layers: [dense(2, lif({ threshold: "-50 mV", rest: "-65 mV", resistance: "100 MOhm", tau: "5 ms" }))],
    });
    const of = everyState("v");
    await expect(gradients(model, data, { loss: crossEntropy({ of }), device: "reference" })).rejects.toThrow(
      'losses/cross-entropy: the state "v" is in mV, but the loss reads values without a unit; give unit: "1 mV".',
    );
    await gradients(model, data, { loss: crossEntropy({ of, unit: "10 mV" }), device: "reference" });
    await expect(
      gradients(model, data, { loss: crossEntropy({ of, unit: "1 ms" }), device: "reference" }),
    ).rejects.toThrow("mV");
  });
});

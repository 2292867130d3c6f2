import { describe, expect, it } from "vitest";
import {
  adam,
  dataset,
  dense,
  direct,
  evaluate,
  everyState,
  lastState,
  li,
  meanSquaredError,
  network,
  predict,
  spikeDataset,
  train,
} from "#spikevine/src/index";

const [COUNT, STEPS, INPUTS] = [24, 6, 4];

/** Spikes of which each unit of input fires at one step. */
const spikes = Uint8Array.from({ length: COUNT * STEPS * INPUTS }, (_, i) => {
  const [sample, step, input] = [Math.floor(i / (STEPS * INPUTS)), Math.floor(i / INPUTS) % STEPS, i % INPUTS];
  return (sample * 7 + input * (1 + (sample % 5))) % STEPS === step ? 1 : 0;
});

/** Leaky sums of the inputs with given weights: exactly what li with weights 1, -0.5, 0.25, 2 computes. */
const WEIGHTS = [1, -0.5, 0.25, 2];
function teacher(): { readonly every: number[]; readonly last: number[] } {
  const [every, last]: [number[], number[]] = [[], []];
  const decay = Math.exp(-1 / 5);
  for (let sample = 0; sample < COUNT; sample++) {
    let v = 0;
    for (let step = 0; step < STEPS; step++) {
      const at = (sample * STEPS + step) * INPUTS;
      const current = WEIGHTS.reduce((sum, weight, i) => sum + weight * spikes[at + i]!, 0);
      v = decay * v + (1 - decay) * current;
      every.push(v);
    }
    last.push(v);
  }
  return { every, last };
}

const student = () =>
  network({
    inputs: INPUTS,
    encoder: direct(),
    steps: STEPS,
    layers: [dense(1, li({ tau: "5 ms" }), { bias: false })],
    readout: lastState("v"),
  });

describe("regression", () => {
  it.each(["reference", "simd"])(
    "learns the weights of a teacher from its state at every step (%s)",
    async (device) => {
      const data = spikeDataset({
        spikes,
        inputs: INPUTS,
        targets: { values: teacher().every, width: 1, steps: STEPS },
      });
      const model = student();
      const loss = meanSquaredError({ of: everyState("v") });
      const settings = { data, validation: data, epochs: 60, batchSize: 8, loss, device } as const;
      const result = await train(model, { ...settings, optimizer: adam({ learningRate: 0.1 }) });
      expect(result.final!.validation!.loss).toBeLessThan(1e-4);
      expect([...model.parameters.get("layer1.weights")!.data]).toEqual(
        WEIGHTS.map((weight) => expect.closeTo(weight, 1)),
      );
      expect(result.final!.accuracy).toBeNaN();
      expect(result.final!.validation!.accuracy).toBeNaN();
      const losses = result.epochs.map(({ validation }) => validation!.loss);
      expect(result.best!.epoch).toBe(1 + losses.indexOf(Math.min(...losses)));
      expect((await evaluate(model, data, { loss, device })).loss).toBeCloseTo(losses.at(-1)!, 6);
    },
  );

  it("reports the mean squared error of the state at the last step, computed by hand", async () => {
    const { last } = teacher();
    const data = spikeDataset({ spikes, inputs: INPUTS, targets: { values: last, width: 1 } });
    const model = student();
    const { scores, losses, loss } = await predict(model, data, { loss: "mean-squared-error", device: "reference" });
    const errors = last.map((target, i) => (scores[i]! - Math.fround(target)) ** 2);
    expect([...losses]).toEqual(errors.map((error) => expect.closeTo(error, 10)));
    expect(loss).toBeCloseTo(errors.reduce((a, b) => a + b, 0) / COUNT, 10);
  });
});

describe("targets are refused", () => {
  const images = new Float32Array(8);
  it("if neither labels nor targets are given", () => {
    expect(() => dataset({ images })).toThrow("data: labels is missing; give the classes of the samples, or targets");
  });

  it("if their number is wrong or they are not finite", () => {
    expect(() => dataset({ images, targets: { values: [1, 2, 3], width: 2 } })).toThrow(
      "data: targets.values has 3 numbers; give count * 2 of them.",
    );
    expect(() => dataset({ images, labels: [0, 1], targets: { values: [1, 2, 3], width: 1 } })).toThrow(
      "data: targets.values has 3 numbers; give 2 * 1 of them.",
    );
    expect(() => dataset({ images, targets: { values: [1, Number.NaN], width: 1 } })).toThrow(
      "data: targets.values[1] is NaN; give finite numbers.",
    );
  });

  it("if they do not fit the network or the loss", async () => {
    const values = new Float32Array(COUNT * 2);
    const two = spikeDataset({ spikes, inputs: INPUTS, targets: { values, width: 2 } });
    await expect(evaluate(student(), two)).rejects.toThrow("has 2 targets per row, but the network has 1 outputs");
    const three = spikeDataset({
      spikes,
      inputs: INPUTS,
      targets: { values: values.subarray(24), width: 1, steps: 1 },
    });
    await expect(evaluate(student(), three)).rejects.toThrow("has targets for 1 steps, but a presentation has 6");
    const every = spikeDataset({
      spikes,
      inputs: INPUTS,
      targets: { values: teacher().every, width: 1, steps: STEPS },
    });
    await expect(evaluate(student(), every, { loss: "mean-squared-error" })).rejects.toThrow(
      "losses/mean-squared-error compares one value per presentation, but the data set has targets for every step",
    );
  });
});

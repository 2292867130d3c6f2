import { describe, expect, it } from "vitest";
import { rate } from "#spikevine/encoders/index";
import { crossEntropy } from "#spikevine/losses/index";
import { dense, network, type Readout, spikeCount, spikeRate } from "#spikevine/networks/index";
import { snu } from "#spikevine/neurons/index";
import { sgd } from "#spikevine/plasticity/index";
import { dataset } from "#spikevine/src/data/index";
import { lossOption } from "#spikevine/src/experiment/build-loss";
import { parseExperiment } from "#spikevine/src/experiment/parse";
import { evaluate, gradients, predict, train } from "#spikevine/src/training/index";

const device = "reference";
const data = dataset({
  images: Float32Array.from({ length: 6 * 8 }, (_, i) => ((7 * i) % 11) / 10),
  labels: Uint8Array.of(0, 1, 2, 0, 1, 2),
});
const net = (steps: number, readout: Readout = spikeCount()) =>
  network({ inputs: 8, encoder: rate(), steps, readout, layers: [dense(5, snu()), dense(3, snu())], seed: 3 });

/** -log softmax(scale y)[label]. */
function lossOf(scores: Float32Array, label: number, scale: number): number {
  const powers = Array.from(scores, (score) => Math.exp(scale * score));
  return -Math.log(powers[label]! / powers.reduce((sum, power) => sum + power, 0));
}

describe("the default loss", () => {
  it.each([
    [20, 1],
    [50, 0.4],
  ])("compares counts of %i steps times %f", async (steps, scale) => {
    const { scores, loss } = await predict(net(steps), data, { device });
    const expected = Array.from(data.labels, (label, i) => lossOf(scores.subarray(3 * i, 3 * i + 3), label, scale));
    expect(scores.some((score) => score > 1)).toBe(true);
    expect(loss).toBeCloseTo(expected.reduce((sum, one) => sum + one) / 6, 5);
  });

  it("leaves a rate as it is", async () => {
    const { scores, loss } = await predict(net(50, spikeRate()), data, { device });
    const expected = Array.from(data.labels, (label, i) => lossOf(scores.subarray(3 * i, 3 * i + 3), label, 1));
    expect(loss).toBeCloseTo(expected.reduce((sum, one) => sum + one) / 6, 5);
  });

  it("counts the steps of the evaluation", async () => {
    const loss = crossEntropy({ scale: 0.25 });
    const byDefault = await evaluate(net(20), data, { device, steps: 80 });
    expect(byDefault).toEqual(await evaluate(net(20), data, { device, steps: 80, loss }));
  });

  it("is that of train, of gradients and of an experiment", async () => {
    const loss = crossEntropy({ scale: 0.4 });
    const byDefault = await gradients(net(50), data, { device });
    expect(byDefault.loss).toBe((await gradients(net(50), data, { device, loss })).loss);
    const trained = async (options: object) => {
      const result = await train(net(50), {
        data,
        epochs: 1,
        optimizer: sgd({ learningRate: 0.1 }),
        device,
        ...options,
      });
      return result.final!.loss;
    };
    const experiment = parseExperiment({});
    expect(await trained(lossOption(experiment))).toBe(await trained({ loss }));
    expect(await trained({ loss: "cross-entropy" })).not.toBe(await trained({ loss }));
  });
});

import { beforeAll, describe, expect, it } from "vitest";
import { rate } from "#spikevine/encoders/index";
import { dense, network, spikeRate } from "#spikevine/networks/index";
import { snu } from "#spikevine/neurons/index";
import type { Device } from "#spikevine/src/device/contract";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { confusionMatrix, evaluate, predict, record } from "#spikevine/src/training/index";
import { stripes } from "./stripes.js";

let device: Device;
beforeAll(async () => {
  device = await referenceDevice({ precision: "double" });
});

const net = network({
  inputs: 12,
  encoder: rate({ maxRate: 1 }),
  steps: 6,
  layers: [dense(9, snu()), dense(3, snu({ threshold: 0.2 }))],
  readout: spikeRate(),
});
const data = stripes(25);

describe("predict", () => {
  it("gives the read-out of every sample, its largest output, and its loss", async () => {
    const { labels, scores, losses, ...rest } = await predict(net, data, { device, batchSize: 10 });
    const recorded = await record(net, data.images, { device });
    expect([labels.length, scores.length, losses.length, rest.samples, rest.steps, rest.outputs]).toEqual([
      25, 75, 25, 25, 6, 3,
    ]);
    expect(new Set(labels).size).toBeGreaterThan(1);
    for (let s = 0; s < 25; s++) {
      const own = [...recorded.readout.subarray(3 * s, 3 * s + 3)];
      own.forEach((score, n) => {
        expect(scores[3 * s + n]).toBeCloseTo(score, 6);
      });
      expect(labels[s]).toBe(own.indexOf(Math.max(...own)));
      const normalization = Math.log(own.reduce((sum, score) => sum + Math.exp(score), 0));
      expect(losses[s]).toBeCloseTo(normalization - own[data.labels[s]!]!, 6);
    }
    const right = labels.filter((label, s) => label === data.labels[s]).length;
    expect(rest.accuracy).toBe(right / 25);
    expect({ accuracy: rest.accuracy, loss: rest.loss, samples: 25, steps: 6 }).toEqual(
      await evaluate(net, data, { device, batchSize: 10 }),
    );
  });

  it("reads images without labels", async () => {
    const { labels, scores } = await predict(net, data, { device });
    const predictions = await predict(net, data.images, { device });
    expect(predictions).toEqual({ samples: 25, steps: 6, outputs: 3, labels, scores });
    const bytes = Uint8Array.from(data.images, (value) => 255 * Math.min(1, value));
    expect((await predict(net, bytes, { device })).labels).toHaveLength(25);
    await expect(predict(net, new Float32Array(13), { device })).rejects.toThrow(
      "predict: data has 13 values; give samples * 12 of them, at least one sample.",
    );
  });

  it("leaves out samples after a stop", async () => {
    const stop = new AbortController();
    const { samples, labels, scores, losses } = await predict(net, data, {
      device,
      batchSize: 4,
      signal: stop.signal,
      onBatch: (done) => done === 8 && stop.abort(),
    });
    expect([samples, labels.length, scores.length, losses.length]).toEqual([8, 8, 24, 8]);
  });
});

describe("confusionMatrix", () => {
  it("counts, by hand", () => {
    const { classes, counts, recall, precision, accuracy } = confusionMatrix([0, 0, 1, 1, 1, 3], [0, 1, 1, 1, 0, 1]);
    expect(classes).toBe(4);
    expect([...counts]).toEqual([1, 1, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
    expect([...recall]).toEqual([1 / 2, 2 / 3, Number.NaN, 0]);
    expect([...precision]).toEqual([1 / 2, 2 / 4, Number.NaN, Number.NaN]);
    expect(accuracy).toBe(3 / 6);
    expect(confusionMatrix([0], [0], 2).counts).toEqual(new Uint32Array([1, 0, 0, 0]));
  });

  it.each([
    [[[0, 1], [0]], "there are 2 labels and 1 predictions"],
    [[[], []], "there are 0 labels and 0 predictions"],
    [[[0, 2], [0, 1], 2], "labels[1] is 2; give whole numbers from 0 to 1."],
    [
      [
        [0, 1],
        [0, 0.5],
      ],
      "predicted[1] is 0.5",
    ],
    [[[0], [-1]], "predicted[0] is -1"],
    [[[0], [1e9]], "predicted[0] is 1000000000; give whole numbers from 0 to 4095."],
  ] as [[number[], number[], number?], string][])("refuses %j", (args, message) => {
    expect(() => confusionMatrix(...args)).toThrow(message);
  });
});

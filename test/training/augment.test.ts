import { describe, expect, it } from "vitest";
import { rate } from "#spikevine/encoders/index";
import { dense, type Network, network, spikeCount } from "#spikevine/networks/index";
import { snu } from "#spikevine/neurons/index";
import { sgd } from "#spikevine/plasticity/index";
import { Augmenter, dataset, elasticTransform, randomAffine } from "#spikevine/src/data/index";
import { buildAugmentation } from "#spikevine/src/experiment/build";
import { parseExperiment } from "#spikevine/src/experiment/parse";
import { drawUniform, rowKey } from "#spikevine/src/random/counter";
import { train } from "#spikevine/src/training/index";
import { openBatchSource } from "#spikevine/src/training/loop/batch-source";
import { checkOptions, type TrainingOptions } from "#spikevine/src/training/options";
import { outcome, snapshotAfter } from "../checkpoint/training.js";

const COUNT = 22;
const images = Float32Array.from({ length: COUNT * 48 }, (_, i) => drawUniform(rowKey(4), i));
const data = dataset({ images, labels: Array.from({ length: COUNT }, (_, i) => i % 3), shape: [8, 6] });
const augment = [randomAffine({ rotation: 20, translation: 1 }), elasticTransform({ sigma: 2, alpha: 5 })];

const small = (): Network =>
  network({ inputs: 48, encoder: rate(), steps: 4, layers: [dense(7, snu()), dense(3, snu())], seed: 3 });
const options = (more: Partial<TrainingOptions> = {}): TrainingOptions => ({
  data,
  validation: data,
  epochs: 3,
  batchSize: 8,
  optimizer: sgd({ learningRate: 0.5 }),
  device: "reference",
  augment,
  augmentWorkers: 0,
  ...more,
});

/** What the options of a training read of a network. */
const ONE_STEP = { steps: 1, readout: spikeCount() };

/** Every image of an epoch by its sample, from an index in its order. */
async function imagesOf(more: Partial<TrainingOptions>, epoch: number, first = 0): Promise<Map<number, Float32Array>> {
  const source = await openBatchSource(checkOptions(options(more), { ...ONE_STEP, seed: 3 }), {
    inputShape: { channels: 48, height: 1, width: 1 },
    outputs: 3,
    steps: 1,
  });
  const found = new Map<number, Float32Array>();
  try {
    for await (const { pixels, sampleIds, labels, target } of source.epoch(epoch, first)) {
      sampleIds.forEach((id, i) => {
        expect(labels[i]).toBe(id % 3);
        expect(target[3 * i + (id % 3)]).toBe(1);
        found.set(id, (pixels as Float32Array).slice(48 * i, 48 * (i + 1)));
      });
    }
  } finally {
    await source.close();
  }
  return found;
}

describe("augmentation in training", () => {
  it("shows the augmented images of seed, epoch and sample", async () => {
    const shown = await imagesOf({}, 2);
    expect(shown.size).toBe(COUNT);
    for (const [id, image] of shown) {
      const expected = images.slice(48 * id, 48 * (id + 1));
      new Augmenter({ augmentations: augment, shape: [8, 6], seed: 3 }).apply(expected, Uint32Array.of(id), 2);
      expect(image).toEqual(expected);
    }
  });

  it.each([1, 2, 3])("shows the same images with %i workers as with none", async (augmentWorkers) => {
    for (const epoch of [1, 2]) expect(await imagesOf({ augmentWorkers }, epoch)).toEqual(await imagesOf({}, epoch));
  });

  it("shows the same images from the middle of an epoch on", async () => {
    const all = await imagesOf({}, 2);
    for (const augmentWorkers of [0, 1]) {
      const rest = await imagesOf({ augmentWorkers }, 2, 16);
      expect(rest.size).toBe(COUNT - 16);
      for (const [id, image] of rest) expect(image).toEqual(all.get(id));
    }
  });

  it("shows other images in every epoch, unless they are not to be resampled", async () => {
    expect(await imagesOf({}, 2)).not.toEqual(await imagesOf({}, 1));
    const sorted = (found: Map<number, Float32Array>): unknown => [...found].sort(([a], [b]) => a - b);
    expect(sorted(await imagesOf({ resampleEachEpoch: false }, 2))).toEqual(
      sorted(await imagesOf({ resampleEachEpoch: false }, 1)),
    );
  });

  it("trains to bit-identical weights with any number of workers, and to others without augmentation", async () => {
    const trained = async (more: Partial<TrainingOptions>): Promise<object> => {
      const net = small();
      return outcome(net, await train(net, options(more)));
    };
    const here = await trained({});
    expect(await trained({ augmentWorkers: 1 })).toEqual(here);
    expect(await trained({ augmentWorkers: 2 })).toEqual(here);
    expect(await trained({ augment: [] })).not.toEqual(here);
    expect(await trained({ augment: [randomAffine()] })).toEqual(await trained({ augment: [] }));
    // The data set is not changed, and validation images are not augmented.
    expect(data.images).toEqual(images);
  });

  it.each([0, 1])("resumes bit-identically from a snapshot (%i workers)", async (augmentWorkers) => {
    const whole = small();
    const expected = outcome(whole, await train(whole, options()));
    for (const updates of [1, 4]) {
      const resume = await snapshotAfter(updates, small(), options({ augmentWorkers }));
      const net = small();
      expect(outcome(net, await train(net, options({ augmentWorkers, resume })))).toEqual(expected);
    }
  });

  it.each([
    ["a convolution, whose inputs have their channels last", { channels: 3, height: 4, width: 4 }],
    ["dense layers, whose inputs have one channel after the other", { channels: 48, height: 1, width: 1 }],
  ])("changes all channels of an image alike, for %s", async (_, inputShape) => {
    const depth = 3;
    const colored = dataset({ images, labels: data.labels, shape: [depth, 4, 4] });
    const isLast = inputShape.height > 1;
    for (const augmentWorkers of [0, 1]) {
      const source = await openBatchSource(
        checkOptions(options({ data: colored, augmentWorkers }), { ...ONE_STEP, seed: 3 }),
        {
          inputShape,
          outputs: 3,
          steps: 1,
        },
      );
      for await (const { pixels, sampleIds } of source.epoch(1, 0)) {
        for (const [i, id] of sampleIds.entries()) {
          for (let channel = 0; channel < depth; channel++) {
            const plane = images.slice(48 * id + 16 * channel, 48 * id + 16 * (channel + 1));
            new Augmenter({ augmentations: augment, shape: [4, 4], seed: 3 }).apply(plane, Uint32Array.of(id), 1);
            const shown = plane.map((_, p) => pixels[48 * i + (isLast ? p * depth + channel : 16 * channel + p)]!);
            expect(shown).toEqual(plane);
          }
        }
      }
      await source.close();
    }
  });

  it("ends if training fails midway, while workers are busy", async () => {
    const failing = options({
      augmentWorkers: 1,
      onBatch: () => {
        throw new Error("listener");
      },
    });
    await expect(train(small(), failing)).rejects.toThrow("listener");
  });

  it.each<[Partial<TrainingOptions>, string]>([
    [{ augmentWorkers: 1.5 }, "train: augmentWorkers is 1.5; give a whole number from 0 to 64."],
    [{ augment: [randomAffine(), randomAffine()] }, "train: augment has affine twice"],
    [
      { data: dataset({ images, labels: data.labels }) },
      'augment needs images, but "in memory" has no shape for its 48 values',
    ],
    [{ data: { ...data, shape: [4, 4] } }, "has the shape 4 x 4 for its 48 values"],
  ])("refuses %j", async (more, message) => {
    await expect(train(small(), options(more))).rejects.toThrow(message);
  });
});

describe("augmentation of an experiment", () => {
  it("follows its fields, and is absent by default", () => {
    expect(buildAugmentation(parseExperiment({}))).toEqual([]);
    // The schema refuses everything that would be refused only after data are loaded.
    const largest = { rotation: 180, scale: 0.9, shear: 80, translation: 1e4, alpha: 1e6, sigma: 1e4 };
    expect(buildAugmentation(parseExperiment({ augmentation: largest }))).toHaveLength(2);
    for (const [name, most] of Object.entries(largest)) {
      expect(() => parseExperiment({ augmentation: { [name]: 1.01 * most } })).toThrow(`augmentation.${name} is`);
    }
    const augmentation = { rotation: 15, scale: 0.15, alpha: 34 };
    expect(buildAugmentation(parseExperiment({ augmentation }))).toEqual([
      { kind: "affine", rotation: 15, scale: 0.15, shear: 0, translation: 0 },
      { kind: "elastic", sigma: 4, alpha: 34 },
    ]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adam } from "#spikevine/plasticity/index";
import type { Device } from "#spikevine/src/device/contract";
import { openDevice } from "#spikevine/src/device/index";
import {
  constantCurrent,
  crossEntropy,
  dense,
  evaluate,
  everyOutput,
  everyState,
  firstSpike,
  gradients,
  type LossTerm,
  largestPotential,
  li,
  lif,
  linear,
  meanSquaredCount,
  meanSquaredError,
  type NeuronDefinition,
  network,
  openStream,
  predict,
  type Readout,
  rateBounds,
  rateRegularization,
  record,
  spikeCount,
  spikeRate,
  train,
} from "#spikevine/src/index";
import { buildModel, describeModel } from "#spikevine/src/model/index";
import { stripes } from "./stripes.js";

const [CLASSES, PER_CLASS, STEPS] = [3, 4, 6];
const data = stripes(12);

const made = (readout: Readout, layers: readonly ReturnType<typeof dense>[]) =>
  network({ inputs: 12, encoder: constantCurrent(), steps: STEPS, layers, readout, seed: 3 });

/** Several units per class, whose outputs the read-out sums. */
const population = (readout: Readout, neuron: NeuronDefinition = lif({ threshold: 0.3 })) =>
  made(readout, [dense(8, lif({ threshold: 0.3 })), dense(CLASSES * PER_CLASS, neuron)]);

/** The same units, whose outputs linear units with weights of 1 sum. */
function summed(readout: Readout) {
  const units = dense(CLASSES * PER_CLASS, lif({ threshold: 0.3 }));
  const net = made(readout, [dense(8, lif({ threshold: 0.3 })), units, dense(CLASSES, linear())]);
  for (const [name, { data: values }] of population(readout).parameters) net.parameters.get(name)!.data.set(values);
  const sum = net.parameters.get("layer3.weights")!.data;
  sum.forEach((_, i) => {
    sum[i] = Math.floor(Math.floor(i / CLASSES) / PER_CLASS) === i % CLASSES ? 1 : 0;
  });
  return net;
}

const count = spikeCount({ classes: CLASSES });
const rate = spikeRate({ classes: CLASSES });

const devices = new Map<string, Device>();
beforeAll(async () => {
  for (const name of ["reference", "simd", "gpujs:cpu"]) devices.set(name, (await openDevice(name)).device);
});
afterAll(async () => {
  for (const device of devices.values()) await device.dispose();
});

const close = (found: ReadonlyMap<string, Float32Array>, expected: ReadonlyMap<string, Float32Array>): void => {
  for (const [name, values] of found) {
    const wanted = expected.get(name)!;
    const largest = Math.max(...wanted.map(Math.abs));
    expect(largest).toBeGreaterThan(0);
    values.forEach((value, i) => {
      expect(Math.abs(value - wanted[i]!)).toBeLessThanOrEqual(1e-5 * largest);
    });
  }
};

/** A loss of the population code, and the same loss of the sums. */
const LOSSES: Readonly<Record<string, readonly [LossTerm, LossTerm?]>> = {
  "cross-entropy of the read-out": [crossEntropy()],
  "cross-entropy of the rate": [crossEntropy({ of: spikeRate(), scale: 5 })],
  "cross-entropy of every step": [crossEntropy({ of: everyOutput() })],
  "mean squared error": [meanSquaredError()],
  "mean squared error of every step": [meanSquaredError({ of: everyOutput() })],
  "target counts of all units of a class": [
    meanSquaredCount({ correct: 0.25, incorrect: 0 }),
    meanSquaredCount({ correct: 1, incorrect: 0 }),
  ],
  "first spike of a class": [firstSpike()],
};

describe.each(["reference", "simd", "gpujs:cpu"])("a population code on %s", (name) => {
  it.each(Object.entries(LOSSES))(
    "has the loss and the gradients of units that sum: %s",
    async (_, [own, other = own]) => {
      const device = devices.get(name)!;
      for (const [readout, plain] of [
        [count, spikeCount()],
        [rate, spikeRate()],
      ] as const) {
        const found = await gradients(population(readout), data, { loss: own, device });
        const expected = await gradients(summed(plain), data, { loss: other, device: devices.get("reference")! });
        expect(found.loss).toBeCloseTo(expected.loss, 5);
        close(found.gradients, expected.gradients);
        const evaluated = await evaluate(population(readout), data, { loss: own, device });
        expect(evaluated.loss).toBeCloseTo(found.loss, 5);
        // The devices differ in the sums, which do not depend on the read-out.
        if (name !== "reference") break;
      }
    },
  );

  it("sums states too, and leaves regularization to the units", async () => {
    const device = devices.get(name)!;
    const graded = population(count, li({ tau: "3 ms" }));
    const ofStates = await gradients(graded, data, { loss: crossEntropy({ of: everyState("v") }), device });
    const ofOutputs = await gradients(graded, data, { loss: crossEntropy({ of: everyOutput() }), device });
    expect(ofStates.loss).toBeCloseTo(ofOutputs.loss, 6);
    close(ofStates.gradients, ofOutputs.gradients);
    const largest = await gradients(population(count), data, { loss: largestPotential(), device });
    expect(largest.loss).toBeGreaterThan(0);
    for (const term of [rateRegularization({ rate: 0.3 }), rateBounds({ lower: 0.2, upper: 0.1 })]) {
      const loss = [crossEntropy(), term];
      const found = await gradients(population(count), data, { loss, device });
      const units = await gradients(population(spikeCount()), data, { loss, device });
      const alone = await gradients(population(spikeCount()), data, { device });
      const ownAlone = await gradients(population(count), data, { device });
      expect(found.loss - ownAlone.loss).toBeCloseTo(units.loss - alone.loss, 5);
      expect(found.loss - ownAlone.loss).toBeGreaterThan(1e-4);
    }
  });
});

describe("the read-out of a population code", () => {
  it("sums the counts or rates of a class's units, in predictions, recordings and streams", async () => {
    const device = devices.get("reference")!;
    for (const [readout, units] of [
      [count, spikeCount()],
      [rate, spikeRate()],
    ] as const) {
      const net = population(readout);
      const { scores, outputs, labels } = await predict(net, data, { device });
      const perUnit = await predict(population(units), data, { device });
      expect(outputs).toBe(CLASSES);
      const sums = Array.from({ length: data.count * CLASSES }, (_, i) =>
        perUnit.scores.subarray(i * PER_CLASS, (i + 1) * PER_CLASS).reduce((sum, value) => sum + value, 0),
      );
      expect(Math.max(...sums)).toBeGreaterThan(0);
      expect([...scores]).toEqual(sums.map((sum) => expect.closeTo(sum, 5)));
      labels.forEach((label, b) => {
        const own = [...scores.subarray(b * CLASSES, (b + 1) * CLASSES)];
        expect(label).toBe(own.indexOf(Math.max(...own)));
      });
      const { readout: recorded } = await record(net, data, { device });
      expect([...recorded]).toEqual([...scores].map((score) => expect.closeTo(score, 5)));
      const stream = await openStream(net, { device });
      let last: Float32Array = new Float32Array();
      for (let t = 0; t < STEPS; t++) {
        last = (await stream.step(data.images.subarray(0, 12) as Float32Array)).readout;
      }
      await stream.close();
      expect([...last]).toEqual([...scores.subarray(0, CLASSES)].map((value) => expect.closeTo(value, 5)));
    }
  });

  it("is trained to the right classes, with direct feedback too, and is part of a model file's description", async () => {
    const device = devices.get("reference")!;
    for (const credit of ["backpropagation", "direct-feedback-alignment"] as const) {
      const net = population(count);
      const { final } = await train(net, {
        data: stripes(60),
        validation: data,
        epochs: 25,
        batchSize: 10,
        optimizer: adam({ learningRate: 0.01 }),
        credit,
        device,
      });
      expect(final!.validation!.accuracy).toBe(1);
    }
    const again = buildModel(JSON.parse(JSON.stringify(describeModel(population(rate), "test"))));
    expect([again.readout, again.outputs]).toEqual([rate, CLASSES]);
  });
});

describe("a population code is refused", () => {
  it("if the units are no multiple of the classes", () => {
    expect(() => made(spikeCount({ classes: 5 }), [dense(12, lif())])).toThrow(
      "network: the read-out sums the units of 5 classes, but the output layer has 12, which is not a multiple of 5; give it 10 units.",
    );
    expect(() => made(spikeCount({ classes: 5 }), [dense(2, lif())])).toThrow("give it 5 units.");
  });

  it("if the data have more classes, or the read-out of a loss names classes", async () => {
    const two = made(spikeCount({ classes: 2 }), [dense(12, lif())]);
    await expect(evaluate(two, data, { device: "reference" })).rejects.toThrow(
      'data: "stripes" has 3 classes, but the network has 2 outputs; give its read-out at least 3 classes.',
    );
    expect(() => spikeCount({ classes: 0 })).toThrow("spikeCount: classes is 0");
    expect(() => crossEntropy({ of: spikeRate({ classes: 3 }) })).toThrow('crossEntropy: of has no field "classes"');
  });
});

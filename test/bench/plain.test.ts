import { describe, expect, test } from "vitest";
import { plainConvolutions } from "#spikevine/bench/contestants/plain";
import { trainingOptions } from "#spikevine/bench/contestants/spikevine";
import { imagesFor, oneHot } from "#spikevine/bench/images";
import { modelFor } from "#spikevine/bench/model";
import { PlainNetwork } from "#spikevine/bench/plain/network";
import { plainUpdate } from "#spikevine/bench/plain/optimizers";
import { packTrains } from "#spikevine/bench/spike-trains";
import { type Input, type Surrogate, THRESHOLD, type Workload, workloadNamed } from "#spikevine/bench/workloads";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { uploadParameters } from "#spikevine/src/training/plan/parameters";
import { trainingPlan } from "#spikevine/src/training/plan/training-plan";
import { record } from "#spikevine/src/training/record-activity";

const WORKLOAD: Workload = {
  name: "small",
  mode: "train",
  connections: "dense",
  sizes: [784, 24, 17, 10],
  batch: 6,
  steps: 12,
  rule: "sgd",
  brightness: 1,
};
const SEED = 5;

interface Gradients {
  readonly loss: number;
  readonly weights: readonly Float32Array[];
  readonly thresholds: readonly Float32Array[];
  /** Parameters after one update. */
  readonly updated: readonly Float32Array[];
}

const layersOf = ({ sizes }: Workload): number[] => sizes.slice(1).map((_, i) => i + 1);

async function byReference(workload: Workload, surrogate: Surrogate, input: Input): Promise<Gradients> {
  const model = modelFor(workload, surrogate, input);
  const { plan, updates } = trainingPlan(model, trainingOptions(workload, model));
  const program = await (await referenceDevice({ precision: "double" })).compile(plan);
  await uploadParameters(model, program);
  const { labels } = imagesFor(workload)[0]!;
  await program.run("train", {
    samples: workload.batch,
    signals: { pixels: pixelsFor(workload, input), target: oneHot(labels, workload.sizes.at(-1)!) },
    sampleIds: Uint32Array.from({ length: workload.batch }, (_, i) => i),
    seed: SEED,
    epoch: 0,
    scalars: updates.scalars(1, 1, 1),
  });
  const read = (suffix: string): Promise<Float32Array[]> =>
    Promise.all(layersOf(workload).map((n) => program.readTensor(`layer${n}.${suffix}`)));
  const losses = await program.readSignal("train", "loss");
  return {
    loss: losses.reduce((sum, loss) => sum + loss, 0),
    weights: await read("weights.gradient"),
    thresholds: await read("threshold.gradient"),
    updated: [...(await read("weights")), ...(await read("threshold"))],
  };
}

function pixelsFor(workload: Workload, input: Input): Float32Array {
  const { probabilities } = imagesFor(workload)[0]!;
  return input === "precomputed" ? packTrains(probabilities, workload.sizes[0]!) : probabilities;
}

/** The very spikes that the reference saw, `[steps * batch, pixels]`. */
async function spikesFor(workload: Workload, input: Input): Promise<Uint8Array> {
  const { steps, batch, sizes } = workload;
  const device = await referenceDevice();
  const model = modelFor(workload, "arctan", input);
  const recording = await record(model, pixelsFor(workload, input), { device, seed: SEED });
  const pixels = sizes[0]!;
  const spikes = new Uint8Array(recording.input.length);
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < steps; t++) {
      const row = recording.input.subarray((b * steps + t) * pixels, (b * steps + t + 1) * pixels);
      spikes.set(row, (t * batch + b) * pixels);
    }
  }
  return spikes;
}

async function byPlain(workload: Workload, surrogate: Surrogate, input: Input): Promise<Gradients> {
  const { parameters } = modelFor(workload, surrogate, input);
  const net = new PlainNetwork(
    workload,
    layersOf(workload).map((n) => ({
      weights: parameters.get(`layer${n}.weights`)!.data,
      thresholds: new Float32Array(workload.sizes[n]!).fill(THRESHOLD),
    })),
    surrogate,
  );
  const spikes = await spikesFor(workload, input);
  net.forward(spikes);
  const loss = net.backward(spikes, imagesFor(workload)[0]!.labels);
  for (const layer of net.layers) {
    plainUpdate(workload.rule, layer.weights, layer.weightGradient)();
    plainUpdate(workload.rule, layer.thresholds, layer.thresholdGradient)();
  }
  return {
    loss,
    weights: net.layers.map(({ weightGradient }) => weightGradient),
    thresholds: net.layers.map(({ thresholdGradient }) => thresholdGradient),
    updated: [...net.layers.map(({ weights }) => weights), ...net.layers.map(({ thresholds }) => thresholds)],
  };
}

/** Length of the difference over the length of the vector. */
function relativeError(found: Float32Array, expected: Float32Array): number {
  const difference = found.map((value, i) => value - expected[i]!);
  return Math.hypot(...difference) / Math.hypot(...expected);
}

describe.each(["arctan", "boxcar"] as const)("the plain implementation with %s", (surrogate) => {
  test.each(["precomputed", "online"] as const)("has the reference's loss and gradients, spikes %s", async (input) => {
    const [expected, found] = [
      await byReference(WORKLOAD, surrogate, input),
      await byPlain(WORKLOAD, surrogate, input),
    ];
    expect(found.loss).toBeCloseTo(expected.loss, 5);
    for (const kind of ["weights", "thresholds"] as const) {
      for (const [i, gradient] of expected[kind].entries()) {
        expect(gradient.some((value) => value !== 0)).toBe(true);
        expect(relativeError(found[kind][i]!, gradient), `${kind} of layer ${i + 1}`).toBeLessThan(1e-4);
      }
    }
  });

  test("makes the reference's update with Adam", async () => {
    const workload: Workload = { ...WORKLOAD, rule: "adam" };
    const [expected, found] = [
      await byReference(workload, surrogate, "online"),
      await byPlain(workload, surrogate, "online"),
    ];
    for (const [i, parameters] of expected.updated.entries()) {
      expect(relativeError(found.updated[i]!, parameters)).toBeLessThan(1e-6);
    }
  });
});

describe.each(["arctan", "boxcar"] as const)("the plain convolutional network with %s", (surrogate) => {
  test("has the reference's loss and gradients, and makes its updates", async () => {
    const workload: Workload = { ...workloadNamed("d"), batch: 3, steps: 6 };
    const model = modelFor(workload, surrogate, "image");
    const { plan, updates } = trainingPlan(model, trainingOptions(workload, model));
    const program = await (await referenceDevice({ precision: "double" })).compile(plan);
    await uploadParameters(modelFor(workload, surrogate, "image"), program);
    const { probabilities, labels } = imagesFor(workload)[0]!;
    await program.run("train", {
      samples: workload.batch,
      signals: { pixels: probabilities, target: oneHot(labels, 10) },
      sampleIds: new Uint32Array(workload.batch),
      scalars: updates.scalars(1, 1, 1),
    });
    const plain = plainConvolutions(workload, surrogate);
    const loss = plain.net.train(probabilities, labels);
    for (const update of plain.updates) update();
    const losses = await program.readSignal("train", "loss");
    expect(loss).toBeCloseTo(
      losses.reduce((sum, each) => sum + each, 0),
      5,
    );
    const { first, second, dense } = plain.net;
    const arrays = {
      "layer1.weights": [first.weightGradient, first.weights],
      "layer1.bias": [first.biasGradient, first.biases],
      "layer4.weights": [second.weightGradient, second.weights],
      "layer4.bias": [second.biasGradient, second.biases],
      "layer8.weights": [dense.weightGradient, dense.weights],
    } as const;
    for (const [name, [gradient, updated]] of Object.entries(arrays)) {
      const expected = await program.readTensor(`${name}.gradient`);
      expect(expected.some((value) => value !== 0)).toBe(true);
      expect(relativeError(gradient, expected), name).toBeLessThan(1e-4);
      expect(relativeError(updated, await program.readTensor(name)), name).toBeLessThan(1e-5);
    }
  });
});

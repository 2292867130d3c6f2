import { beforeAll, describe, expect, it } from "vitest";
import { rate } from "#spikevine/encoders/index";
import { dense, glorotUniform, network, spikeRate } from "#spikevine/networks/index";
import { snu } from "#spikevine/neurons/index";
import { bioAdam, type Optimizer, sgd } from "#spikevine/plasticity/index";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import {
  type Credit,
  feedbackWeights,
  train,
  type WeightAlignment,
  weightAlignment,
} from "#spikevine/src/training/index";
import { checkOptions } from "#spikevine/src/training/options";
import { uploadParameters } from "#spikevine/src/training/plan/parameters";
import { trainingPlan } from "#spikevine/src/training/plan/training-plan";
import { stripes } from "../training/stripes.js";

type Reference = Awaited<ReturnType<typeof referenceDevice>>;
let device: Reference;
beforeAll(async () => {
  device = await referenceDevice({ precision: "double" });
});

const build = (seed = 3) =>
  network({
    inputs: 12,
    encoder: rate({ maxRate: 1 }),
    steps: 8,
    layers: [10, 9, 3].map((units) => dense(units, snu(), { initializer: glorotUniform })),
    readout: spikeRate(),
    seed,
  });

/** Gradients of one batch with feedback weights of the caller's choice. */
async function gradients(credit: Credit, rule: Optimizer, feedback: (layer: string) => Float32Array | undefined) {
  const net = build();
  const data = stripes(6);
  const options = checkOptions({ data, epochs: 1, batchSize: 6, optimizer: rule, credit }, net);
  const { plan, updates } = trainingPlan(net, options);
  const program = await device.compile(plan);
  await uploadParameters(net, program);
  for (const [tensor, values] of updates.initial) await program.writeTensor(tensor, values);
  for (const layer of ["layer2", "layer3"]) {
    const values = feedback(layer);
    if (values !== undefined) await program.writeTensor(`${layer}.feedback`, values);
  }
  const target = new Float32Array(18);
  data.labels.forEach((label, sample) => {
    target[sample * 3 + label] = 1;
  });
  await program.run("train", {
    samples: 6,
    signals: { pixels: Float32Array.from(data.images), target },
    sampleIds: Uint32Array.from({ length: 6 }, (_, i) => i),
    seed: 5,
    epoch: 1,
    scalars: updates.scalars(1, 1, 1),
  });
  const read = (layer: string) => program.readTensor(`${layer}.weights.gradient`);
  return { first: await read("layer1"), second: await read("layer2"), third: await read("layer3"), program };
}

const weightsOf = (layer: string): Float32Array => build().parameters.get(`${layer}.weights`)!.data;
const largest = (values: Float32Array): number => values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

describe("feedback alignment", () => {
  it("with B = W is backpropagation, bit for bit", async () => {
    const through = await gradients("feedback-alignment", sgd(), weightsOf);
    const back = await gradients("backpropagation", sgd(), () => undefined);
    expect(largest(back.first)).toBeGreaterThan(0);
    for (const layer of ["first", "second", "third"] as const) expect(through[layer]).toEqual(back[layer]);
  });

  it("hands errors down through B: linear in it, without W", async () => {
    const b = feedbackWeights(build());
    const once = await gradients("feedback-alignment", sgd(), (layer) => b.get(`${layer}.feedback`)!.data);
    const twice = await gradients("feedback-alignment", sgd(), (layer) =>
      b.get(`${layer}.feedback`)!.data.map((v) => (layer === "layer3" ? 2 * v : v)),
    );
    const back = await gradients("backpropagation", sgd(), () => undefined);
    expect(once.third).toEqual(back.third);
    expect(once.second).not.toEqual(back.second);
    expect(twice.second).toEqual(once.second.map((v) => 2 * v));
    expect(twice.first).toEqual(once.first.map((v) => 2 * v));
  });

  it("draws B from the distribution of W, independently of it", () => {
    const net = network({
      inputs: 4,
      encoder: rate(),
      steps: 1,
      layers: [100, 80].map((units) => dense(units, snu(), { initializer: glorotUniform })),
    });
    const feedback = feedbackWeights(net);
    expect([...feedback.keys()]).toEqual(["layer2.feedback"]);
    const { angle, normRatio } = weightAlignment(
      net.parameters.get("layer2.weights")!.data,
      feedback.get("layer2.feedback")!.data,
    );
    expect(Math.abs(angle - 90)).toBeLessThan(2);
    expect(normRatio).toBeCloseTo(1, 1);
  });

  it("does not change B, and records the alignment of W with it", async () => {
    const reports: Record<string, WeightAlignment>[] = [];
    await train(build(), {
      data: stripes(),
      epochs: 10,
      batchSize: 6,
      optimizer: sgd({ learningRate: 0.5 }),
      credit: "feedback-alignment",
      device,
      onEpoch: ({ symmetry }) => void reports.push({ ...symmetry! }),
    });
    expect(Object.keys(reports[0]!)).toEqual(["layer2", "layer3"]);
    expect(reports.at(-1)!.layer3!.angle).toBeLessThan(reports[0]!.layer3!.angle);
  });
});

describe("predisposition", () => {
  const rule = (temperature: number) =>
    bioAdam({ learningRate: 0.01, rhoRest: 1e5, tauRho: 100, predisposition: { temperature, pathLength: true } });

  it("changes B by the gradients of W", async () => {
    const { program, third } = await gradients("predisposition", rule(1e6), (layer) => weightsOf(layer).fill(0));
    const after = await program.readTensor("layer3.feedback");
    // At a temperature this high, and from the same states, B moves as W does.
    const moved = (await program.readTensor("layer3.weights")).map((w, i) => w - weightsOf("layer3")[i]!);
    expect(largest(third)).toBeGreaterThan(0);
    after.forEach((b, i) => {
      expect(Math.abs(b - moved[i]!)).toBeLessThan(1e-6);
    });
  });

  it("makes W and B alike", async () => {
    const run = async (credit: Credit) => {
      const result = await train(build(), {
        data: stripes(),
        epochs: 30,
        batchSize: 6,
        optimizer: rule(0.1),
        credit,
        device,
      });
      return result.final!.symmetry!;
    };
    const [learned, fixed] = [await run("predisposition"), await run("feedback-alignment")];
    for (const layer of ["layer2", "layer3"]) expect(learned[layer]!.angle).toBeLessThan(fixed[layer]!.angle);
    expect(learned.layer3!.angle).toBeLessThan(45);
    expect(learned.layer3!.relativeDistance).toBeLessThan(0.6);
    // To first order only: changes are not small against T here.
    expect(Math.abs(learned.layer3!.predictedDistance! - learned.layer3!.relativeDistance)).toBeLessThan(0.2);
    expect(fixed.layer3!.relativeDistance).toBeGreaterThan(0.6);
    expect(Math.abs(learned.layer3!.normRatio - 1)).toBeLessThan(0.25);
  });

  it("is refused without a rule that has it", async () => {
    const run = (credit: Credit) => train(build(), { data: stripes(), epochs: 1, optimizer: sgd(), credit, device });
    await expect(run("predisposition")).rejects.toThrow(/the optimizer has none.*bioAdam\({ predisposition/);
    await expect(run("feedback-aligment" as Credit)).rejects.toThrow(/did you mean "feedback-alignment"/);
  });
});

describe("Bio-Adam's integrators in training", () => {
  const run = (integrator: "semi-implicit" | "exact" | "forward-euler", more = {}) =>
    train(build(), {
      data: stripes(),
      epochs: 10,
      batchSize: 6,
      optimizer: bioAdam({ learningRate: 2e-3, rhoRest: 1e4, tauRho: 100, integrator, ...more }),
      device,
    });

  it.each(["semi-implicit", "exact"] as const)("%s learns, at any time between updates", async (integrator) => {
    for (const interval of [0.5, 5]) {
      const { epochs } = await run(integrator, { interval });
      expect(epochs.at(-1)!.loss).toBeLessThan(epochs[0]!.loss);
    }
  });

  it("unstable forward Euler stops training with an advice", async () => {
    await expect(run("forward-euler", { rhoRest: 1e8 })).rejects.toThrow(
      /train: rho of layer\d\.\w+ has left its bounds \(0 to 100000000\) at epoch 1, batch \d+; .*"semi-implicit" or "exact", a shorter interval/,
    );
    const { epochs } = await run("forward-euler", { learningRate: 0.05, rhoRest: 100, tauRho: 1000 });
    expect(epochs.at(-1)!.loss).toBeLessThan(epochs[0]!.loss);
  });
});

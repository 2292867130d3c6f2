import { describe, expect, it } from "vitest";
import { sgd } from "#spikevine/plasticity/index";
import { CheckpointStore } from "#spikevine/src/checkpoint/index";
import {
  type BatchReport,
  constantCurrent,
  crossEntropy,
  dataset,
  dense,
  evaluate,
  everyState,
  l2Penalty,
  li,
  lif,
  lossTerm,
  meanSquaredError,
  network,
  predict,
  rateRegularization,
  record,
  train,
} from "#spikevine/src/index";
import { options, outcome, SOME_RUN, small, snapshotAfter, temporaryFolder } from "../checkpoint/training.js";
import { stripes } from "./stripes.js";

const data = stripes(20);
const made = () =>
  network({
    inputs: 12,
    encoder: constantCurrent(),
    steps: 5,
    layers: [dense(8, lif({ threshold: 0.3 })), dense(3, lif({ threshold: 0.3 }))],
    seed: 5,
  });

const RATE = 0.4;
const loss = [
  crossEntropy({ weight: 0.5 }),
  rateRegularization({ rate: RATE, weight: 3 }),
  l2Penalty({ weight: 0.01 }),
  crossEntropy({ of: everyState("v") }),
];
const NAMES = ["cross-entropy", "rate-regularization", "l2-penalty", "cross-entropy 2"];

const still = { data, epochs: 1, batchSize: 8, optimizer: sgd({ learningRate: 0 }), device: "reference" } as const;

/** The terms of `loss`, by literal loops over a recording. */
async function byHand(): Promise<number[]> {
  const net = made();
  const { layers, readout } = await record(net, data.images, { device: "reference" });
  const entropy = (y: readonly number[], label: number): number =>
    Math.log(y.reduce((sum, value) => sum + Math.exp(value), 0)) - y[label]!;
  let [count, potential, regularization] = [0, 0, 0];
  for (let s = 0; s < data.count; s++) {
    count += entropy([...readout.subarray(3 * s, 3 * s + 3)], data.labels[s]!);
    for (let t = 0; t < 5; t++) {
      const v = layers[1]!.states.v!.subarray((s * 5 + t) * 3, (s * 5 + t + 1) * 3);
      potential += entropy([...v], data.labels[s]!) / 5;
    }
    for (const { units, output } of layers) {
      for (let n = 0; n < units; n++) {
        let spikes = 0;
        for (let t = 0; t < 5; t++) spikes += output[(s * 5 + t) * units + n]!;
        regularization += (spikes / 5 - RATE) ** 2 / units;
      }
    }
  }
  const squares = [...net.parameters.values()].reduce((sum, { data: w }) => sum + w.reduce((a, b) => a + b * b, 0), 0);
  return [(0.5 * count) / data.count, (3 * regularization) / data.count, 0.01 * squares, potential / data.count];
}

describe("the value of every term", () => {
  it.each(["mean", "sum"] as const)(
    "is in the reports of training and adds up to the loss, reduction %s",
    async (reduction) => {
      const batches: BatchReport[] = [];
      const { final } = await train(made(), { ...still, loss, reduction, onBatch: (report) => batches.push(report) });
      const expected = await byHand();
      expect(Object.keys(final!.terms!)).toEqual(NAMES);
      Object.values(final!.terms!).forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 5);
        expect(value).toBeGreaterThan(1e-3);
      });
      expect(final!.loss).toBeCloseTo(
        expected.reduce((a, b) => a + b, 0),
        5,
      );
      const { loss: shown, terms } = batches[0]!;
      expect(Object.values(terms!).reduce((a, b) => a + b, 0)).toBeCloseTo(shown, 12);
      expect(batches.at(-1)!.terms).toEqual(final!.terms);
    },
  );

  it("is in evaluations, where the loss is that of the terms with targets", async () => {
    const expected = await byHand();
    const result = await evaluate(made(), data, { loss, device: "reference", batchSize: 8 });
    Object.values(result.terms!).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
    expect(result.loss).toBeCloseTo(expected[0]! + expected[3]!, 5);
    const { terms, losses } = await predict(made(), data, { loss, device: "reference" });
    expect(Object.keys(terms!)).toEqual(NAMES);
    expect(losses.reduce((a, b) => a + b, 0) / data.count).toBeCloseTo(result.loss, 12);
    const { final } = await train(made(), { ...still, loss, validation: data });
    expect(final!.validation!.terms).toEqual(result.terms);
  });

  it("is left out for one term", async () => {
    const { final } = await train(made(), { ...still, validation: data });
    expect([final!.terms, final!.validation!.terms]).toEqual([undefined, undefined]);
    expect((await evaluate(made(), data, { device: "reference" })).terms).toBeUndefined();
  });

  it("is the same after a resume within an epoch", async () => {
    const more = options({ loss: [crossEntropy(), l2Penalty({ weight: 0.1 })] });
    const whole = small();
    const expected = outcome(whole, await train(whole, more));
    const resume = await snapshotAfter(6, small(), more);
    expect(resume.progress.sums.samples).toBeGreaterThan(0);
    expect(Object.keys(resume.progress.sums.terms)).toEqual(["cross-entropy", "l2-penalty"]);
    const store = new CheckpointStore(await temporaryFolder(), 3);
    await store.write(resume, SOME_RUN);
    const read = (await store.latest()).checkpoint!.snapshot;
    expect(read).toEqual(resume);
    const resumed = small();
    expect(outcome(resumed, await train(resumed, { ...more, resume: read }))).toEqual(expected);
  });
});

it("a checkpoint keeps the accuracy of a regression, which is not a number", async () => {
  const values = Float32Array.from({ length: 20 }, (_, i) => (i % 4) / 4);
  const regression = dataset({ images: data.images, targets: { values, width: 1 } });
  const net = network({ inputs: 12, encoder: constantCurrent(), steps: 4, layers: [dense(1, li({ tau: "3 ms" }))] });
  const more = { data: regression, validation: regression, loss: lossTerm(meanSquaredError().loss) };
  const snapshot = await snapshotAfter(3, net, { ...still, ...more, epochs: 2, batchSize: 10 });
  expect(snapshot.progress.reports[0]!.accuracy).toBeNaN();
  expect(snapshot.progress.reports[0]!.validation!.accuracy).toBeNaN();
  const store = new CheckpointStore(await temporaryFolder(), 3);
  await store.write(snapshot, SOME_RUN);
  const { checkpoint, problems } = await store.latest();
  expect(problems).toEqual([]);
  expect(checkpoint!.snapshot).toEqual(snapshot);
});

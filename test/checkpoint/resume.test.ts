import { describe, expect, it } from "vitest";
import { constantCurrent, rate } from "#spikevine/encoders/index";
import { dense, type Network, network } from "#spikevine/networks/index";
import { leaky, lif, relu, snu } from "#spikevine/neurons/index";
import { adam, adamW, bioAdam, grapes, momentum, sgd, weightDecay } from "#spikevine/plasticity/index";
import { CheckpointStore } from "#spikevine/src/checkpoint/index";
import { cosineDecay, evaluate, type TrainingOptions, train } from "#spikevine/src/training/index";
import { options, outcome, SOME_RUN, small, snapshotAfter, temporaryFolder } from "./training.js";

interface Case {
  readonly name: string;
  readonly net: () => Network;
  readonly options: TrainingOptions;
}

const CASES: readonly Case[] = [
  { name: "GRAPES and SGD", net: small, options: options({ schedule: cosineDecay() }) },
  {
    name: "weight decay, shuffled GRAPES and Adam, clipped",
    net: small,
    options: options({ optimizer: [weightDecay(1e-3), grapes({ control: "shuffled" }), adam()], maxGradNorm: 0.1 }),
  },
  {
    name: "Bio-Adam with feedback weights that are learned",
    net: small,
    options: options({ optimizer: bioAdam({ predisposition: { temperature: 0.1 } }), credit: "predisposition" }),
  },
  {
    name: "recurrent LIF with momentum, truncated",
    net: () =>
      network({
        inputs: 12,
        encoder: rate(),
        steps: 5,
        layers: [dense(7, lif({ threshold: "0.3 mV" }), { recurrent: true, bias: true }), dense(3, snu())],
      }),
    options: options({ optimizer: momentum(), truncationSteps: 2 }),
  },
  {
    name: "ordinary units with dropout on a static input",
    net: () =>
      network({
        inputs: 12,
        encoder: constantCurrent(),
        steps: 1,
        layers: [dense(8, relu(), { dropout: 0.3, bias: true }), dense(3, relu())],
      }),
    options: options({ optimizer: sgd({ learningRate: 0.1 }) }),
  },
  {
    name: "recurrent spiking layers with dropout and reset without gradient",
    net: () =>
      network({
        inputs: 12,
        encoder: rate(),
        steps: 5,
        layers: [dense(9, leaky({ threshold: 0.3 }), { recurrent: true, dropout: 0.3 }), dense(3, leaky())],
      }),
    options: options({ optimizer: adamW(), device: "simd", threads: 1 }),
  },
  {
    name: "the best epoch kept, one layer frozen, rates and decays per layer, AdamW",
    net: small,
    options: options({
      optimizer: [grapes(), adamW({ learningRate: 0.05 })],
      frozen: ["layer1.threshold"],
      learningRates: { layer2: 0.5 },
      weightDecays: { layer1: 0.3, threshold: 0.1 },
      keepBest: true,
    }),
  },
];

/** An uninterrupted run, and one that was stopped after this many updates, saved to files and resumed. */
async function bothWays({ net, options: given }: Case, updates: number): Promise<[object, object]> {
  const whole = net();
  const expected = outcome(whole, await train(whole, given));
  const store = new CheckpointStore(await temporaryFolder(), 2);
  await store.write(await snapshotAfter(updates, net(), given), SOME_RUN);
  const { checkpoint } = await new CheckpointStore(store.folder, 2).latest();
  const resumed = net();
  const result = await train(resumed, { ...given, resume: checkpoint!.snapshot });
  return [expected, outcome(resumed, result)];
}

describe("resume gives the bits of an uninterrupted run", () => {
  it.each(CASES)("$name", async (chosen) => {
    // Within an epoch, and after an epoch's last batch.
    for (const updates of [6, 8]) {
      const [expected, got] = await bothWays(chosen, updates);
      expect(got).toEqual(expected);
    }
  });

  it.each(["simd", "gpujs:cpu"])("on %s", async (device) => {
    const chosen = { ...CASES[1]!, options: { ...CASES[1]!.options, device } };
    const [expected, got] = await bothWays(chosen, 5);
    expect(got).toEqual(expected);
  });

  it("on simd, with other numbers of threads before and after", async () => {
    const given = options({ device: "simd", threads: 1 });
    const whole = small();
    const expected = outcome(whole, await train(whole, given));
    const snapshot = await snapshotAfter(7, small(), { ...given, threads: 2 });
    for (const threads of [1, 3]) {
      const net = small();
      expect(outcome(net, await train(net, { ...given, threads, resume: snapshot }))).toEqual(expected);
    }
  });

  it("after the last epoch nothing is left to do", async () => {
    const whole = small();
    const expected = outcome(whole, await train(whole, options()));
    const snapshots: Parameters<NonNullable<TrainingOptions["onSnapshot"]>>[0][] = [];
    const onSnapshot = async (snapshot: (typeof snapshots)[number]): Promise<void> => {
      snapshots.push(snapshot);
    };
    await train(small(), options({ onSnapshot }));
    expect(snapshots).toHaveLength(1);
    const net = small();
    expect(outcome(net, await train(net, options({ resume: snapshots[0]! })))).toEqual(expected);
  });

  it("early stopping remembers its best epoch", async () => {
    const patient = options({ epochs: 50, patience: 2, optimizer: sgd({ learningRate: 1e-12 }) });
    const whole = small();
    const expected = await train(whole, patient);
    expect(expected.stopped).toBe("early");
    const snapshot = await snapshotAfter(6, small(), patient);
    const net = small();
    const got = await train(net, { ...patient, resume: snapshot });
    expect({ ...outcome(net, got), stopped: got.stopped }).toEqual({ ...outcome(whole, expected), stopped: "early" });
  });

  it("the best epoch of a run that got worse after it was stopped is given back by the resumed run", async () => {
    // The learning rate of the third epoch on destroys what the first two have learned.
    const schedule = ({ epoch }: { epoch: number }): number => (epoch < 2 ? 1 : 200);
    const given = options({
      optimizer: sgd({ learningRate: 0.5 }),
      schedule,
      keepBest: true,
      onZeroGradient: "continue",
    });
    const whole = small();
    const result = await train(whole, given);
    expect(result.best!.epoch).toBeLessThanOrEqual(2);
    expect(result.final!.validation!.accuracy).toBeLessThan(result.best!.validation!.accuracy);
    const snapshot = await snapshotAfter(13, small(), given);
    const net = small();
    expect(outcome(net, await train(net, { ...given, resume: snapshot }))).toEqual(outcome(whole, result));
    const { accuracy } = await evaluate(net, given.validation!, { device: "reference" });
    expect(accuracy).toBe(result.best!.validation!.accuracy);

    const without = await snapshotAfter(13, small(), { ...given, keepBest: false });
    await expect(train(small(), { ...given, resume: without })).rejects.toThrow(
      /keepBest is true, but the snapshot to resume from does not hold layer1\.weights of its best epoch/,
    );
  });

  it("refuses a snapshot of another network", async () => {
    const snapshot = await snapshotAfter(1, small(), options());
    const wider = network({ inputs: 12, encoder: rate(), steps: 6, layers: [dense(10, snu()), dense(3, snu())] });
    await expect(train(wider, options({ resume: snapshot }))).rejects.toThrow(
      /layer1\.weights should be \[12, 10\] but is \[12, 9\] there/,
    );
    const byAdam = train(small(), options({ optimizer: adam(), resume: snapshot }));
    await expect(byAdam).rejects.toThrow(/layer1\.weights\.m should be \[12, 9\] but is missing/);
  });
});

import { describe, expect, it } from "vitest";
import { sgd } from "#spikevine/plasticity/index";
import { evaluate, type TrainingOptions, train } from "#spikevine/src/training/index";
import { options, small } from "../checkpoint/training.js";

/** A training that is destroyed by its learning rate from the third epoch on. */
const worse = (more: Partial<TrainingOptions> = {}): TrainingOptions =>
  options({
    optimizer: sgd({ learningRate: 0.5 }),
    schedule: ({ epoch }) => (epoch < 2 ? 1 : 200),
    onZeroGradient: "continue",
    ...more,
  });

describe("keepBest", () => {
  it("gives back the arrays of the best epoch, which another training of that many epochs ends with", async () => {
    const kept = small();
    const { best, final } = await train(kept, worse({ keepBest: true }));
    expect(final!.validation!.accuracy).toBeLessThan(best!.validation!.accuracy);
    const short = small();
    await train(short, worse({ epochs: best!.epoch, schedule: () => 1 }));
    for (const [name, { data }] of kept.parameters) expect(data, name).toEqual(short.parameters.get(name)!.data);
    const last = small();
    await train(last, worse());
    expect(last.parameters.get("layer2.weights")!.data).not.toEqual(kept.parameters.get("layer2.weights")!.data);
  });

  it("holds when training is stopped within a later epoch, and when it fails", async () => {
    const expected = small();
    const { best } = await train(expected, worse({ epochs: 2, keepBest: true }));
    const stop = new AbortController();
    const stopped = small();
    const onBatch = ({ epoch, batch }: { epoch: number; batch: number }): void => {
      if (epoch === 3 && batch === 2) stop.abort();
    };
    await train(stopped, worse({ keepBest: true, signal: stop.signal, onBatch }));
    const failed = small();
    const schedule = ({ epoch }: { epoch: number }): number => (epoch < 2 ? 1 : Number.NaN);
    await expect(train(failed, worse({ keepBest: true, schedule }))).rejects.toThrow("the schedule gives NaN");
    for (const net of [stopped, failed]) {
      for (const [name, { data }] of net.parameters) expect(data, name).toEqual(expected.parameters.get(name)!.data);
      const { accuracy } = await evaluate(net, worse().validation!, { device: "reference" });
      expect(accuracy).toBe(best!.validation!.accuracy);
    }
  });

  it("needs a validation set", async () => {
    const { validation, ...rest } = worse({ keepBest: true });
    await expect(train(small(), rest)).rejects.toThrow(
      "keepBest needs a validation set to choose by; give validation too.",
    );
  });
});

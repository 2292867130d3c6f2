import { describe, expect, it } from "vitest";
import { describeRun } from "#spikevine/src/cli/training/describe-run";
import { buildNetwork } from "#spikevine/src/experiment/build";
import { checkExperiment } from "#spikevine/src/experiment/build-rule";
import { type ExperimentData, loadData } from "#spikevine/src/experiment/load-data";
import { parseExperiment } from "#spikevine/src/experiment/parse";
import type { ExperimentInput } from "#spikevine/src/experiment/schema";
import { trainingOptions } from "#spikevine/src/experiment/training-options";
import { train } from "#spikevine/src/training/index";

const small: ExperimentInput = {
  data: { train: 40, test: 20 },
  network: { hidden: [8], steps: 3, bias: true },
  device: "reference",
};

/** Trains the network of an experiment for one epoch; the arrays before and after. */
async function trained(training: NonNullable<ExperimentInput["training"]>) {
  const experiment = parseExperiment({ ...small, training: { epochs: 1, grapes: "off", ...training } });
  const data: ExperimentData = await loadData(experiment);
  const [before, after] = [1, 2].map(() => buildNetwork(experiment, data.train.pixels, data.train.classes));
  await train(after!, { ...trainingOptions(experiment, data), device: "reference" });
  return { before: before!, after: after! };
}

describe("the training of an experiment", () => {
  it("leaves frozen layers alone, and arrays whose learning rate is 0", async () => {
    const { before, after } = await trained({ frozen: ["layer1"], learningRates: ["bias=0", "threshold=0"] });
    const changed = [...after.parameters].filter(
      ([name, { data }]) => !data.every((value, i) => value === before.parameters.get(name)!.data[i]),
    );
    expect(changed.map(([name]) => name)).toEqual(["layer2.weights"]);
  });

  it("decays the weights of adam-w by its own decay, those of the others by a transform", async () => {
    const shrinks = async (optimizer: "adam-w" | "sgd", rest: object) => {
      // Frozen but for the biases of the output and weights with a learning rate too small for their gradients to matter.
      const { before, after } = await trained({
        optimizer,
        learningRate: 1e-9,
        schedule: "constant",
        batchSize: 40,
        ...rest,
      });
      const ratio = (name: string): number =>
        after.parameters.get(name)!.data[0]! / before.parameters.get(name)!.data[0]!;
      return [ratio("layer1.weights"), ratio("layer2.weights")];
    };
    for (const optimizer of ["adam-w", "sgd"] as const) {
      const [first, second] = await shrinks(optimizer, { weightDecay: 5e8, weightDecays: ["layer2=0"] });
      expect(first).toBeCloseTo(0.5, 5);
      expect(second).toBeCloseTo(1, 5);
      const [none, half] = await shrinks(optimizer, { weightDecays: ["layer2.weights=5e8", "layer1=0"] });
      expect(none).toBeCloseTo(1, 5);
      expect(half).toBeCloseTo(0.5, 5);
    }
  });

  it("is refused before data are loaded if it names no layer of the network", () => {
    const experiment = parseExperiment({ ...small, training: { frozen: ["layer3"] } });
    expect(() => checkExperiment(experiment)).toThrow('frozen names "layer3", which the network does not train');
  });

  it("computes a batch in micro-batches", async () => {
    const whole = await trained({ batchSize: 40, optimizer: "sgd" });
    const divided = await trained({ batchSize: 40, microBatchSize: 7, optimizer: "sgd" });
    for (const [name, { data }] of whole.after.parameters) {
      const other = divided.after.parameters.get(name)!.data;
      expect(Math.max(...data.map((value, i) => Math.abs(value - other[i]!)))).toBeLessThan(1e-6);
    }
    expect(divided.after.parameters.get("layer1.weights")!.data).not.toEqual(
      divided.before.parameters.get("layer1.weights")!.data,
    );
    const experiment = parseExperiment({ ...small, training: { batchSize: 40, microBatchSize: 7 } });
    const description = describeRun(experiment, await loadData(experiment), divided.after, "reference");
    expect(description).toContain("epochs in batches of 40, computed 7 samples at a time\n");
    const tooLarge = parseExperiment({ ...small, training: { batchSize: 8, microBatchSize: 9 } });
    expect(() => checkExperiment(tooLarge)).toThrow("microBatchSize is 9, more than the batchSize 8");
  });
});

describe("a network that is too large", () => {
  it("is refused before data are loaded, with the sizes of the data", () => {
    const experiment = parseExperiment({ ...small, network: { ...small.network, hidden: [3_000_000_000] } });
    expect(() => checkExperiment(experiment)).toThrow(
      "network: 784-3000000000-10 has 2,382,000,000,000 weights; give smaller layers, with at most 1,073,741,824 together.",
    );
  });
});

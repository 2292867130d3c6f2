import { constantCurrent, dense, network, relu, sgd } from "spikevine";
import { describe, expect, it } from "vitest";
import { factorsOf, METHODS, optimizerOf } from "#spikevine/examples/grapes/methods";
import { optimizerChain } from "#spikevine/plasticity/optimizer";

const net = () => {
  const made = network({
    inputs: 2,
    encoder: constantCurrent(),
    steps: 1,
    layers: [dense(3, relu()), dense(2, relu())],
  });
  made.parameters.get("layer1.weights")!.data.set([1, -3, 0.5, -1, 1, 0.5]);
  return made;
};

describe("factorsOf", () => {
  it("has the factors of hidden layers from the weights as they are", () => {
    // Importance 2, 4, 1: the largest unit has 2, and no unit less than 1.
    expect(factorsOf(net()).map((layer) => [...layer])).toEqual([[1, 2, 1]]);
  });
});

describe("optimizerOf", () => {
  it("raises the learning rate by the mean factor", () => {
    const { optimizer } = optimizerChain(
      optimizerOf("SGD, raised rate", (learningRate) => sgd({ learningRate }), 0.3, net()),
    );
    expect(optimizer.parameters.learningRate!.value).toBeCloseTo(0.4, 12);
    const tenfold = optimizerChain(optimizerOf("SGD, tenfold rate", (rate) => sgd({ learningRate: rate }), 0.3, net()));
    expect(tenfold.optimizer.parameters.learningRate!.value).toBeCloseTo(3, 12);
  });

  it("puts one modulation before the rule for every method but the plain ones", () => {
    const modulations = METHODS.map(
      (method) => optimizerChain(optimizerOf(method, () => sgd(), 0.1, net())).modulation,
    );
    expect(modulations.map((modulation) => modulation?.name)).toEqual([
      undefined,
      undefined,
      "grapes-propagating",
      "grapes-local",
      "grapes-propagating-uniform",
      "grapes-propagating-shuffled",
    ]);
  });

  it("follows the authors' code by the way of errors", () => {
    const names = (["backpropagation", "feedback-alignment", "direct-feedback-alignment"] as const).map(
      (credit) => optimizerChain(optimizerOf("authors' code", () => sgd(), 0.1, net(), credit)).modulation!,
    );
    expect(names.map(({ name, dropped }) => [name, dropped])).toEqual([
      ["grapes-propagating", "unmodulated"],
      ["grapes-propagating-unbounded", "unmodulated"],
      ["grapes-propagating-outgoing-unbounded", "unmodulated"],
    ]);
  });

  it("has the notebook's factor for every unit", () => {
    const { modulation } = optimizerChain(optimizerOf("factor 2", () => sgd(), 0.1, net()));
    expect([...modulation!.factors(Float32Array.of(1, 4), { seed: 1, update: 0, layer: 0 })]).toEqual([2, 2]);
  });
});

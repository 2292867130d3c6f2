import { describe, expect, it } from "vitest";
import { constantCurrent } from "#spikevine/encoders/index";
import { dense, glorotUniform, heUniform, lastOutput, type Network, network } from "#spikevine/networks/index";
import { linear, relu } from "#spikevine/neurons/index";
import { buildNetwork } from "#spikevine/src/experiment/build";
import { parseExperiment } from "#spikevine/src/experiment/parse";

const denseOf = ({ layers }: Network) => layers.filter((layer) => layer.kind === "dense");

const weightsOf = (net: Network): object =>
  Object.fromEntries([...net.parameters].map(([name, { data }]) => [name, data]));

describe("the network of an experiment", () => {
  it("has several output units per class, whose rates or counts are summed", () => {
    const parts = { hidden: [8], unitsPerClass: 5, readout: "rate" } as const;
    const built = buildNetwork(parseExperiment({ network: parts }), 12, 4);
    expect(built.outputs).toBe(4);
    expect(built.readout).toEqual({ name: "rate", classes: 4 });
    expect(denseOf(built).map(({ units }) => units)).toEqual([8, 20]);
    expect(buildNetwork(parseExperiment({ network: { hidden: [8] } }), 12, 4).readout).toEqual({ name: "count" });
    expect(() => buildNetwork(parseExperiment({ network: { ...parts, readout: "last-output" } }), 12, 4)).toThrow(
      "network: unitsPerClass is 5, but the read-out last-output is not summed; give the read-out count or rate, or leave unitsPerClass out.",
    );
  });

  it("is that of the GRAPES paper: ReLU with dropout, linear outputs, He's weights", () => {
    const experiment = parseExperiment({
      encoder: { name: "constantCurrent" },
      network: {
        neuron: "relu",
        outputNeuron: "linear",
        initializer: "he",
        hidden: [8, 7],
        steps: 1,
        dropout: 0.1,
        readout: "last-output",
      },
      seed: 3,
    });
    const built = buildNetwork(experiment, 12, 4);
    const options = { initializer: heUniform, dropout: 0.1 };
    const layers = [
      ...[8, 7].map((units) => dense(units, relu(), options)),
      dense(4, linear(), { initializer: heUniform }),
    ];
    const byHand = network({
      inputs: 12,
      encoder: constantCurrent(),
      steps: 1,
      layers,
      readout: lastOutput(),
      seed: 3,
    });
    expect(weightsOf(built)).toEqual(weightsOf(byHand));
    expect(denseOf(built).map(({ neuron, dropout }) => [neuron!.name, dropout])).toEqual([
      ["relu", 0.1],
      ["relu", 0.1],
      ["linear", 0],
    ]);
    expect(Math.max(...built.parameters.get("layer1.weights")!.data)).toBeGreaterThan(glorotUniform(12, 8));
  });

  it("has the neuron of every layer at the output, and weights by the distribution asked for", () => {
    const built = buildNetwork(
      parseExperiment({ network: { threshold: 0.3, hidden: [8], initializer: "glorot" } }),
      12,
      4,
    );
    expect(denseOf(built).map(({ neuron }) => [neuron!.name, neuron!.parameters.threshold!.value])).toEqual([
      ["snu", 0.3],
      ["snu", 0.3],
    ]);
    expect(denseOf(built)[1]!.initializer).toBe(glorotUniform);
    const mixed = buildNetwork(
      parseExperiment({ network: { threshold: 0.3, outputNeuron: "lif", hidden: [8] } }),
      12,
      4,
    );
    expect(denseOf(mixed)[1]!.neuron!.name).toBe("lif");
    expect(denseOf(mixed)[1]!.neuron!.parameters.threshold!.value).not.toBe(0.3);
  });
});

import { describe, expect, it } from "vitest";
import * as sv from "#spikevine/src/index";
import { simulation } from "#spikevine/src/simulation/index";

const about = { name: "cut", summary: "Cuts off values that are not finite.", source: "test" };

/** A product of a condition that is false and a value that is infinite or NaN; x is 0.9 or -0.9. */
const PRODUCTS = {
  "(x > 5) * (1 / (x - x))": [0, 0],
  "(1 / (x - x)) * (x > 5 and x < 6)": [0, 0],
  "x + (x > 0) * log(x)": [0.9 + Math.log(0.9), -0.9],
  "(1 - (x < 5)) * (x / 0) + x": [0.9, -0.9],
  "(x > 0) * sqrt(x) + 2 * (not (x > 0)) * x": [Math.sqrt(0.9), -1.8],
};

describe.each(["reference", "simd", "gpujs:cpu", "gpujs:webasm"])(
  "a product with a false condition is 0 on %s",
  (device) => {
    it.each(Object.entries(PRODUCTS))("%s", async (text, expected) => {
      const neuron = sv.defineNeuron({
        ...about,
        states: { v: { summary: "value" } },
        update: { v: text.replaceAll("x", "I") },
        spike: "v - 5",
        surrogate: sv.arctan(),
      });
      const layer = () => sv.dense(2, neuron);
      const net = sv.network({
        inputs: 1,
        encoder: sv.constantCurrent(),
        steps: 2,
        layers: [layer()],
        readout: sv.lastState("v"),
      });
      net.parameters.get("layer1.weights")!.data.set([1, -1]);
      const { layers } = await sv.record(net, Float32Array.of(0.9), { device });
      const got = [...layers[0]!.states.v!];
      for (const [i, value] of got.entries()) expect(value).toBeCloseTo(expected[i % 2]!, 5);
    });

    it("a neuron's own output is a condition", async () => {
      const neuron = sv.defineNeuron({
        ...about,
        states: { v: { summary: "value" } },
        update: { v: "y * exp(1000 * I) + I" },
        spike: "v - 5",
        surrogate: sv.arctan(),
      });
      const net = sv.network({
        inputs: 1,
        encoder: sv.constantCurrent(),
        steps: 2,
        layers: [sv.dense(1, neuron)],
        readout: sv.lastState("v"),
      });
      net.parameters.get("layer1.weights")!.data.set([1]);
      const { layers } = await sv.record(net, Float32Array.of(0.5), { device });
      expect([...layers[0]!.states.v!]).toEqual([0.5, 0.5]);
    });

    it("encoders", async () => {
      const encoder = sv.defineEncoder({ ...about, current: "x + (x > 0.45) * log(x - 0.45)" });
      const net = sv.network({
        inputs: 1,
        encoder,
        steps: 1,
        layers: [sv.dense(1, sv.linear())],
        readout: sv.lastOutput(),
      });
      net.parameters.get("layer1.weights")!.data.set([1]);
      const { layers } = await sv.record(net, Float32Array.of(0.25), { device });
      expect([...layers[0]!.output]).toEqual([0.25]);
    });
  },
);

it.each([{ executor: "javascript" }, { precision: "single" }, { precision: "double" }] as const)(
  "a product with a false condition is 0 in simulations (%j)",
  async (options) => {
    const neuron = sv.defineNeuron({
      ...about,
      states: { v: { initial: 0.5, summary: "value" } },
      update: { v: "(v > 5) * (1 / (v - v)) + v" },
      output: "v",
    });
    const sim = simulation({ dt: "1 ms", ...options });
    const cells = sim.population("cells", 3, neuron);
    await sim.run("3 ms");
    expect([...sim.state(cells, "v")]).toEqual([0.5, 0.5, 0.5]);
  },
);

it("a product with a false condition is 0 in synapses", () => {
  const synapse = sv.defineSynapse({
    ...about,
    states: { x: { initial: 0.5, summary: "value" } },
    onPre: { x: "x + (weight > 1) * log(weight)" },
  });
  const { values } = sv.simulateSynapses(synapse, { dt: 1, duration: 2, weight: -1, pre: [[1]] });
  expect(values.x!.at(-1)).toBe(0.5);
});

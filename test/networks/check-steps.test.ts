import { describe, expect, it } from "vitest";
import { rate } from "#spikevine/encoders/index";
import { dense, network } from "#spikevine/networks/index";
import { forwardEuler, li, lif, rk4 } from "#spikevine/neurons/index";
import { SpikevineError } from "#spikevine/src/errors";
import { record } from "#spikevine/src/training/index";

const made = (neuron: ReturnType<typeof lif>, dt: string, train: Record<string, "unit" | "layer"> = {}) =>
  network({
    inputs: 3,
    encoder: rate(),
    steps: 5,
    dt,
    layers: [dense(4, neuron, { trainable: train }), dense(2, li())],
  });

describe("a network refuses a step that is too long for the scheme of a layer", () => {
  const euler = lif({ tau: "2 ms" }).with({ integrator: forwardEuler });

  it("in one sentence with the layer, the step and the fix", () => {
    expect(() => made(euler, "5 ms")).toThrow(SpikevineError);
    expect(() => made(euler, "5 ms")).toThrow(
      "network: dt is 5 ms, and forwardEuler is stable up to 3.99 ms for v of neurons/lif (layer1); use dt up to 3.99 ms, or the integrator exponentialEuler.",
    );
    expect(() => made(lif({ tau: "2 ms" }).with({ integrator: rk4 }), "6 ms")).toThrow(/rk4 is stable up to 5.57 ms/);
  });

  it("accepts shorter steps, and any step with the exact scheme", () => {
    expect(made(euler, "3.99 ms").dt).toBe(3.99);
    expect(made(lif({ tau: "2 ms" }), "500 ms").dt).toBe(500);
  });

  it("with the values that trained parameters have, unit by unit", async () => {
    const net = made(euler, "3 ms", { tau: "unit" });
    net.parameters.get("layer1.tau")!.data[2] = 1;
    await expect(record(net, new Float32Array(3), { device: "reference" })).rejects.toThrow(
      /stable up to 1.99 ms for v of neurons\/lif \(layer1, unit 2\); use dt up to 1.99 ms, or the integrator exponentialEuler/,
    );
  });

  it("and steps that are none", () => {
    expect(() => made(lif(), "0 ms")).toThrow(/network: dt is 0 ms; give a time above 0/);
  });
});

import { describe, expect, it } from "vitest";
import { constantCurrent, rate } from "#spikevine/encoders/index";
import { dense, lastState, network } from "#spikevine/networks/index";
import { defineNeuron, li, lif, snu, ssnu } from "#spikevine/neurons/index";
import { adam, defineOptimizer } from "#spikevine/plasticity/index";
import { dataset } from "#spikevine/src/data/dataset";
import { openDevice } from "#spikevine/src/device/index";
import { type GradientOptions, gradients, type TrainingSnapshot, train } from "#spikevine/src/training/index";

const DEVICES = ["reference", "simd", "gpujs:cpu", "gpujs:webasm"] as const;

/** An optimizer that keeps the weights and stores the gradient. */
const keep = defineOptimizer({
  name: "keep",
  summary: "Keeps the gradient.",
  source: "test",
  parameters: {},
  states: { g: { initial: 0, summary: "the latest gradient" } },
  update: { g: "gradient" },
  weight: "weight",
});

const noisy = (count: number, pixels: number, classes: number) =>
  dataset({
    images: Float32Array.from({ length: count * pixels }, (_, i) => ((i * 37) % 101) / 101),
    labels: Uint8Array.from({ length: count }, (_, i) => i % classes),
  });

describe.each(DEVICES)("on %s", (device) => {
  it.each<[string, GradientOptions]>([
    ["defaults", {}],
    ["options", { loss: "mean-squared-error", reduction: "batch", truncationSteps: 3, seed: 8 }],
  ])("gradients equal those of the first update of a training: %s", async (_, options) => {
    const net = network({
      inputs: 9,
      encoder: rate(),
      steps: 7,
      layers: [
        dense(6, ssnu(), { bias: true, dropout: 0.3 }),
        dense(5, snu(), { recurrent: true, trainable: { decay: "layer" } }),
        dense(3, li(), { trainable: { rest: "unit" } }),
      ],
      readout: lastState("v"),
    });
    const data = noisy(8, 9, 3);
    const before = [...net.parameters].map(([name, { data: values }]) => [name, values.slice()]);
    const found = await gradients(net, data, { device, ...options });
    expect([...net.parameters].map(([name, { data: values }]) => [name, values])).toEqual(before);
    let snapshot: TrainingSnapshot | undefined;
    const onSnapshot = (kept: TrainingSnapshot): void => {
      snapshot = kept;
    };
    await train(net, { data, epochs: 1, optimizer: keep, device, onSnapshot, ...options });
    expect([...found.gradients.keys()]).toEqual([...net.parameters.keys()]);
    for (const [name, values] of found.gradients) {
      expect(values, name).toEqual(snapshot!.tensors.get(`${name}.g`)!.data);
      expect(Math.max(...values.map(Math.abs)), name).toBeGreaterThan(0);
    }
  });

  // Without an input the potential is `rest` at every step, from the start: dL/drest is dL/dv, +-1/2 at two equal outputs.
  it.each(["unit", "layer"] as const)("an initial value passes its gradient to its parameters, per %s", async (how) => {
    const layers = [dense(2, li(), { trainable: { rest: how } })];
    const net = network({ inputs: 1, encoder: constantCurrent(), steps: 5, readout: lastState("v"), layers });
    const data = dataset({ images: Float32Array.of(0), labels: [1], classes: 2 });
    const options = {
      device,
      loss: how === "unit" ? "cross-entropy" : "mean-squared-error",
      reduction: "sum",
    } as const;
    const [...rest] = (await gradients(net, data, options)).gradients.get("layer1.rest")!;
    // Squared error: 2 (v - t), summed over both units.
    const wanted = how === "unit" ? [0.5, -0.5] : [-2];
    rest.forEach((value, n) => {
      expect(value).toBeCloseTo(wanted[n]!, 5);
    });
    expect(rest.length).toBe(wanted.length);
  });

  it("only a window that contains the start reaches the initial value", async () => {
    const layers = [dense(1, li({ tau: "4 ms" }), { trainable: { rest: "unit" } })];
    const net = network({ inputs: 1, encoder: constantCurrent(), steps: 4, readout: lastState("v"), layers });
    const data = dataset({ images: Float32Array.of(0), labels: [0] });
    const slope = async (truncationSteps: number): Promise<number> => {
      const options = { device, loss: "mean-squared-error", truncationSteps };
      return (await gradients(net, data, options)).gradients.get("layer1.rest")![0]!;
    };
    // v of the last step is the decayed v of two steps before, and rest otherwise; dL/dv = 2 (0 - 1).
    expect(await slope(2)).toBeCloseTo(-2 * (1 - Math.exp(-2 / 4)), 5);
    expect(await slope(4)).toBeCloseTo(-2, 5);
  });

  it("an initial value may be any equation of several parameters", async () => {
    const neuron = defineNeuron({
      name: "started",
      summary: "test",
      source: "test",
      states: {
        s: { initial: "a * exp(b)", summary: "s" },
        w: { initial: "a > 1 ? sqrt(a - 1) : 2 * b", summary: "w" },
      },
      parameters: { a: { value: 0.5, summary: "a" }, b: { value: 0.25, summary: "b" } },
      update: { s: "0.5 * s + w + I", w: "w" },
      output: "s",
    });
    const layers = [dense(1, neuron, { trainable: { a: "unit", b: "layer" }, recurrent: true })];
    const net = network({ inputs: 1, encoder: constantCurrent(), steps: 2, readout: lastState("s"), layers });
    net.parameters.get("layer1.recurrent")!.data.fill(0);
    const data = dataset({ images: Float32Array.of(0), labels: [0] });
    const found = (await gradients(net, data, { device, loss: "mean-squared-error" })).gradients;
    // s after two steps: a exp(b) / 4 + 3/2 * 2 b.
    const error = 2 * ((0.5 * Math.exp(0.25)) / 4 + 3 * 0.25 - 1);
    expect(found.get("layer1.a")![0]).toBeCloseTo((error * Math.exp(0.25)) / 4, 5);
    expect(found.get("layer1.b")![0]).toBeCloseTo(error * ((0.5 * Math.exp(0.25)) / 4 + 3), 5);
  });
});

it("training moves a trained initial value", async () => {
  const layers = [dense(2, li(), { trainable: { rest: "unit" } })];
  const net = network({ inputs: 1, encoder: constantCurrent(), steps: 5, readout: lastState("v"), layers });
  const data = dataset({ images: Float32Array.of(0), labels: [1], classes: 2 });
  await train(net, { data, epochs: 300, optimizer: adam({ learningRate: 0.02 }), loss: "mean-squared-error" });
  const [first, second] = net.parameters.get("layer1.rest")!.data;
  expect(first).toBeCloseTo(0, 2);
  expect(second).toBeCloseTo(1, 2);
});

describe("gradients", () => {
  const net = network({ inputs: 4, encoder: rate(), steps: 3, layers: [dense(2, lif())] });
  const data = noisy(4, 4, 2);

  it("leaves an open device open", async () => {
    const { device } = await openDevice("reference");
    const first = await gradients(net, data, { device });
    expect(await gradients(net, data, { device })).toEqual(first);
    await device.dispose();
  });

  it.each<[GradientOptions, string]>([
    [{ loss: "hinge" }, 'gradients: loss is "hinge"'],
    [{ reduction: "means" as "mean" }, 'gradients: reduction is "means"; did you mean "mean"?'],
    [{ truncationSteps: 0 }, "gradients: truncationSteps is 0; give a whole number of at least 1."],
    [{ seed: 1.5 }, "gradients: seed is 1.5"],
    [{ epochs: 1 } as GradientOptions, 'gradients: unknown option "epochs"'],
  ])("refuses %o", async (options, message) => {
    await expect(gradients(net, data, { device: "reference", ...options })).rejects.toThrow(message);
  });

  it("refuses data that do not fit, and weights without a finite loss", async () => {
    await expect(gradients(net, noisy(4, 5, 2))).rejects.toThrow("5 values per sample");
    const graded = network({
      inputs: 1,
      encoder: constantCurrent(),
      steps: 9,
      layers: [dense(1, li(), { recurrent: true })],
    });
    graded.parameters.get("layer1.recurrent")!.data.fill(3e38);
    const one = dataset({ images: Float32Array.of(1), labels: [0] });
    await expect(gradients(graded, one, { device: "reference" })).rejects.toThrow("gradients: the loss is");
  });
});

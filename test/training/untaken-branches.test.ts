import { describe, expect, it } from "vitest";
import { constantCurrent, defineEncoder } from "#spikevine/encoders/index";
import { type DenseOptions, dense, lastOutput, type Network, network } from "#spikevine/networks/index";
import { defineNeuron, linear, type NeuronDefinition, surrogates } from "#spikevine/neurons/index";
import { dataset } from "#spikevine/src/data/dataset";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { gradients } from "#spikevine/src/training/index";

const DEVICES = ["reference", "simd", "gpujs:cpu", "gpujs:webasm"] as const;

const neuron = (update: string, parameters: Readonly<Record<string, number>> = {}): NeuronDefinition =>
  defineNeuron({
    name: "branches",
    summary: "test",
    source: "test",
    states: { s: { summary: "s" } },
    parameters: Object.fromEntries(Object.entries(parameters).map(([p, value]) => [p, { value, summary: p }])),
    update: { s: update },
    output: "s",
  });

type Slopes = readonly (readonly [input: number, slope: number])[];

/** d(equation)/dI at inputs where a branch that is not taken, or a masked value, has no finite derivative or value. */
const EQUATIONS: Readonly<Record<string, Slopes>> = {
  "I > 0 ? sqrt(I) : 0": [
    [0, 0],
    [-1, 0],
    [0.25, 1],
  ],
  "I > 0 ? sqrt(I) : 3 * I": [
    [0, 3],
    [-1, 3],
    [0.25, 1],
  ],
  "sqrt(relu(I))": [
    [0, 0],
    [-1, 0],
    [0.25, 1],
  ],
  "sqrt(abs(I))": [
    [0, 0],
    [-0.25, -1],
    [0.25, 1],
  ],
  "sign(I) * sqrt(abs(I))": [
    [0, 0],
    [-0.25, 1],
    [0.25, 1],
  ],
  "relu(I) ^ 0.3": [
    [0, 0],
    [-2, 0],
    [1, 0.3],
  ],
  "log(1 + relu(I)) + sqrt(relu(-I))": [
    [0, 0],
    [-0.25, -1],
    [1, 0.5],
  ],
  "I > 1 ? 1 / I : 0": [
    [0, 0],
    [-2, 0],
    [2, -0.25],
  ],
  "I == 0 ? 1 : tanh(I) / I": [
    [0, 0],
    [20, -1 / 400],
  ],
  "I > 0 ? I * log(I) : 2 * I": [
    [0, 2],
    [-3, 2],
    [1, 1],
  ],
  "I > 0 ? I ^ 0.3 : I": [
    [0, 1],
    [-3, 1],
    [1, 0.3],
  ],
  "I > 0 ? (I > 1 ? sqrt(I - 1) : log(I)) : (I < -1 ? 1 / (I + 1) : 3 * I)": [
    [0, 3],
    [-1, 3],
    [1, 1],
    [0.5, 2],
    [-2, -1],
    [1.25, 1],
  ],
  "I > 0 and I < 4 ? sqrt(I) : I": [
    [0, 1],
    [-1, 1],
    [5, 1],
    [0.25, 1],
  ],
  "I <= 0 or I > 4 ? I : sqrt(I)": [
    [0, 1],
    [-1, 1],
    [5, 1],
    [0.25, 1],
  ],
  "not (I > 0) ? 2 * I : sqrt(I)": [
    [0, 2],
    [-1, 2],
    [0.25, 1],
  ],
  "I < 50 ? exp(I / 10) : I": [
    [2000, 1],
    [0, 0.1],
  ],
  "I < 1e3 ? I^4 : I": [
    [1e12, 1],
    [1, 4],
  ],
  "min(sqrt(relu(I)), 0.5)": [
    [0, 0],
    [-1, 0],
    [4, 0],
    [0.16, 1.25],
  ],
  "max(log(relu(I)), I)": [
    [0, 1],
    [-1, 1],
    [2, 1],
  ],
  "(I > 0) * I + sqrt(relu(I))": [
    [0, 0],
    [-1, 0],
    [0.25, 2],
  ],
  "clip(I, 0, 1) ^ 1.5": [
    [0, 0],
    [-1, 0],
    [1, 1.5],
    [4, 0],
  ],
  "sqrt(max(0, I))": [
    [0, 0],
    [-1, 0],
    [0.25, 1],
  ],
  "sqrt(step(I) * I)": [
    [0, 0],
    [-1, 0],
    [0.25, 1],
  ],
  "1 / (I > 1 ? I : 1)": [
    [0, 0],
    [1, 0],
    [2, -0.25],
  ],
  "I > 0 ? sqrt(I) / I + log(I) : I": [
    [0, 1],
    [-1, 1],
    [1, 0.5],
  ],
};

/** So small that the output of the network is nearly 0, and its error -2. */
const SMALL = 2 ** -70;

/**
 * One unit per input: its weight is the input, and dL/d of the weight is -2 * SMALL times the slope of the equation.
 */
function unitsOf(unit: NeuronDefinition, inputs: readonly number[], more: DenseOptions = {}) {
  const layers = [dense(inputs.length, unit, more), dense(1, linear())];
  const net = network({ inputs: 1, encoder: constantCurrent(), steps: 1, readout: lastOutput(), layers });
  net.parameters.get("layer1.weights")!.data.set(inputs);
  net.parameters.get("layer2.weights")!.data.fill(SMALL);
  return net;
}

const one = dataset({ images: Float32Array.of(1), labels: [0] });

async function slopesOf(net: Network, array: string, device: string): Promise<number[]> {
  const found = await gradients(net, one, { device, loss: "mean-squared-error", reduction: "sum" });
  return [...found.gradients.get(array)!].map((value) => value / (-2 * SMALL));
}

function expectSlopes(found: readonly number[], wanted: readonly number[]): void {
  expect(found.length).toBe(wanted.length);
  found.forEach((slope, n) => {
    expect(Math.abs(slope - wanted[n]!), `${found} for ${wanted}`).toBeLessThan(2e-5 * (1 + Math.abs(wanted[n]!)));
  });
}

describe.each(DEVICES)("on %s", (device) => {
  it.each(Object.entries(EQUATIONS))("%s", async (update, slopes) => {
    const inputs = slopes.map(([input]) => input);
    const wanted = slopes.map(([, slope]) => slope);
    expectSlopes(await slopesOf(unitsOf(neuron(update), inputs), "layer1.weights", device), wanted);
    if (device === "gpujs:webasm") return; // The kernels are those of gpujs:cpu, and slow to compile.
    const graded = defineNeuron({ name: "output", summary: "test", source: "test", output: update });
    expectSlopes(await slopesOf(unitsOf(graded, inputs), "layer1.weights", device), wanted);
    const recurrent = unitsOf(neuron(update), inputs, { recurrent: true });
    expectSlopes(await slopesOf(recurrent, "layer1.weights", device), wanted);
  });

  it("a power of 0 does not depend on its exponent, and 0 to a power does not depend on it either", async () => {
    const net = unitsOf(neuron("relu(I) ^ a", { a: 0.4 }), [0, -1, 2], { trainable: { a: "unit" } });
    expectSlopes(await slopesOf(net, "layer1.a", device), [0, 0, 2 ** 0.4 * Math.log(2)]);
    const toNothing = unitsOf(neuron("I ^ a", { a: 0 }), [0, 3], { trainable: { a: "layer" } });
    expectSlopes(await slopesOf(toNothing, "layer1.weights", device), [0, 0]);
  });

  it("a branch on a trained parameter", async () => {
    const net = unitsOf(neuron("a > 0 ? I / a + log(a) : 2 * I - a", { a: 0 }), [3, 1], { trainable: { a: "unit" } });
    expectSlopes(await slopesOf(net, "layer1.weights", device), [2, 2]);
    expectSlopes(await slopesOf(net, "layer1.a", device), [-1, -1]);
    net.parameters.get("layer1.a")!.data.fill(2);
    expectSlopes(await slopesOf(net, "layer1.a", device), [0.5 - 3 / 4, 0.5 - 1 / 4]);
  });

  it.each(Object.entries(surrogates))("a spike far from its threshold, %s", async (_, surrogate) => {
    // log(0) is infinite; 1/v is not a number there.
    const log = defineNeuron({
      name: "log",
      summary: "test",
      source: "test",
      states: { v: { summary: "v" } },
      update: { v: "relu(I)" },
      spike: "log(v)",
      surrogate: surrogate(),
    });
    const [silent, negative, firing] = await slopesOf(unitsOf(log, [0, -1, 1.25]), "layer1.weights", device);
    expect([silent, negative].map((slope) => Math.abs(slope!))).toEqual([0, 0]);
    expect(firing).toBeGreaterThan(0);
  });

  it("a step whose output is not used", async () => {
    const root = defineNeuron({
      name: "root",
      summary: "test",
      source: "test",
      states: { v: { summary: "v" } },
      update: { v: "v + I" },
      output: "sqrt(v)",
    });
    const late = defineEncoder({ name: "late", summary: "test", source: "test", current: "t >= 2 ? x : 0" });
    const net = network({ inputs: 1, encoder: late, steps: 4, readout: lastOutput(), layers: [dense(1, root)] });
    net.parameters.get("layer1.weights")!.data.fill(2);
    const found = await gradients(net, one, { device, loss: "mean-squared-error" });
    // (sqrt(2 w) - 1)^2
    expect(found.gradients.get("layer1.weights")![0]).toBeCloseTo(2 * (2 - 1) * (1 / 2), 5);
  });
});

it("double precision has the same zeros", async () => {
  const device = await referenceDevice({ precision: "double" });
  for (const [update, slopes] of Object.entries(EQUATIONS)) {
    const net = unitsOf(
      neuron(update),
      slopes.map(([input]) => input),
    );
    const found = await gradients(net, one, { device, loss: "mean-squared-error", reduction: "sum" });
    const values = [...found.gradients.get("layer1.weights")!].map((value) => value / (-2 * SMALL));
    expectSlopes(
      values,
      slopes.map(([, slope]) => slope),
    );
  }
  await device.dispose();
});

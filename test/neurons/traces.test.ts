import { describe, expect, it } from "vitest";
import { li, lif, type NeuronDefinition, relu, snu, ssnu, tanh } from "#spikevine/neurons/index";
import { initialStart, scan } from "./scan.js";

function trace(neuron: NeuronDefinition, currents: readonly number[], dt: number | string = 1) {
  const kernel = neuron.kernel({ dt });
  const parameters = Object.fromEntries(kernel.parameters.map((p) => [p, neuron.parameters[p]!.value]));
  return scan(kernel, parameters, currents, initialStart(kernel, parameters));
}

const states = (record: ReturnType<typeof scan>, name: string) => record.stored.map((s) => s[`now__${name}`]!);

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 12);
  });
}

describe("snu", () => {
  it("clears its state after a spike", () => {
    const record = trace(snu({ decay: 0.5 }), [0.8, 0.8, 0.4, -2, 1.5]);
    // 0.8; 0.8 + 0.4 = 1.2 fires; 0.4 from 0; 0.2 - 2 cut at 0; 1.5 fires
    expectClose(states(record, "s"), [0.8, 1.2, 0.4, 0, 1.5]);
    expect(record.outputs).toEqual([0, 1, 0, 0, 1]);
  });

  it("subtracts the threshold", () => {
    const record = trace(snu({ decay: 0.5, reset: "subtract" }), [0.8, 1.2, 0.4, 1]);
    // 0.8; 1.2 + 0.4 = 1.6 fires; 0.4 + 0.5 (1.6 - 1) = 0.7; 1 + 0.35 fires
    expectClose(states(record, "s"), [0.8, 1.6, 0.7, 1.35]);
    expect(record.outputs).toEqual([0, 1, 0, 1]);
  });

  it("loses a part of its state in proportion to the soft output", () => {
    const record = trace(snu({ decay: 0.5, reset: "proportional" }), [1, 0, 0]);
    const s1 = 0.5 * 1 * (1 - 0.5);
    const s2 = 0.5 * s1 * (1 - 1 / (1 + Math.exp(1 - s1)));
    expectClose(states(record, "s"), [1, s1, s2]);
    // The state equal to the threshold does not fire.
    expect(record.outputs).toEqual([0, 0, 0]);
  });

  it("has three activations", () => {
    expectClose(states(trace(snu({ activation: "identity" }), [-1, -1]), "s"), [-1, -1.8]);
    expectClose(states(trace(snu({ activation: "leakyRelu" }), [-1, 0.5]), "s"), [-0.1, 0.42]);
    expectClose(states(trace(snu(), [-1, 0.5]), "s"), [0, 0.5]);
  });

  it("does not depend on dt", () => {
    expect(trace(snu(), [0.7, 0.7, 0.7], "0.1 ms").outputs).toEqual(trace(snu(), [0.7, 0.7, 0.7], "5 ms").outputs);
  });
});

describe("ssnu", () => {
  it("has a graded output and a partial reset", () => {
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    const record = trace(ssnu({ decay: 0.5 }), [2, 0.3]);
    const y0 = sigmoid(1);
    const s1 = 0.3 + 0.5 * 2 * (1 - y0);
    expectClose(states(record, "s"), [2, s1]);
    expectClose(record.outputs, [y0, sigmoid(s1 - 1)]);
    expect(trace(ssnu({ decay: 0.5, reset: "proportional" }), [2, 0.3])).toEqual(record);
  });

  it("subtracts the graded output times the threshold", () => {
    const record = trace(ssnu({ decay: 0.5, reset: "subtract", threshold: 2 }), [2, 0.3]);
    expectClose(states(record, "s"), [2, 0.3 + 0.5 * (2 - 2 * 0.5)]);
  });
});

describe("lif", () => {
  // One step of dt = tau ln 2 halves the distance to the resting value plus the current.
  const tau = `${1 / Math.LN2} ms`;

  it("relaxes exactly and returns to rest at a spike", () => {
    const record = trace(lif({ tau }), [1.5, 1.5, 1.5, 1.5]);
    // 0.75; 1.125 fires; from 0 again
    expectClose(states(record, "v"), [0.75, 1.125, 0.75, 1.125]);
    expect(record.outputs).toEqual([0, 1, 0, 1]);
  });

  it("keeps the excess over the threshold with reset subtract", () => {
    const record = trace(lif({ tau, reset: "subtract" }), [1.5, 1.5, 1.5]);
    // 0.75; 1.125 fires and leaves 0.125; (0.125 + 1.5) / 2
    expectClose(states(record, "v"), [0.75, 1.125, 0.8125]);
  });

  it("keeps a fraction with reset soft", () => {
    const record = trace(lif({ tau, reset: "soft", retention: 0.2 }), [1.5, 1.5, 1.5]);
    expectClose(states(record, "v"), [0.75, 1.125, (0.2 * 1.125 + 1.5) / 2]);
  });

  it("holds v for the refractory period", () => {
    const record = trace(lif({ tau, refractory: "2 ms" }), Array(7).fill(4));
    // 2 fires; held at rest for two steps; 2 fires ...
    expectClose(states(record, "v"), [2, 0, 0, 2, 0, 0, 2]);
    expectClose(states(record, "r"), [-1, 1, 0, -1, 1, 0, -1]);
    expect(record.outputs).toEqual([1, 0, 0, 1, 0, 0, 1]);
  });

  it("does not fire while refractory, even if the reset leaves it above the threshold", () => {
    const record = trace(lif({ tau, reset: "subtract", refractory: "2 ms" }), [8, 0, 0, 0, 0]);
    // 4 fires and leaves 3, held for two steps; then 1.5 fires
    expectClose(states(record, "v"), [4, 3, 3, 1.5, 0.5]);
    expect(record.outputs).toEqual([1, 0, 0, 1, 0]);
  });

  it("counts the refractory period exactly at small steps", () => {
    const { outputs } = trace(lif({ refractory: "2 ms" }), Array(60).fill(1000), "0.1 ms");
    const times = outputs.flatMap((y, t) => (y > 0 ? [t] : []));
    expect(times).toEqual([0, 21, 42]);
  });

  it("works in mV and pA", () => {
    const neuron = lif({ tau, threshold: "-50 mV", rest: "-70 mV", resistance: "100 MOhm" });
    // 100 MOhm * 300 pA = 30 mV: half way at -55, then -47.5, which fires
    const record = trace(neuron, [300, 300, 300]);
    expectClose(states(record, "v"), [-55, -47.5, -55]);
    expect(record.outputs).toEqual([0, 1, 0]);
  });

  it("gives the same potential for any dt while it does not fire", () => {
    const coarse = states(trace(lif(), Array(4).fill(0.9), "5 ms"), "v").at(-1)!;
    const fine = states(trace(lif(), Array(200).fill(0.9), "0.1 ms"), "v").at(-1)!;
    expect(fine).toBeCloseTo(coarse, 12);
    expect(coarse).toBeCloseTo(0.9 * (1 - Math.exp(-1)), 12);
  });
});

describe("graded units", () => {
  it("li outputs its potential", () => {
    const { outputs } = trace(li({ tau: "2 ms", rest: 1 }), [3, 0]);
    const v0 = 4 - 3 * Math.exp(-0.5);
    expectClose(outputs, [v0, 1 + (v0 - 1) * Math.exp(-0.5)]);
  });

  it("relu and tanh have no memory", () => {
    expect(trace(relu(), [-1, 2]).outputs).toEqual([0, 2]);
    expectClose(trace(tanh(), [-1, 2]).outputs, [Math.tanh(-1), Math.tanh(2)]);
  });
});

import { describe, expect, it } from "vitest";
import {
  alif,
  alpha,
  fastSigmoid,
  integrator,
  leaky,
  li,
  lif,
  type NeuronDefinition,
  relu,
  rLeaky,
  type SurrogateDefinition,
  snu,
  ssnu,
  synaptic,
  tanh,
} from "#spikevine/neurons/index";
import { constant, evaluate } from "#spikevine/src/equations/language/expression";
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

// Traces of snnTorch 0.9.4: its `forward` of each neuron, computed by hand for one unit. The reset of a step is the spike
// of the step before, and beta acts on the potential before the reset.
describe("leaky", () => {
  it("subtracts the threshold one step after the spike", () => {
    const record = trace(leaky({ beta: 0.5 }), [0.8, 1, 1, 0.25, 0.25]);
    // 0.8; 0.4 + 1 fires; 0.7 + 1 - 1; 0.35 + 0.25; 0.3 + 0.25
    expectClose(states(record, "v"), [0.8, 1.4, 0.7, 0.6, 0.55]);
    expect(record.outputs).toEqual([0, 1, 0, 0, 0]);
  });

  it("starts again at 0, or is not reset", () => {
    const zero = trace(leaky({ beta: 0.5, reset: "zero" }), [0.8, 1, 1, 0.25, 0.25]);
    // 1.4 fires; 0 + 1 is not above the threshold; 0.5 + 0.25
    expectClose(states(zero, "v"), [0.8, 1.4, 1, 0.75, 0.625]);
    expect(zero.outputs).toEqual([0, 1, 0, 0, 0]);
    const none = trace(leaky({ beta: 0.5, reset: "none" }), [0.8, 1, 1, 0.25, 0.25]);
    expectClose(states(none, "v"), [0.8, 1.4, 1.7, 1.1, 0.8]);
    expect(none.outputs).toEqual([0, 1, 1, 1, 0]);
  });

  it("does not depend on dt, and has snnTorch's defaults", () => {
    expect(trace(leaky(), [0.7, 0.7], "0.1 ms").stored).toEqual(trace(leaky(), [0.7, 0.7], "5 ms").stored);
    const { beta, threshold } = leaky().parameters;
    expect([beta!.value, threshold!.value, leaky().surrogate!.name]).toEqual([0.9, 1, "arctan"]);
    // snnTorch: atan(alpha=2) is 1 / (1 + (pi z)^2), fast_sigmoid(slope=25) is 1 / (25 |z| + 1)^2; at z = 0.1
    const at = (surrogate: SurrogateDefinition) => evaluate({ slope: surrogate.derivative(constant(0.1)) }, {}).slope!;
    expect(at(leaky().surrogate!)).toBeCloseTo(1 / (1 + (0.1 * Math.PI) ** 2), 12);
    expect(at(fastSigmoid({ slope: 25 }))).toBeCloseTo(1 / 3.5 ** 2, 12);
  });
});

describe("synaptic", () => {
  const currents = [0.8, 0.8, 0, 0, 0.5, 0];
  const neuron = (reset: "subtract" | "zero" | "none") => trace(synaptic({ alpha: 0.5, beta: 0.5, reset }), currents);

  it("adds the new synaptic current and subtracts the threshold one step after the spike", () => {
    const record = neuron("subtract");
    // syn: 0.8, 0.4 + 0.8, 0.6, 0.3, 0.15 + 0.5, 0.325
    expectClose(states(record, "syn"), [0.8, 1.2, 0.6, 0.3, 0.65, 0.325]);
    // v: 0.8; 0.4 + 1.2 fires; 0.8 + 0.6 - 1; 0.2 + 0.3; 0.25 + 0.65; 0.45 + 0.325
    expectClose(states(record, "v"), [0.8, 1.6, 0.4, 0.5, 0.9, 0.775]);
    expect(record.outputs).toEqual([0, 1, 0, 0, 0, 0]);
  });

  it("resets the potential to 0, but not the current", () => {
    const record = neuron("zero");
    expectClose(states(record, "syn"), [0.8, 1.2, 0.6, 0.3, 0.65, 0.325]);
    expectClose(states(record, "v"), [0.8, 1.6, 0, 0.3, 0.8, 0.725]);
    const none = neuron("none");
    expectClose(states(none, "v"), [0.8, 1.6, 1.4, 1, 1.15, 0.9]);
    expect(none.outputs).toEqual([0, 1, 1, 0, 1, 0]);
  });
});

describe("alpha", () => {
  // log(0.5) / (log(0.25) - log(0.5)) + 1 = 2
  const neuron = (reset: "subtract" | "zero" | "none") =>
    trace(alpha({ alpha: 0.5, beta: 0.25, reset }), [2, 2, 0, 0, 1, 2]);

  it("rises after its input and is set to 0 with both currents one step after the spike", () => {
    const record = neuron("zero");
    expectClose(states(record, "exc"), [2, 3, 1.5, 0, 1, 2.5]);
    expectClose(states(record, "inh"), [-2, -2.5, -0.625, 0, -1, -2.25]);
    // 2 (exc + inh): 0; 1 is not above the threshold; 1.75 fires; 0; 0; 0.5
    expectClose(states(record, "v"), [0, 1, 1.75, 0, 0, 0.5]);
    expect(record.outputs).toEqual([0, 0, 1, 0, 0, 0]);
  });

  it("subtracts as snnTorch's code does", () => {
    const record = neuron("subtract");
    // After the spike: exc 0.75 - 1, inh 0, v 2 (0.75 - 0.15625) - 0.625
    expectClose(states(record, "exc"), [2, 3, 1.5, -0.25, 0.875, 2.4375]);
    expectClose(states(record, "inh"), [-2, -2.5, -0.625, 0, -1, -2.25]);
    expectClose(states(record, "v"), [0, 1, 1.75, 0.5625, -0.25, 0.375]);
  });

  it("goes on without a reset", () => {
    const record = neuron("none");
    expectClose(states(record, "v"), [0, 1, 1.75, 1.1875, 0.671875, 0.85546875]);
    expect(record.outputs).toEqual([0, 0, 1, 1, 0, 0]);
  });

  it("refuses an alpha that is not above beta", () => {
    expect(() => alpha({ alpha: 0.5 })).toThrow(
      "neurons/alpha: alpha is 0.5 and beta is 0.8; give an alpha above beta",
    );
  });
});

describe("rLeaky", () => {
  const neuron = (reset: "subtract" | "zero" | "none") =>
    trace(rLeaky({ beta: 0.5, V: 0.75, reset }), [1.5, 0.5, 0.5, 0, 0.25]);

  it("receives V times its own previous spike, and is reset by it", () => {
    const record = neuron("subtract");
    // 1.5 fires; 0.75 + 0.5 + 0.75 - 1 is not above the threshold; 0.5 + 0.5; 0.5; 0.25 + 0.25
    expectClose(states(record, "v"), [1.5, 1, 1, 0.5, 0.5]);
    expect(record.outputs).toEqual([1, 0, 0, 0, 0]);
    expectClose(states(neuron("zero"), "v"), [1.5, 0, 0.5, 0.25, 0.375]);
    const none = neuron("none");
    expectClose(states(none, "v"), [1.5, 2, 2.25, 1.875, 1.9375]);
    expect(none.outputs).toEqual([1, 1, 1, 1, 1]);
  });

  it("has no V if its layer has recurrent weights, and trains it otherwise", () => {
    expect(Object.keys(rLeaky({ allToAll: true }).parameters)).toEqual(["beta", "threshold"]);
    expect(rLeaky().parameters.V!.train).toBe("layer");
    expect(() => rLeaky({ allToAll: true, V: 1 })).toThrow("neurons/rLeaky: V is 1, but allToAll replaces V");
    // The whole sum is set to 0 after a spike, the recurrent current included; `leaky` keeps the current.
    expectClose(states(trace(rLeaky({ allToAll: true, reset: "zero" }), [1.5, 0.7]), "v"), [1.5, 0]);
    expectClose(states(trace(leaky({ reset: "zero" }), [1.5, 0.7]), "v"), [1.5, 0.7]);
  });
});

describe("alif", () => {
  it("raises its threshold at every spike", () => {
    // exp(-dt / tau) = 1/2, exp(-dt / tauA) = 3/4
    const neuron = alif({ tau: `${1 / Math.LN2} ms`, tauA: `${-1 / Math.log(0.75)} ms`, beta: 0.5 });
    const record = trace(neuron, [1.2, 1, 1, 1.2]);
    // 1.2 fires; 0.6 + 1 - 1 = 0.6; 0.3 + 1 is below 1.375; 0.65 + 1.2 is above 1.28125
    expectClose(states(record, "v"), [1.2, 0.6, 1.3, 1.85]);
    expectClose(states(record, "a"), [0, 1, 0.75, 0.5625]);
    expect(record.outputs).toEqual([1, 0, 0, 1]);
  });
});

describe("integrator", () => {
  it("adds its currents, fires at the threshold itself and returns to rest", () => {
    const record = trace(integrator(), [0.5, 0.5, 0.75, 0.5]);
    expectClose(states(record, "v"), [0.5, 1, 0.75, 1.25]);
    expect(record.outputs).toEqual([0, 1, 0, 1]);
    expectClose(states(trace(integrator({ rest: -0.5 }), [0.5, 1, 1]), "v"), [0, 1, 0.5]);
  });

  it("keeps the excess with reset subtract", () => {
    const record = trace(integrator({ reset: "subtract", threshold: 2 }), [2.5, 1, 0.5]);
    expectClose(states(record, "v"), [2.5, 1.5, 2]);
    expect(record.outputs).toEqual([1, 0, 1]);
  });
});

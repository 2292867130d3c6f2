import { describe, expect, it } from "vitest";
import {
  defineNeuron,
  forwardEuler,
  li,
  lif,
  linear,
  type NeuronDefinition,
  relu,
  snu,
  ssnu,
  surrogates,
  tanh,
} from "#spikevine/neurons/index";
import { drawUniform, rowKey } from "#spikevine/src/random/counter";
import { adjointScan, initialStart, scan } from "./scan.js";

const STEPS = 8;
const ACTIVATIONS = ["relu", "identity", "leakyRelu"] as const;
const UNIT_RESETS = ["zero", "subtract", "proportional"] as const;
const LIF_RESETS = ["zero", "subtract", "soft"] as const;

interface Case {
  readonly title: string;
  readonly neuron: NeuronDefinition;
  /** Range of the random currents. */
  readonly low: number;
  readonly high: number;
}

function cases(): Case[] {
  const list: Case[] = [
    { title: "relu", neuron: relu(), low: -1, high: 1 },
    { title: "tanh", neuron: tanh(), low: -1, high: 1 },
    { title: "linear", neuron: linear(), low: -1, high: 1 },
    { title: "li", neuron: li(), low: -1, high: 3 },
    { title: "two coupled states", neuron: coupled(), low: -1, high: 3 },
    { title: "a gated conductance", neuron: conductance(), low: 0.5, high: 2 },
  ];
  for (const activation of ACTIVATIONS) {
    for (const reset of UNIT_RESETS) {
      list.push({ title: `ssnu ${activation} ${reset}`, neuron: ssnu({ activation, reset }), low: -0.5, high: 1.2 });
      for (const [name, make] of Object.entries(surrogates)) {
        // At a threshold of 1, a silent unit would sit on the corner of the triangle.
        const neuron = snu({ activation, reset, threshold: 0.93, surrogate: make() });
        list.push({ title: `snu ${activation} ${reset} ${name}`, neuron, low: -0.5, high: 1.2 });
      }
    }
  }
  for (const [name, make] of Object.entries(surrogates)) {
    for (const reset of LIF_RESETS) {
      const surrogate = make();
      list.push({ title: `lif ${reset} ${name}`, neuron: lif({ reset, surrogate }), low: -5, high: 30 });
      list.push({
        title: `lif refractory ${reset} ${name}`,
        neuron: lif({ reset, surrogate, refractory: "2 ms" }),
        low: -5,
        high: 30,
      });
      list.push({
        title: `lif in mV ${reset} ${name}`,
        neuron: lif({ reset, surrogate, threshold: "-50 mV" }),
        low: -500,
        high: 4000,
      });
    }
  }
  return list;
}

/** An adaptive threshold by forward Euler beside a difference equation: mixed kinds, coupled both ways. */
function coupled(): NeuronDefinition {
  return defineNeuron({
    name: "coupled",
    summary: "test",
    source: "test",
    states: { v: { initial: 0.1, summary: "v" }, w: { initial: "rest_w", summary: "w" } },
    parameters: {
      tau: { value: "5 ms", summary: "tau" },
      rest_w: { value: 0.2, summary: "rest of w" },
      b: { value: 0.7, summary: "coupling" },
    },
    dynamics: { v: "(-v + I - w * v^2) / tau" },
    update: { w: "0.9 * w + b * y + 0.05 * sin(v) * exp(-w)" },
    integrator: forwardEuler,
    output: "tanh(v - w) * I",
    reset: { v: "v * (1 - 0.5 * y)", w: "w + 0.1 * v * y" },
  });
}

/** The rate of its own variable depends on the input, so exponential Euler is differentiated through its gain. */
function conductance(): NeuronDefinition {
  return defineNeuron({
    name: "conductance",
    summary: "test",
    source: "test",
    states: { v: { summary: "v" } },
    parameters: { tau: { value: "5 ms", summary: "tau" }, reversal: { value: 3, summary: "reversal" } },
    dynamics: { v: "(-v + I * (reversal - v)) / tau" },
    output: "v",
  });
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

describe("adjoint of a whole scan against central differences", () => {
  it.each(cases().map((c) => [c.title, c] as const))("%s", (_, { neuron, low, high }) => {
    const kernel = neuron.kernel({ dt: "1 ms", smooth: true });
    const parameters = Object.fromEntries(kernel.parameters.map((p) => [p, neuron.parameters[p]!.value]));
    const draw = (purpose: number, i: number) => drawUniform(rowKey(11, purpose), i);
    const currents = Array.from({ length: STEPS }, (_, t) => low + (high - low) * draw(1, t));
    const errors = currents.map((_, t) => draw(2, t) - 0.3);
    const start: Record<string, number> = { ...initialStart(kernel, parameters), y: 0.37 };
    // Not the refractory time: counted down to its end it sits on the corner of its own max().
    const watched = kernel.states.filter((state) => state !== "r");
    const stateErrors = Object.fromEntries(
      watched.map((state, i) => [state, currents.map((_, t) => 0.2 * (draw(3 + i, t) - 0.5))]),
    );
    // States are counted from where they start, which changes no derivative and spares the differences digits.
    const loss = (p: Record<string, number>, c: readonly number[], from: Record<string, number>) => {
      const { outputs, stored } = scan(kernel, p, c, from);
      const track = (state: string) => stored.map((values) => values[`now__${state}`]! - start[state]!);
      return watched.reduce((sum, state) => sum + dot(stateErrors[state]!, track(state)), dot(errors, outputs));
    };
    const record = scan(kernel, parameters, currents, start);
    const found = adjointScan(kernel, parameters, record, start, errors, stateErrors);

    const scale = Math.max(...found.currents.map(Math.abs));
    expect(scale).toBeGreaterThan(0);
    const check = (exact: number, at: number, lossAt: (value: number) => number) => {
      const h = 1e-5 * Math.max(1, Math.abs(at));
      // Of fourth order, since the resets make the loss curve strongly.
      const slope = (width: number) => (lossAt(at + width) - lossAt(at - width)) / (2 * width);
      const numeric = (4 * slope(h) - slope(2 * h)) / 3;
      expect(Math.abs(exact - numeric) / Math.max(Math.abs(numeric), scale, 1e-3)).toBeLessThan(1e-6);
    };
    currents.forEach((current, t) => {
      check(found.currents[t]!, current, (value) => loss(parameters, currents.with(t, value), start));
    });
    for (const name of [...kernel.states, "y"]) {
      check(found.start[name]!, start[name]!, (value) => loss(parameters, currents, { ...start, [name]: value }));
    }
    for (const p of kernel.parameters) {
      check(found.parameters[p]!, parameters[p]!, (value) => loss({ ...parameters, [p]: value }, currents, start));
    }
  });
});

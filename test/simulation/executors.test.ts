import { describe, expect, it } from "vitest";
import {
  adex,
  cobaLif,
  cubaLif,
  forwardEuler,
  hodgkinHuxley,
  izhikevich,
  lif,
  type NeuronDefinition,
} from "#spikevine/neurons/index";
import { type Simulation, simulation, uniform } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

type Way = (typeof WAYS)[number][1];

/** Results in single precision, in double precision, and of the reference implementation. */
async function everyWay<T>(run: (way: Way) => Promise<T>): Promise<[T, T, T]> {
  const [single, double, plain] = WAYS.map(([, way]) => way) as [Way, Way, Way];
  return [await run(single), await run(double), await run(plain)];
}

/** Largest difference between two arrays, relative to the scale given. */
function largest(a: ArrayLike<number>, b: ArrayLike<number>, scale: number): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, k) => Math.max(most, Math.abs(value - b[k]!) / scale), 0);
}

describe("the executors take the same steps", () => {
  const current = (neuron: NeuronDefinition, value: number) =>
    neuron.input.unit === undefined ? value : `${value} pA`;
  it.each<[string, NeuronDefinition, number, number]>([
    ["cuba-lif", cubaLif(), 30, 60],
    ["coba-lif", cobaLif(), 150, 60],
    ["adex", adex(), 900, 60],
    ["izhikevich", izhikevich(), 8, 60],
    ["hodgkin-huxley", hodgkinHuxley(), 2000, 20],
    ["traub-miles", hodgkinHuxley({ channels: "traubMiles" }), 200, 20],
    ["lif", lif({ threshold: "-50 mV" }), 180, 60],
    ["lif with forward Euler", lif({ threshold: "-50 mV" }).with({ integrator: forwardEuler }), 180, 60],
  ])("%s", async (_, neuron, drive, duration) => {
    // Seven neurons: one group of four lanes, and one that is not full.
    const run = async (way: Way) => {
      const sim = simulation(way);
      const cells = sim.population("cells", 7, neuron);
      sim.input(cells, { current: Array.from({ length: 7 }, (_, i) => current(neuron, drive * (1 + i / 20))) });
      const v = sim.monitor.state(cells, "v");
      const spikes = sim.monitor.spikes(cells);
      await sim.run(`${duration} ms`);
      return { v: v.values, spikes: spikes.trains() };
    };
    const [single, double, plain] = await everyWay(run);
    expect(plain.spikes.every((train) => train.length > 0)).toBe(true);
    // Before the first spike of any neuron, so that a spike one step later does not count as a difference of 100 mV.
    const quiet = Math.round(Math.min(...plain.spikes.map((train) => train[0]!)) / 0.1) * 7;
    const apart = ({ v }: typeof plain) => largest(v.subarray(0, quiet), plain.v.subarray(0, quiet), 100);
    expect(apart(single)).toBeLessThan(2e-4);
    expect(apart(double)).toBeLessThan(1e-12);
    expect(double.spikes).toEqual(plain.spikes);
    single.spikes.forEach((train, unit) => {
      expect(largest(train, plain.spikes[unit]!, 1)).toBeLessThanOrEqual(0.1 + 1e-9);
    });
  });
});

/** A small balanced network with every kind of input. */
function network(way: Way = {}): {
  sim: Simulation;
  run: (duration?: string) => Promise<{ spikes: number[][][]; v: number[]; g: number[] }>;
} {
  const sim = simulation({ seed: 5, ...way });
  const exc = sim.population("exc", 81, cobaLif(), { initial: { v: uniform("-60 mV", "-50 mV") } });
  const inh = sim.population("inh", 22, cobaLif(), { initial: { v: uniform("-60 mV", "-50 mV") } });
  const noise = sim.source("noise", 30, { poisson: "50 Hz" });
  const tap = sim.source("tap", 3, {
    spikes: [
      ["5 ms", 2],
      ["1 ms", 0],
      ["1 ms", 1],
    ],
  });
  sim.connect(exc, [exc, inh], { pattern: { probability: 0.1 }, target: "ge", weight: "5 nS", delay: "0.7 ms" });
  const weight = uniform("10 nS", "60 nS");
  sim.connect(inh, [exc, inh], { pattern: { inDegree: 5 }, target: "gi", weight, delay: uniform("0.3 ms", "2 ms") });
  sim.connect(noise, exc, { pattern: { inDegree: 4 }, target: "ge", weight: "9 nS", delay: "1.5 ms" });
  sim.connect(tap, exc, { pattern: "all-to-all", target: "ge", weight: "3 nS" });
  sim.input(exc, { poisson: { rate: "2 kHz", weight: "1.2 nS", target: "ge" } });
  sim.input(exc, { spikes: [["2 ms", 3]], weight: "30 nS", target: "ge" });
  sim.input(inh, { current: "120 pA" });
  sim.input(inh, { array: Float32Array.of(0, 40, 80), dt: "3 ms" });
  sim.input(inh, { array: Float32Array.from({ length: 44 }, (_, k) => k), dt: "2 ms", perNeuron: true });
  const monitors = { exc: sim.monitor.spikes(exc), inh: sim.monitor.spikes(inh), noise: sim.monitor.spikes(noise) };
  const run = async (duration = "30 ms") => {
    await sim.run(duration);
    return {
      spikes: Object.values(monitors).map(({ times, indices: units }) => [[...times], [...units]]),
      v: [...sim.state(exc, "v"), ...sim.state(inh, "v")],
      g: [...sim.state(exc, "ge"), ...sim.state(exc, "gi"), ...sim.state(inh, "gi")],
    };
  };
  return { sim, run };
}

describe("a network with every kind of input", () => {
  it("gives the same spikes on every executor, and states within the precision", async () => {
    const [single, double, plain] = await everyWay((way) => network(way).run());
    expect(plain.spikes[0]![0]!.length).toBeGreaterThan(20);
    expect(plain.spikes[1]![0]!.length).toBeGreaterThan(5);
    expect(single.spikes).toEqual(plain.spikes);
    expect(double.spikes).toEqual(plain.spikes);
    expect(largest(single.v, plain.v, 100)).toBeLessThan(1e-4);
    expect(largest(single.g, plain.g, 100)).toBeLessThan(1e-5);
    expect(largest(double.v, plain.v, 100)).toBeLessThan(1e-12);
    expect(largest(double.g, plain.g, 100)).toBeLessThan(1e-12);
  });

  it("gives the same bits however the time is split into runs", async () => {
    const whole = await network().run();
    const { sim, run } = network();
    for (const piece of ["0.1 ms", "7.3 ms", "0 ms", "12.6 ms"]) await sim.run(piece);
    expect(await run("10 ms")).toEqual(whole);
  });

  it("names its executor", () => {
    expect(network().sim.executor).toBe("WebAssembly SIMD, double precision");
    // v of each population and the conductance of one that has Poisson input; the others decay, and r counts down.
    const single = network({ precision: "single" }).sim.executor;
    expect(single).toBe("WebAssembly SIMD, single precision, 3 of 8 states in double");
    expect(network({ executor: "javascript" }).sim.executor).toBe("JavaScript, double precision");
  });
});

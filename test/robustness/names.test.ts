import { describe, expect, it } from "vitest";
import { defineEncoder } from "#spikevine/encoders/index";
import { cobaLif, defineNeuron, lif, relu, tanhDerivative } from "#spikevine/neurons/index";
import { defineOptimizer, defineSynapse } from "#spikevine/plasticity/index";
import { dataset } from "#spikevine/src/data/index";
import { SpikevineError } from "#spikevine/src/errors";
import { dense, network, rate, record, simulateSynapses, train } from "#spikevine/src/index";
import { parseSafetensors, serializeCsv, serializeSafetensors } from "#spikevine/src/io/index";
import { simulation } from "#spikevine/src/simulation/index";
import { pointsCsv, sweepPoint, sweepPoints, sweepTable } from "#spikevine/src/sweep/index";
import { WAYS } from "../simulation/ways.js";

/** Members of every object, and possible names in generated code. */
const NAMES = [
  ...Object.getOwnPropertyNames(Object.prototype).filter((name) => !name.startsWith("__")),
  ..."then length name arguments eval e0 s0 v0 i n b results layer0 Math float".split(" "),
];
const DEVICES = ["reference", "simd", "gpujs:cpu"];
const about = { summary: "test", source: "test" };

describe.each(NAMES)('a name "%s"', (name) => {
  it("is a population and a state of a simulation", async () => {
    const neuron = defineNeuron({
      ...about,
      name: "counter",
      states: { [name]: { summary: "x" } },
      parameters: { by: { value: 1, summary: "step" } },
      update: { [name]: `${name} + by` },
      output: name,
    });
    for (const [, way] of WAYS) {
      const sim = simulation({ dt: "1 ms", ...way });
      const population = sim.population(name, 2, neuron, { initial: { [name]: 1 } });
      const monitor = sim.monitor.state(population, name);
      await sim.run("3 ms");
      expect([...sim.state(population, name)]).toEqual([4, 4]);
      expect([...monitor.values]).toEqual([1, 1, 2, 2, 3, 3]);
    }
  });

  it("is a parameter and an input of a simulation", async () => {
    for (const [symbol, parameter] of [
      [name, "other"],
      ["other", name],
    ] as const) {
      const neuron = defineNeuron({
        ...about,
        name: "adder",
        input: { symbol },
        states: { sum: { summary: "x" } },
        parameters: { [parameter]: { value: 2, summary: "factor" } },
        update: { sum: `sum + ${symbol} * ${parameter}` },
        output: "sum",
      }).with({ parameters: { [parameter]: 3 } });
      const sim = simulation({ dt: "1 ms" });
      const population = sim.population("p", 1, neuron);
      sim.input(population, { current: 2 });
      await sim.run("2 ms");
      expect(sim.state(population, "sum")[0]).toBe(12);
    }
  });

  it("is a state and a derived quantity of a synapse", async () => {
    const define = (state: string, derived: string) =>
      defineSynapse({
        ...about,
        name: "trace",
        states: { [state]: { summary: "trace" } },
        parameters: { tau: { value: "10 ms", summary: "decay" } },
        dynamics: { [state]: `-${state} / tau` },
        onPre: { [state]: `${state} + 1` },
        derived: { [derived]: { equation: `2 * ${state}`, summary: "twice" } },
      });
    for (const [state, derived] of [
      [name, "other"],
      ["other", name],
    ] as const) {
      const synapse = define(state, derived);
      const run = simulateSynapses(synapse, { dt: 1, duration: 3, pre: [[1]] });
      expect([run.values[state]![1], run.values[derived]![1]]).toEqual([1, 2]);
      const sim = simulation({ dt: "1 ms" });
      const source = sim.source("source", 1, { spikes: [["1 ms", 0]] });
      const cells = sim.population("cells", 1, lif());
      const projection = sim.connect(source, cells, { pattern: "all-to-all", weight: 0, synapse });
      const monitor = sim.monitor.synapses(projection, name);
      await sim.run("4 ms");
      expect(Math.max(...monitor.values)).toBe(name === state ? 1 : 2);
    }
  });

  it("is a parameter of an encoder, on every device", async () => {
    const encoder = defineEncoder({
      ...about,
      name: "gain",
      parameters: { [name]: { value: 0.5, summary: "gain" } },
      current: `x * ${name}`,
    }).with({ [name]: 0.25 });
    const net = network({ inputs: 1, encoder, steps: 1, layers: [dense(1, relu())] });
    for (const device of DEVICES) {
      expect((await record(net, Float32Array.of(1), { device })).input[0]).toBe(0.25);
    }
  });

  it("is a state, a trained parameter and a state of an optimizer in training, on every device", async () => {
    const neuron = (state: string, parameter: string) =>
      defineNeuron({
        ...about,
        name: "unit",
        states: { [state]: { summary: "x" } },
        parameters: { [parameter]: { value: 0.3, summary: "threshold" } },
        update: { [state]: `0.5 * ${state} + I` },
        spike: `${state} - ${parameter}`,
        reset: { [state]: `y > 0 ? 0 : ${state}` },
        surrogate: tanhDerivative(),
      });
    const rule = defineOptimizer({
      ...about,
      name: "momentum",
      parameters: { learningRate: { value: 0.1, summary: "rate" } },
      states: { [name]: { initial: 0, summary: "momentum" } },
      update: { [name]: `0.5 * ${name} + gradient` },
      weight: `weight - learningRate * ${name}`,
    }).with({ learningRate: 0.1 });
    const images = Float32Array.from({ length: 32 }, (_, i) => ((i * 7) % 10) / 10);
    const data = dataset({ name: "few", images, labels: Uint8Array.from({ length: 8 }, (_, i) => i % 2), classes: 2 });
    const results: number[][] = [];
    for (const device of DEVICES) {
      const first = dense(3, neuron("x", name), { trainable: { [name]: "unit" } });
      const net = network({ inputs: 4, encoder: rate(), steps: 3, layers: [first, dense(2, neuron(name, "y1"))] });
      await train(net, { data, epochs: 1, batchSize: 4, optimizer: rule, device });
      results.push([...net.parameters.values()].flatMap((parameter) => [...parameter.data]));
      const { layers } = await record(net, new Float32Array(4).fill(1), { device });
      expect(layers[1]!.states[name]).toHaveLength(6);
    }
    for (const values of results) {
      values.forEach((value, i) => {
        const expected = results[0]![i]!;
        expect(Math.abs(value - expected)).toBeLessThan(5e-6 * Math.max(1, Math.abs(expected)));
      });
    }
  });

  it("is a setting and a metric of some points of a sweep", () => {
    const finished = (settings: Record<string, number>, metrics: Record<string, number>) => ({
      id: sweepPoint(settings, 1).id,
      settings,
      seed: 1,
      metrics,
      curves: {},
      seconds: 1,
    });
    const table = sweepTable([finished({ [name]: 1 }, { [name]: 5 }), finished({ other: 2 }, { other: 6 })]);
    expect(table.varied).toEqual([name, "other"]);
    expect(table.summaries.map(({ metrics }) => [metrics[name]!.n, metrics.other!.n])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });
});

describe.each(["__proto__", "__defineGetter__"])('a name that equations refuse, "%s"', (name) => {
  it("is refused as a state in one sentence", () => {
    const states = Object.fromEntries([[name, { summary: "x" }]]);
    expect(() => defineNeuron({ ...about, name: "mine", states, output: "I" })).toThrow(
      `neurons/mine: "${name}" cannot be a name; use letters, digits and single underscores, a letter first.`,
    );
  });

  it("is a population and a source, and its monitors are saved", async () => {
    const sim = simulation({ dt: "1 ms" });
    const source = sim.source(`${name}2`, 1, { spikes: [["1 ms", 0]] });
    const cells = sim.population(name, 1, cobaLif());
    sim.connect(source, cells, { pattern: "all-to-all", target: "ge", weight: "1 nS" });
    const spikes = sim.monitor.spikes(source);
    const states = sim.monitor.state(cells, "ge");
    await sim.run("5 ms");
    const before = [...states.values];
    sim.restore(sim.save({ monitors: true }));
    expect([cells.name, ...spikes.times]).toEqual([name, 1]);
    expect([...states.values]).toEqual(before);
    expect(Math.max(...before)).toBeGreaterThan(0);
  });

  it("is a setting, a metric and a curve of a sweep", () => {
    const own = <V>(value: V): Record<string, V> => Object.fromEntries([[name, value]]);
    const points = sweepPoints({ vary: own([1, 2]), seeds: [1] });
    expect(points.map(({ settings }) => Object.entries(settings))).toEqual([[[name, 1]], [[name, 2]]]);
    expect(points[0]!.id).not.toBe(points[1]!.id);
    const table = sweepTable(
      points.map((point, i) => ({ ...point, metrics: own(i / 2), curves: own([0, i]), seconds: 1 })),
    );
    const [head, first, second] = pointsCsv(table).split("\n");
    expect(head!.split(",").filter((column) => column === name)).toHaveLength(2);
    expect(first!.split(",")).toContain("1");
    expect(second!.split(",")).toContain("0.5");
  });

  it("is a column, a tensor and a key of metadata of files", () => {
    expect(serializeCsv(Object.fromEntries([[name, [1]]]))).toBe(`${name}\r\n1\r\n`);
    const tensors = new Map([[name, { shape: [1], data: Float32Array.of(1) }]]);
    const read = parseSafetensors(serializeSafetensors(tensors, new Map([[name, "value"]])), "file");
    expect([...read.tensors.keys()]).toEqual([name]);
    expect(read.metadata.get(name)).toBe("value");
  });
});

describe("a name that a layer uses for its own arrays", () => {
  it.each(["weights", "recurrent", "bias", "feedback", "importance", "factor"])(
    "%s is not a trained parameter",
    (name) => {
      const neuron = defineNeuron({
        ...about,
        name: "unit",
        parameters: { [name]: { value: 1, summary: "gain" } },
        output: `I * ${name}`,
      });
      expect(dense(3, neuron).units).toBe(3);
      expect(() => dense(3, neuron, { trainable: { [name]: "unit" } })).toThrow(
        new SpikevineError(
          `dense: the parameter "${name}" of unit cannot be trained, since a layer has an array of that name; rename it.`,
        ),
      );
    },
  );
});

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadNir, type NirConventions, saveNir, serializeNir } from "#spikevine/src/formats/index";
import {
  averagePool,
  batchNorm,
  convolution,
  dense,
  direct,
  flatten,
  forwardEuler,
  integrator,
  type Layer,
  lastOutput,
  leaky,
  li,
  lif,
  maxPool,
  type Network,
  type NetworkOptions,
  type NeuronDefinition,
  network,
  neuronLayer,
  record,
  residual,
  scale,
  seriesDataset,
  snu,
  sumPool,
  synaptic,
} from "#spikevine/src/index";
import { hasH5py, readWithH5py } from "../../io/hdf5/h5py.js";

const net = (layers: readonly (Layer | NeuronDefinition)[], options: Partial<NetworkOptions> = {}): Network =>
  network({ inputs: 6, encoder: direct(), steps: 40, layers, ...options });

/** Arrays of a network by name. */
const arraysOf = ({ parameters }: Network) =>
  Object.fromEntries([...parameters].map(([name, { data }]) => [name, data]));

/** Fills all arrays of a network with different numbers, so that no permutation goes unnoticed. */
function vary(given: Network): Network {
  let seed = 1;
  for (const [name, { data }] of given.parameters) {
    const isParameter = /beta|alpha|tau|threshold/.test(name);
    for (let i = 0; i < data.length; i++) {
      seed = (seed * 16807) % 2147483647;
      const draw = seed / 2147483647;
      data[i] = isParameter ? data[i]! * (0.9 + 0.1 * draw) : draw - 0.3;
    }
  }
  return given;
}

/** Output of every step, for inputs that differ in every value. */
async function outputOf(given: Network, samples = 4): Promise<number[]> {
  const { inputs, steps, inputShape: shape } = given;
  const values = Float32Array.from({ length: samples * steps * inputs }, (_, i) => (Math.sin(i * i) > 0.3 ? 6 : 0));
  const labels = new Array(samples).fill(0);
  const form =
    shape.height * shape.width === 1 ? { inputs } : { shape: [shape.channels, shape.height, shape.width] as const };
  const data = seriesDataset({ values, labels, steps, ...form });
  return [...(await record(given, data, { device: "reference" })).layers.at(-1)!.output];
}

/** A network after export and import. */
async function again(given: Network): Promise<Network> {
  const { bytes, options } = await serializeNir(given);
  return loadNir(bytes, options);
}

/** Choices that the equations of neurons are. */
const SNNTORCH = { scheme: "euler", reset: "file", resetTime: "next step", arrival: "same step" } as const;
const EXACT = { scheme: "exact", reset: "file", resetTime: "same step", arrival: "same step" } as const;

describe("serializeNir", () => {
  it.each<[string, Network, Partial<NirConventions>]>([
    [
      "leaky, reset subtract",
      net([dense(5, leaky({ beta: 0.8 }), { bias: true })]),
      { ...SNNTORCH, reset: "subtract" },
    ],
    ["leaky, reset zero, recurrent", net([dense(5, leaky({ reset: "zero" }), { recurrent: true })]), SNNTORCH],
    [
      "leaky with trained decays",
      net([dense(5, leaky(), { trainable: { beta: "unit" } })]),
      { ...SNNTORCH, reset: "subtract" },
    ],
    ["synaptic", net([dense(5, synaptic()), dense(3, synaptic())]), { ...SNNTORCH, reset: "subtract" }],
    ["lif, reset zero", net([dense(5, lif({ tau: "5 ms" })), dense(3, lif({ tau: "2 ms" }))]), EXACT],
    [
      "lif, reset subtract",
      net([dense(5, lif({ reset: "subtract", threshold: 0.7 }))]),
      { ...EXACT, reset: "subtract" },
    ],
    [
      "integrator",
      net([dense(5, integrator({ threshold: 1.5 }))]),
      { reset: "file", resetTime: "same step", arrival: "same step", firing: "at" },
    ],
    ["li", net([dense(5, lif()), dense(3, li())], { readout: lastOutput() }), EXACT],
    [
      "images",
      net(
        [
          convolution(4, 3, lif({ tau: "3 ms" }), { padding: 1, groups: 2, trainable: { tau: "channel" } }),
          sumPool(2),
          scale(3),
          convolution(3, [1, 2], { dilation: [1, 2], bias: true }),
          averagePool(2, { stride: 1, padding: 1 }),
          neuronLayer(lif(), { trainable: { threshold: "unit" } }),
          dense(4, lif(), { trainable: { threshold: "layer" } }),
        ],
        { inputs: [2, 6, 8] },
      ),
      EXACT,
    ],
    [
      "neurons after a flattened image",
      net(
        [
          convolution(3, 3),
          flatten(),
          neuronLayer(lif(), { recurrent: true, trainable: { tau: "unit" } }),
          dense(4, lif()),
        ],
        { inputs: [2, 4, 5] },
      ),
      EXACT,
    ],
  ])("keeps the output of every step: %s", async (_, original, choices) => {
    vary(original);
    const { bytes, options } = await serializeNir(original);
    expect(options).toMatchObject({ dt: "1 ms", timeUnit: "1 s", steps: 40, ...choices });
    const read = await loadNir(bytes, options);
    const output = await outputOf(original);
    expect(new Set(output).size).toBeGreaterThan(1);
    const found = await outputOf(read);
    for (const [i, value] of output.entries()) expect(found[i]).toBeCloseTo(value, 5);
  });

  it("keeps every array of a network that loadNir made, bit by bit", async () => {
    const first = vary(
      net([
        dense(5, synaptic(), { bias: true, recurrent: true, trainable: { beta: "unit", alpha: "unit" } }),
        dense(3, synaptic()),
      ]),
    );
    const second = await again(first);
    vary(second);
    const third = await again(second);
    expect(arraysOf(third)).toEqual(arraysOf(second));
    expect(await outputOf(third)).toEqual(await outputOf(second));
  });

  it.each<[string, Network, string]>([
    [
      "a maximum",
      net([convolution(2, 3), maxPool(2), lif()], { inputs: [1, 6, 6] }),
      "layer2 is maxPool, which NIR does not have; use sumPool",
    ],
    ["another neuron", net([dense(3, snu())]), "layer1 has the neuron snu ("],
    [
      "a refractory one",
      net([dense(3, lif({ refractory: "2 ms" }))]),
      "reset zero, refractory), which NIR does not have; use lif",
    ],
    ["another scheme", net([dense(3, lif().with({ integrator: forwardEuler }))]), "layer1 has the neuron lif"],
    ["a soft reset", net([dense(3, lif({ reset: "soft" }))]), "reset soft), which NIR does not have"],
    [
      "a normalization",
      net([convolution(2, 3), batchNorm(), lif()], { inputs: [1, 6, 6] }),
      "layer2 is batchNorm, which NIR does not have; fold it into the weights with foldNormalization.",
    ],
    [
      "an initial potential",
      net([dense(3, lif({ rest: 0.2 }))]),
      "layer1 starts at rest 0.2, and NIR has no initial potential; give lif rest 0.",
    ],
    [
      "no leak",
      net([dense(3, leaky({ beta: 1 }))]),
      "layer1 has a decay of 1, for which tau would be infinite; give a decay below 1.",
    ],
    [
      "two resets",
      net([dense(3, lif()), dense(3, lif({ reset: "subtract" }))]),
      "layer1 has reset file and layer2 has subtract, but readers have one reset for a file",
    ],
  ])("refuses %s", async (_, given, message) => {
    await expect(serializeNir(given)).rejects.toThrow(message);
  });

  it.skipIf(!hasH5py)("writes the layout of the NIR package, with every value equal in h5py", async () => {
    const given = vary(
      net([convolution(2, [2, 3], lif(), { bias: true }), flatten(), dense(3, lif(), { recurrent: true })], {
        inputs: [1, 3, 4],
      }),
    );
    const found = readWithH5py((await serializeNir(given)).bytes) as Record<
      string,
      { type: string; shape: number[]; values: unknown }
    >;
    const valueAt = (path: string) => found[path]!.values;
    expect(found.version).toEqual({ type: "O8", shape: [], values: "1.0.7" });
    expect(valueAt("node/type")).toBe("NIRGraph");
    const nodes =
      "input layer1_map layer1_neurons layer3_flatten layer3_map layer3_neurons layer3_recurrent output".split(" ");
    const types = "Input Conv2d LIF Flatten Linear LIF Linear Output".split(" ");
    expect(nodes.map((name) => valueAt(`node/nodes/${name}/type`))).toEqual(types);
    expect(valueAt("node/edges")).toEqual([
      ["input", "layer1_map"],
      ["layer1_map", "layer1_neurons"],
      ["layer1_neurons", "layer3_flatten"],
      ["layer3_flatten", "layer3_map"],
      ["layer3_map", "layer3_neurons"],
      ["layer3_neurons", "layer3_recurrent"],
      ["layer3_recurrent", "layer3_neurons"],
      ["layer3_neurons", "output"],
    ]);
    const flat = (path: string): number[] => (valueAt(path) as number[]).flat(9);
    const of = (name: string) => given.parameters.get(name)!.data;
    // [channels, 1, height, width] there, [height, width, channels] here.
    const windows = flat("node/nodes/layer1_map/weight");
    expect(windows).toEqual(
      Array.from({ length: 12 }, (_, i) => of("layer1.weights")[(i % 6) * 2 + Math.floor(i / 6)]),
    );
    expect(found["node/nodes/layer1_map/weight"]).toMatchObject({ type: "f4", shape: [2, 1, 2, 3] });
    expect(flat("node/nodes/layer1_map/bias")).toEqual([...of("layer1.bias")]);
    // Units are [channels, pixels] there and [pixels, channels] here: 2 channels of 4 pixels.
    const weights = flat("node/nodes/layer3_map/weight");
    const here = of("layer3.weights");
    for (let to = 0; to < 3; to++) {
      for (let from = 0; from < 8; from++) {
        const row = (from % 4) * 2 + Math.floor(from / 4);
        expect(weights[to * 8 + from]).toBe(here[row * 3 + to]);
      }
    }
    const recurrent = flat("node/nodes/layer3_recurrent/weight");
    expect(recurrent).toEqual(
      Array.from({ length: 9 }, (_, i) => of("layer3.recurrent")[(i % 3) * 3 + Math.floor(i / 3)]),
    );
    const integers: [string, unknown][] = [
      ["input/shape", [1, 3, 4]],
      ["output/shape", [3]],
      ["layer1_map/stride", [1, 1]],
      ["layer1_map/padding", [0, 0]],
      ["layer1_map/dilation", [1, 1]],
      ["layer1_map/groups", 1],
      ["layer1_map/input_shape", [3, 4]],
      ["layer3_flatten/start_dim", 0],
      ["layer3_flatten/end_dim", -1],
      ["layer3_flatten/input_type", [2, 2, 2]],
    ];
    for (const [path, value] of integers)
      expect(found[`node/nodes/${path}`]).toMatchObject({ type: "i8", values: value });
    expect(found["node/nodes/layer1_neurons/tau"]).toMatchObject({ type: "f8", shape: [2, 2, 2] });
    expect(new Set(flat("node/nodes/layer1_neurons/tau"))).toEqual(new Set([0.02]));
    expect(found["node/nodes/layer3_neurons/v_reset"]).toEqual({ type: "f4", shape: [3], values: [0, 0, 0] });
    const metadata = ["dt", "timeUnit", "steps", "scheme", "reset", "resetTime", "encoder", "readout"];
    expect(metadata.map((name) => valueAt(`node/metadata/${name}`))).toEqual([
      "1 ms",
      "1 s",
      "40",
      "exact",
      "file",
      "same step",
      "direct",
      "count",
    ]);
  });

  it.skipIf(!hasH5py)("writes the sum of branches as edges into one node", async () => {
    const branches = residual([dense(6, lif()), dense(6)], []);
    const found = readWithH5py((await serializeNir(net([branches, lif(), dense(2, lif())]))).bytes);
    const edges = (found["node/edges"] as { values: string[][] }).values.map(([from, to]) => `${from} > ${to}`);
    expect(edges).toContain("input > layer2_neurons");
    expect(edges).toContain("layer1_2_map > layer2_neurons");
    expect(edges).toContain("input > layer1_1_map");
  });

  it("is what saveNir writes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "spikevine-nir-"));
    try {
      const given = net([dense(3, lif())]);
      const path = join(folder, "a.nir");
      const options = await saveNir(path, given);
      expect(arraysOf(await loadNir(readFileSync(path), options))).toEqual(arraysOf(given));
      await expect(saveNir(path, net([dense(3, snu())]))).rejects.toThrow("which NIR does not have");
      expect(existsSync(path)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeDigits } from "#spikevine/src/data/index";
import { importStateDict } from "#spikevine/src/formats/index";
import {
  averagePool,
  batchNorm,
  constantCurrent,
  convolution,
  dense,
  direct,
  leaky,
  lif,
  linear,
  network,
  record,
  rLeaky,
  spikeCount,
} from "#spikevine/src/index";
import { readSafetensors, serializeSafetensors } from "#spikevine/src/io/index";
import { loadModel } from "#spikevine/src/model/index";
import { spikevine, temporaryFolder } from "../cli/run-cli.js";

const fixture = (name: string): string => join(import.meta.dirname, "fixtures", name);

type Numbers = Float32Array | Float64Array | BigInt64Array;
const stateDict = (tensors: Readonly<Record<string, readonly [shape: readonly number[], data: Numbers]>>): Uint8Array =>
  serializeSafetensors(new Map(Object.entries(tensors).map(([name, [shape, data]]) => [name, { shape, data }])));
const ramp = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => ((i * 7) % 23) / 8 - 1);

/** A safetensors file of one type, made by hand. */
function halves(dtype: string, tensors: Readonly<Record<string, readonly [readonly number[], readonly number[]]>>) {
  let at = 0;
  const header = Object.entries(tensors).map(([name, [shape, bits]]) => {
    const begin = at;
    at += 2 * bits.length;
    return [name, { dtype, shape, data_offsets: [begin, at] }];
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const values = Uint16Array.from(Object.values(tensors).flatMap(([, bits]) => bits));
  return Buffer.concat([length, json, Buffer.from(values.buffer)]);
}

describe("a network of snn.Leaky, trained in PyTorch", async () => {
  const weights = fixture("leaky.safetensors");
  const { tensors } = await readSafetensors(fixture("leaky-spikes.safetensors"));
  const { test } = makeDigits({ train: 1, test: 200 });

  it("is brought over by one command, with every spike of 200 digits", async () => {
    const model = join(await temporaryFolder(), "model.safetensors");
    const flags = ["--encoder", "direct", "--steps", "20"];
    const imported = await spikevine("import", weights, ...flags, "--to", model);
    expect(imported.stderr).toBe("");
    expect(imported.stdout).toContain("fc1.weight -> layer1.weights\n");
    expect(imported.stdout).toContain("hidden 24; bias true; neuron leaky; beta 0.9; threshold 1; reset subtract\n");
    const net = await loadModel(model);
    for (const device of ["reference", "simd"]) {
      const { layers } = await record(net, test, { device });
      for (const [i, name] of ["hidden", "output"].entries()) {
        const bits = tensors.get(name)!.data as Uint8Array;
        const expected = Float32Array.from(layers[i]!.output, (_, k) => (bits[k >> 3]! >> (7 - (k & 7))) & 1);
        expect(Buffer.from(layers[i]!.output.buffer).equals(Buffer.from(expected.buffer)), `${device}: ${name}`).toBe(
          true,
        );
      }
    }
    const evaluated = await spikevine("eval", model, "--data", "digits", "--test-samples", "200");
    expect(evaluated.stdout).toMatch(/accuracy {2}9\d\.\d/);
    const again = await spikevine("import", weights, ...flags, "--to", model);
    expect(again.stderr).toBe(`spikevine: import: "${model}" exists already; give another name with --to.\n`);
  });

  it.each([
    [["--beta", "0.8"], /lif1\.beta is 0\.9, but beta of layer1 \(leaky\) is 0\.8; give the neuron this value/],
    [["--reset", "zero"], /lif1\.reset_mechanism_val is the reset subtract, but that of layer1 \(leaky\) is zero/],
    [["--hidden", "25"], /fc1\.weight \[24, 784\] \(nearest: layer1\.weights \[25, 784\]\)/],
    [["--no-bias"], /has fc1\.bias, but layer1 has no bias; give it one: bias: true/],
    [["--names", "fc3=layer1"], /names has "fc3", which is no module of the file; did you mean "fc1"\?/],
    [["--names", "fc1=layer7"], /names maps "fc1" to "layer7", but the layers are layer1, layer2/],
    [["--names", "fc1"], /--names has "fc1"; give MODULE=LAYER/],
  ])("is refused with %s", async (flags, message) => {
    const to = join(await temporaryFolder(), "model.safetensors");
    const { code, stderr } = await spikevine("import", weights, ...flags, "--to", to);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
  });
});

it("convolutions are brought over by the command", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "net.safetensors");
  const bytes = stateDict({
    "conv1.weight": [[3, 1, 3, 3], ramp(27)],
    "fc1.weight": [[10, 3 * 3 * 3], ramp(270)],
    "lif1.beta": [[], Float32Array.of(0.5)],
    "lif1.threshold": [[], Float32Array.of(1)],
    "lif1.reset_mechanism_val": [[], BigInt64Array.of(1n)],
  });
  await writeFile(file, bytes);
  const flags = ["--layers", "3C3-MP2", "--steps", "4"];
  const { stderr } = await spikevine("import", file, ...flags);
  expect(stderr).toMatch(/has convolutions, but not the size of their images; give --inputs/);
  const imported = await spikevine("import", file, ...flags, "--inputs", "8,8");
  expect(imported.stderr).toBe("");
  const net = await loadModel(join(folder, "net-model.safetensors"));
  expect(net.inputShape).toEqual({ channels: 1, height: 8, width: 8 });
  expect(net.layers.map(({ kind }) => kind)).toEqual(["convolution", "maxPool", "dense"]);
  const wrong = await spikevine("import", file, "--to", "x", ...flags, "--inputs", "8");
  expect(wrong.stderr).toMatch(/--inputs is 8; give \[height, width\] or/);
});

describe("importStateDict", () => {
  it("reorders convolutions and what follows an image, as PyTorch computes them", async () => {
    const [channels, height, width] = [2, 4, 5];
    const [kernels, bias, head] = [ramp(3 * channels * 9), ramp(3), ramp(2 * 3 * 2 * 2)];
    const net = network({
      inputs: [channels, height, width],
      encoder: direct(),
      steps: 1,
      layers: [convolution(3, 3, { padding: 1, bias: true }), averagePool(2), dense(2, linear())],
      readout: spikeCount(),
    });
    const report = importStateDict(
      net,
      stateDict({
        "features.0.weight": [[3, channels, 3, 3], kernels],
        "features.0.bias": [[3], bias],
        "classifier.1.weight": [[2, 12], head],
      }),
      { names: { "features.0": "layer1" } },
    );
    expect([...report.matched.values()].sort()).toEqual(["layer1.bias", "layer1.weights", "layer3.weights"]);
    const image = ramp(channels * height * width);
    const { layers } = await record(net, image, { device: "reference" });
    // The same layers as literal loops over arrays with the channels first.
    const pooled: number[] = [];
    for (let c = 0; c < 3; c++)
      for (let Y = 0; Y < 2; Y++)
        for (let X = 0; X < 2; X++) {
          let sum = 0;
          for (let y = 2 * Y; y < 2 * Y + 2; y++)
            for (let x = 2 * X; x < 2 * X + 2; x++) {
              sum += bias[c]!;
              for (let d = 0; d < channels; d++)
                for (let i = 0; i < 3; i++)
                  for (let j = 0; j < 3; j++) {
                    const [v, u] = [y + i - 1, x + j - 1];
                    if (v < 0 || u < 0 || v >= height || u >= width) continue;
                    sum += kernels[((c * channels + d) * 3 + i) * 3 + j]! * image[(d * height + v) * width + u]!;
                  }
            }
          pooled.push(sum / 4);
        }
    const expected = [0, 1].map((k) => pooled.reduce((sum, value, i) => sum + value * head[k * 12 + i]!, 0));
    expect(layers.at(-1)!.output[0]).toBeCloseTo(expected[0]!, 4);
    expect(layers.at(-1)!.output[1]).toBeCloseTo(expected[1]!, 4);
  });

  it("reads halves, doubles, normalizations and recurrent weights", () => {
    const net = network({
      inputs: 2,
      encoder: direct(),
      steps: 1,
      layers: [dense(2, rLeaky({ allToAll: true }), { recurrent: true, bias: true }), batchNorm(), dense(1, leaky())],
    });
    const file = stateDict({
      "fc1.weight": [[2, 2], Float64Array.of(1, 2, 3, 4)],
      "fc1.bias": [[2], Float32Array.of(0.5, -0.5)],
      "lif1.recurrent.weight": [[2, 2], Float32Array.of(5, 6, 7, 8)],
      "lif1.recurrent.bias": [[2], Float32Array.of(1, 2)],
      "lif1.beta": [[], Float32Array.of(0.9)],
      "bn.weight": [[2], Float32Array.of(1.5, 2.5)],
      "bn.bias": [[2], Float32Array.of(0.25, 0.75)],
      "bn.running_mean": [[2], Float32Array.of(3, 4)],
      "bn.running_var": [[2], Float32Array.of(5, 6)],
      "bn.num_batches_tracked": [[], BigInt64Array.of(12n)],
      "fc2.weight": [[1, 2], Float32Array.of(9, 10)],
    });
    expect(importStateDict(net, file).ignored).toEqual(["bn.num_batches_tracked"]);
    const values = (name: string): number[] => [...net.parameters.get(name)!.data];
    expect(values("layer1.weights")).toEqual([1, 3, 2, 4]);
    expect(values("layer1.recurrent")).toEqual([5, 7, 6, 8]);
    expect(values("layer1.bias")).toEqual([1.5, 1.5]);
    expect(values("layer2.gain")).toEqual([1.5, 2.5]);
    expect(values("layer2.shift")).toEqual([0.25, 0.75]);
    expect(values("layer2.mean")).toEqual([3, 4]);
    expect(values("layer2.variance")).toEqual([5, 6]);
    expect(values("layer3.weights")).toEqual([9, 10]);

    const one = () => network({ inputs: 2, encoder: direct(), steps: 1, layers: [dense(1, leaky())] });
    // 1.5 and -2 as half precision, and as bfloat16.
    for (const [type, bits] of [
      ["F16", [0x3e00, 0xc000]],
      ["BF16", [0x3fc0, 0xc000]],
    ] as const) {
      const half = one();
      importStateDict(half, halves(type, { "fc.weight": [[1, 2], bits] }));
      expect([...half.parameters.get("layer1.weights")!.data]).toEqual([1.5, -2]);
    }
  });

  it("converts the parameters of other tools' neurons", () => {
    const trained = (name: string) =>
      network({
        inputs: 1,
        encoder: direct(),
        steps: 1,
        dt: "2 ms",
        layers: [
          dense(2, lif(), { trainable: { tau: "layer", threshold: name === "spike_threshold" ? "layer" : "fixed" } }),
        ],
      });
    const sinabs = trained("spike_threshold");
    importStateDict(
      sinabs,
      stateDict({
        "0.weight": [[2, 1], ramp(2)],
        "1.tau_mem": [[], Float32Array.of(10)],
        "1.spike_threshold": [[], Float32Array.of(0.5)],
        "1.v_mem": [[1, 2], ramp(2)],
      }),
    );
    // 10 steps of 2 ms.
    expect(sinabs.parameters.get("layer1.tau")!.data[0]).toBe(20);
    expect(sinabs.parameters.get("layer1.threshold")!.data[0]).toBe(0.5);
    const jelly = trained("w");
    importStateDict(jelly, stateDict({ "0.weight": [[2, 1], ramp(2)], "1.w": [[], Float32Array.of(-Math.log(3))] }));
    // sigmoid(w) = 1/4: three quarters of the potential are kept per step.
    expect(Math.exp(-2 / jelly.parameters.get("layer1.tau")!.data[0]!)).toBeCloseTo(0.75, 6);
    const norse = network({ inputs: 1, encoder: direct(), steps: 1, layers: [dense(2, lif(), { recurrent: true })] });
    importStateDict(
      norse,
      stateDict({
        "l.input_weights": [[2, 1], Float32Array.of(1, 2)],
        "l.recurrent_weights": [[2, 2], Float32Array.of(1, 2, 3, 4)],
      }),
    );
    expect([...norse.parameters.get("layer1.recurrent")!.data]).toEqual([1, 3, 2, 4]);
  });

  const net = () =>
    network({ inputs: 2, encoder: constantCurrent(), steps: 1, layers: [dense(2, leaky()), dense(2, leaky())] });
  const good = { "a.weight": [[2, 2], ramp(4)], "b.weight": [[2, 2], ramp(4)] } as const;

  it.each<[string, Record<string, readonly [readonly number[], Numbers]>, RegExp]>([
    [
      "a tensor without a place",
      { ...good, "decoder.weight": [[3, 2], ramp(6)] },
      /"x": these tensors fit no array of the network: decoder\.weight \[3, 2\] \(nearest: layer\d\.weights \[2, 2\]\); give the network/,
    ],
    ["a layer without weights", { "a.weight": [[2, 2], ramp(4)] }, /no tensor fits layer2\.weights \[2, 2\]/],
    [
      "a value that is not finite",
      { ...good, "b.weight": [[2, 2], Float64Array.of(1, 2, 1e300, 0)] },
      /b\.weight has the value 1e\+300 at 2/,
    ],
    [
      "graded spikes",
      { ...good, "lif1.graded_spikes_factor": [[], Float32Array.of(2)] },
      /graded_spikes_factor is 2, but spikes are 0 or 1 here/,
    ],
    ["an unknown parameter", { ...good, "lif1.kappa": [[], Float32Array.of(2)] }, /lif1\.kappa \[\]/],
  ])("refuses %s and changes nothing", (_, tensors, message) => {
    const unchanged = net();
    const before = unchanged.parameters.get("layer1.weights")!.data.slice();
    expect(() => importStateDict(unchanged, stateDict(tensors), { name: "x" })).toThrow(message);
    expect(unchanged.parameters.get("layer1.weights")!.data).toEqual(before);
  });

  it("refuses files of torch.save, and takes names where shapes do not decide", async () => {
    const zip = await readFile(fixture("leaky.safetensors")).then((bytes) =>
      Buffer.concat([Buffer.from("PK\x03\x04"), bytes]),
    );
    expect(() => importStateDict(net(), zip)).toThrow(
      /is a file of torch\.save, which can hold code; write it with safetensors/,
    );
    const swapped = net();
    const file = stateDict({
      "a.weight": [[2, 2], Float32Array.of(1, 1, 1, 1)],
      "b.weight": [[2, 2], ramp(4)],
      "head.weight": [[9], ramp(9)],
    });
    importStateDict(swapped, file, { names: { a: "layer2", head: "none" } });
    expect([...swapped.parameters.get("layer2.weights")!.data]).toEqual([1, 1, 1, 1]);
  });
});

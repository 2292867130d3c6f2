import { execFileSync } from "node:child_process";
import { mkdtemp, open, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { constantCurrent, rate } from "#spikevine/encoders/index";
import { type DenseOptions, dense, lastOutput, type Network, network } from "#spikevine/networks/index";
import { arctan, boxcar, linear, type NeuronDefinition, relu, snu, ssnu } from "#spikevine/neurons/index";
import { adam, type Optimizer, sgd } from "#spikevine/plasticity/index";
import { dataset } from "#spikevine/src/data/dataset";
import { openDevice } from "#spikevine/src/device/index";
import { type Engine, whyNotWide } from "#spikevine/src/device/simd/wide";
import { SpikevineError } from "#spikevine/src/errors";
import { train } from "#spikevine/src/training/index";
import { numbers } from "../conformance/case.js";
import { describeWide, wideRefusal } from "./where-available.js";

const [SAMPLES, INPUTS, CLASSES] = [64, 75, 10];

const spiking = (neuron: NeuronDefinition, options: DenseOptions = {}, widths = [96, 70]): Network =>
  network({
    inputs: INPUTS,
    encoder: rate({ maxRate: 1 }),
    steps: 9,
    layers: [...widths.map((units) => dense(units, neuron, options)), dense(CLASSES, neuron)],
    seed: 3,
  });

const ordinary = (neuron: NeuronDefinition, options: DenseOptions): Network =>
  network({
    inputs: INPUTS,
    encoder: constantCurrent(),
    steps: 1,
    layers: [...[96, 70].map((units) => dense(units, neuron, options)), dense(CLASSES, linear())],
    readout: lastOutput(),
    seed: 3,
  });

/** A network and what it is trained with. */
const TRAININGS: Readonly<Record<string, readonly [make: () => Network, rule: Optimizer]>> = {
  arctan: [() => spiking(snu({ threshold: 0.2, surrogate: arctan() })), sgd({ learningRate: 0.3 })],
  boxcar: [() => spiking(snu({ threshold: 0.2, surrogate: boxcar() })), sgd({ learningRate: 0.03 })],
  "few active units": [
    () => spiking(snu({ threshold: 0.2, surrogate: boxcar({ width: 0.1 }) }), {}, [140, 72]),
    sgd({ learningRate: 0.03 }),
  ],
  recurrent: [() => spiking(snu({ threshold: 0.2 }), { recurrent: true }), sgd({ learningRate: 0.3 })],
  "graded outputs": [() => spiking(ssnu({ threshold: 0.2 }), { bias: true }), sgd({ learningRate: 0.3 })],
  "ReLU with dropout": [() => ordinary(relu(), { bias: true, dropout: 0.2 }), sgd({ learningRate: 0.05 })],
  Adam: [() => spiking(snu({ threshold: 0.2 })), adam({ learningRate: 0.01 })],
};

describe("without 256-bit vectors, the error gives the reason and the fix", () => {
  const engine: Engine = { versions: { node: "24.0.0" }, arch: "x64", processor: "flags : fma avx2 bmi2" };

  test.each<[string, Partial<Engine>, RegExp]>([
    [
      "a browser",
      { versions: undefined },
      /need Node's flags of V8; run it in Node 24 or newer, or use the device simd/,
    ],
    ["Bun", { versions: { node: "24.3.0", bun: "1.3.0" } }, /need Node's flags of V8/],
    ["Node 22", { versions: { node: "22.9.0" } }, /Node 22\.9\.0 .*install Node 24 or newer, or use the device simd/],
    ["another processor", { arch: "arm64" }, /x64 processor, and this one is arm64; use the device simd/],
    ["a processor without AVX2", { processor: "flags : sse4_2 avx" }, /need AVX2/],
  ])("%s", (_, difference, message) => {
    expect(whyNotWide({ ...engine, ...difference })).toMatch(message);
  });

  test.each(["24.0.0", "26.10.0", "100.0.0"])("Node %s has them", (node) => {
    expect(whyNotWide({ ...engine, versions: { node } })).toBeUndefined();
  });

  test("a system that does not list processor features is assumed to have AVX2", () => {
    expect(whyNotWide({ ...engine, processor: "" })).toBeUndefined();
  });
});

if (wideRefusal !== undefined) {
  test("opening it is refused", async () => {
    await expect(openDevice("simd:wide")).rejects.toThrow(SpikevineError);
    await expect(openDevice("simd:wide")).rejects.toThrow(/^device simd:wide: .*use the device simd\.$/);
  });
}

// Optimizes everything after its first run, as in a long training.
describeWide("256-bit vectors", ["--wasm-tiering-budget=1", "--wasm-sync-tier-up"], () => {
  test("the report names the executor", async () => {
    const { device } = await openDevice("simd:wide", { threads: 2 });
    expect(device.report).toEqual({
      name: "simd:wide",
      executor: "WebAssembly SIMD, 256-bit vectors, 2 threads",
      threads: 2,
    });
    await device.dispose();
  });

  test("auto does not select it", async () => {
    const { device } = await openDevice();
    expect(device.report.name).toBe("simd");
    await device.dispose();
  });

  test("machine code has 256-bit registers while such a device is open, and only then", async () => {
    const child = fileURLToPath(new URL("./children/compile-wide.mjs", import.meta.url));
    const args = ["--no-liftoff", "--no-wasm-inlining", "--print-wasm-code", child];
    // V8 drops output that a pipe does not accept at once; a file accepts everything.
    const path = join(await mkdtemp(join(tmpdir(), "spikevine-wide-")), "code.txt");
    const file = await open(path, "w");
    execFileSync(process.execPath, args, { stdio: ["ignore", file.fd, "inherit"] });
    await file.close();
    const [, ...parts] = (await readFile(path, "utf8")).split("=== ");
    const isWide = parts.map((part) => [part.slice(0, part.indexOf("\n")), /\bymm\d/.test(part)]);
    expect(isWide).toEqual([
      ["before", false],
      ["wide", true],
      ["the other is still open", true],
      ["after", false],
    ]);
    for (const part of parts) expect(part).toMatch(/compiler: TurboFan.*\bxmm\d/s);
  });

  describe("training gives the bits of simd", () => {
    test.each(Object.entries(TRAININGS))("%s", async (_, [make, rule]) => {
      const [narrow, wide] = [await trained("simd", make(), rule), await trained("simd:wide", make(), rule)];
      expect([...wide.keys()]).toEqual([...narrow.keys()]);
      for (const [name, bytes] of narrow) expect(bytes.equals(wide.get(name)!), name).toBe(true);
      expect(weightsOf(make()).get("layer1.weights")!.equals(narrow.get("layer1.weights")!), "untrained").toBe(false);
    });
  });
});

async function trained(name: string, net: Network, rule: Optimizer): Promise<ReadonlyMap<string, Buffer>> {
  const data = dataset({
    images: numbers(INPUTS * SAMPLES, 1, "pixels", 0, 1),
    labels: Uint8Array.from({ length: SAMPLES }, (_, sample) => sample % CLASSES),
  });
  const { device } = await openDevice(name, { threads: 2 });
  await train(net, { data, epochs: 2, batchSize: 16, optimizer: rule, device });
  await device.dispose();
  return weightsOf(net);
}

const weightsOf = (net: Network): ReadonlyMap<string, Buffer> =>
  new Map([...net.parameters].map(([name, { data }]) => [name, Buffer.from(data.slice().buffer)]));

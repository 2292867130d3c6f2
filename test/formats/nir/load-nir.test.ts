import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readNmnist } from "#spikevine/src/data/index";
import { loadNir, type NirOptions, serializeNir } from "#spikevine/src/formats/index";
import { openStream, predict, record, seriesDataset } from "#spikevine/src/index";
import { type Hdf5Group, type Hdf5Values, serializeHdf5 } from "#spikevine/src/io/hdf5/write";
import { buildModel, describeModel } from "#spikevine/src/model/index";

/** Files of the NIR project, which not every machine has. */
const FILES = new URL("../../../../shared/nir/", import.meta.url);
const real = (name: string) => readFileSync(new URL(name, FILES));
const has = existsSync(FILES);

const text = (value: string): Hdf5Values => ({ shape: [], values: [value] });
const numbers = (...values: number[]): Hdf5Values => ({ shape: [values.length], values: Float32Array.from(values) });
const node = (type: string, fields: Record<string, Hdf5Values> = {}): Hdf5Group => ({
  members: new Map([["type", text(type)], ...Object.entries(fields)]),
});
const graph = (nodes: Record<string, Hdf5Group>, edges: string[][]): Hdf5Group => ({
  members: new Map<string, Hdf5Group | Hdf5Values>([
    ["type", text("NIRGraph")],
    ["nodes", { members: new Map(Object.entries(nodes)) }],
    ["edges", { shape: [edges.length, 2], values: edges.flat() }],
  ]),
});
const file = (nodes: Record<string, Hdf5Group>, edges: string[][]) =>
  serializeHdf5({
    members: new Map<string, Hdf5Group | Hdf5Values>([
      ["version", text("1.0")],
      ["node", graph(nodes, edges)],
    ]),
  });

const lif = { tau: numbers(0.002, 0.004), r: numbers(1, 2), v_leak: numbers(0, 0), v_threshold: numbers(1, 1) };
const ports = { input: node("Input", { shape: numbers(2) }), output: node("Output", { shape: numbers(2) }) };
const euler = { dt: "1 ms", steps: 5, preset: "norse" } satisfies NirOptions;

async function outputs(bytes: Uint8Array, options: NirOptions, inputs: number[][]): Promise<number[][]> {
  const net = await loadNir(bytes, options);
  const stream = await openStream(net, { device: "reference" });
  const found: number[][] = [];
  for (const input of inputs) found.push([...(await stream.step(input)).output]);
  await stream.close();
  return found;
}

describe("loadNir", () => {
  it("computes neurons with parameters of their own, after an affine map, in Euler steps", async () => {
    const weight = { shape: [2, 2], values: Float32Array.of(1, 2, 0, 1) };
    const nodes = { ...ports, fc: node("Affine", { weight, bias: numbers(0, 0.5) }), n: node("LI", lif) };
    const got = await outputs(
      await file(nodes, [
        ["input", "fc"],
        ["fc", "n"],
        ["n", "output"],
      ]),
      euler,
      [
        [1, 1],
        [0, 0],
      ],
    );
    // v1: 0.5 * 3, then half; v2: 2 * 0.25 * 1.5, then 0.75 v2 + 2 * 0.25 * 0.5
    const expected = [1.5, 0.75, 0.75, 0.8125];
    for (const [i, value] of got.flat().entries()) expect(value).toBeCloseTo(expected[i]!, 6);
  });

  it("carries spikes back through a recurrent map, one step later", async () => {
    const rec = { shape: [2, 2], values: Float32Array.of(0, 0, 1.5, 0) };
    const one = numbers(1, 1);
    const nodes = { ...ports, n: node("IF", { r: one, v_threshold: one }), rec: node("Linear", { weight: rec }) };
    const edges = [
      ["input", "n"],
      ["n", "rec"],
      ["rec", "n"],
      ["n", "output"],
    ];
    expect(
      await outputs(await file(nodes, edges), { ...euler, dt: "1 s" }, [
        [2, 0],
        [0, 0],
        [0, 0],
      ]),
    ).toEqual([
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
  });

  it("reads nested graphs, and writes the conventions into the model's record", async () => {
    const inner = graph({ ...ports, n: node("LIF", lif) }, [
      ["input", "n"],
      ["n", "output"],
    ]);
    const net = await loadNir(
      await file({ ...ports, sub: inner }, [
        ["input", "sub"],
        ["sub", "output"],
      ]),
      euler,
    );
    expect([...net.parameters.keys()]).toEqual(["layer1.tau", "layer1.r"]);
    const description = describeModel(net, "1");
    expect(JSON.stringify(description)).toContain(
      "dt 1 ms, times of the file in 1000 ms, scheme euler, reset file, resetTime same step",
    );
    expect(buildModel(description).outputs).toBe(2);
  });

  it("fires above the value of a Threshold, also after export and import", async () => {
    const nodes = {
      ...ports,
      n: node("IF", { r: numbers(1, 1), v_threshold: numbers(1, 1) }),
      fc: node("Linear", { weight: { shape: [2, 2], values: Float32Array.of(1, 1, 1, 0) } }),
      step: node("Threshold", { threshold: numbers(1.5, 0.5) }),
    };
    const edges = [
      ["input", "n"],
      ["n", "fc"],
      ["fc", "step"],
      ["step", "output"],
    ];
    const bytes = await file(nodes, edges);
    const options = { ...euler, dt: "1 ms", timeUnit: "1 ms", reset: "subtract" } as const;
    const inputs = [
      [2, 2],
      [0, 2],
      [0, 0],
    ];
    // The first unit needs both spikes, the second one only the first; v of the first is 1 after its spike, not above 1.
    const expected = [
      [1, 1],
      [0, 0],
      [0, 0],
    ];
    expect(await outputs(bytes, options, inputs)).toEqual(expected);
    const exported = await serializeNir(await loadNir(bytes, options));
    expect(exported.options).toMatchObject({ dt: "1 ms", timeUnit: "1 ms", reset: "subtract" });
    expect(await outputs(exported.bytes, exported.options, inputs)).toEqual(expected);
  });

  it("pads convolutions by words, as PyTorch does", async () => {
    const shape = numbers(1, 3, 3);
    const conv = (size: number[], padding: string) => {
      const count = size[0]! * size[1]!;
      const weight = { shape: [1, 1, ...size], values: Float32Array.from({ length: count }, (_, i) => i + 1) };
      return node("Conv2d", { weight, bias: numbers(0), padding: text(padding) });
    };
    const load = async (size: number[], padding: string, output: Hdf5Values) => {
      const nodes = { input: node("Input", { shape }), conv: conv(size, padding), n: node("I", { r: numbers(1) }) };
      const edges = [
        ["input", "conv"],
        ["conv", "n"],
        ["n", "output"],
      ];
      const bytes = await file({ ...nodes, output: node("Output", { shape: output }) }, edges);
      return outputs(bytes, { ...euler, dt: "1 s" }, [[0, 0, 0, 0, 1, 0, 0, 0, 0]]);
    };
    // An impulse in the middle gives the window, turned by 180 degrees.
    expect(await load([3, 3], "same", shape)).toEqual([[9, 8, 7, 6, 5, 4, 3, 2, 1]]);
    expect(await load([1, 3], "same", shape)).toEqual([[0, 0, 0, 3, 2, 1, 0, 0, 0]]);
    expect(await load([2, 2], "valid", numbers(1, 2, 2))).toEqual([[4, 3, 2, 1]]);
    await expect(load([2, 2], "same", shape)).rejects.toThrow(
      'has the padding "same" in conv with windows of 2 x 2 and stride 1 x 1; use windows of odd sizes',
    );
    await expect(load([3, 3], "full", shape)).rejects.toThrow('has the padding "full" in conv; give "same"');
  });

  it("computes the steps of SpikingJelly and Spyx, whose order is written out here", async () => {
    const one = { r: numbers(0.3, 0.3), v_leak: numbers(0, 0), v_threshold: numbers(1, 1) };
    const chain = [
      ["input", "n"],
      ["n", "output"],
    ];
    const inputs = [1, 0.5, 0.75, 1, 0, 1, 1, 1, 0, 0].map((value, t) => [value, t % 2]);
    // An integrator of r = 1 / dt, which fires at its threshold.
    const sums = await file({ ...ports, n: node("IF", { ...one, r: numbers(1000, 1000) }) }, chain);
    let v = [0, 0];
    const atThreshold = inputs.map((input) => {
      v = v.map((before, i) => before + input[i]!);
      const y = v.map((value) => Number(value >= 1));
      v = v.map((value, i) => value * (1 - y[i]!));
      return y;
    });
    expect(await outputs(sums, { ...euler, preset: "spikingjelly" }, inputs)).toEqual(atThreshold);
    // Spikes are those of the potential at the start of a step; r is not used.
    const leaks = await file({ ...ports, n: node("LIF", { ...one, tau: numbers(0.002, 0.004) }) }, chain);
    const beta = [0.5, 0.75];
    v = [0, 0];
    const ofStart = inputs.map((input) => {
      const y = v.map((value) => Number(value > 1));
      v = v.map((before, i) => beta[i]! * before + input[i]! - y[i]!);
      return y;
    });
    expect(ofStart.flat().filter(Boolean).length).toBeGreaterThan(2);
    expect(await outputs(leaks, { ...euler, preset: "spyx" }, inputs)).toEqual(ofStart);
  });

  it("refuses what it would have to guess, and what is broken", async () => {
    const nodes = { ...ports, n: node("LIF", lif) };
    const chain = [
      ["input", "n"],
      ["n", "output"],
    ];
    const good = await file(nodes, chain);
    await expect(loadNir(good, { dt: "1 ms", steps: 1 })).rejects.toThrow(
      "loadNir: NIR files do not contain scheme, reset, resetTime, arrival, current, firing, gain; give a preset",
    );
    await expect(loadNir(good, { ...euler, dt: "5 ms" })).rejects.toThrow("for which Euler steps of 5 ms are unstable");
    await expect(loadNir(await file(nodes, [["input", "lif"]]), euler)).rejects.toThrow(
      'NIR: "model.nir" has an edge of "lif", but its nodes are',
    );
    const cuba = { r: lif.r, tau_syn: lif.tau, tau_mem: lif.tau, v_leak: lif.v_leak, v_threshold: lif.v_threshold };
    await expect(
      loadNir(await file({ ...ports, n: node("CubaLIF", cuba) }, chain), { ...euler, preset: "spyx" }),
    ).rejects.toThrow("has n of type CubaLIF, whose step in Spyx subtracts the threshold twice; give other choices");
    const bad = { ...ports, n: node("LIF", { ...lif, tau: numbers(0.002, Number.NaN) }) };
    await expect(loadNir(await file(bad, chain), euler)).rejects.toThrow(
      "has values of tau in n that are not finite numbers",
    );
    const { r: _, ...missing } = lif;
    await expect(loadNir(await file({ ...ports, n: node("LIF", missing) }, chain), euler)).rejects.toThrow(
      "has no r in n",
    );
    await expect(loadNir(await file({ ...ports, n: node("Delay", lif) }, chain), euler)).rejects.toThrow(
      "has n of type Delay, which is not supported",
    );
  });

  describe.skipIf(!has)("with real files of the NIR project", () => {
    it.each([
      ["exact", "lif_exact", 1],
      ["norse", "lif_norse", 1],
      ["lava", "lif_lava_cpu_float", 1],
      ["nengo", "lif_nengo", 0.1],
    ] as const)("preset %s has the trace of %s", async (preset, trace, factor) => {
      const net = await loadNir(real("lif_norse.nir"), { dt: "0.1 ms", steps: 1000, preset });
      const rows = real(`${trace}.csv`)
        .toString()
        .trim()
        .split("\n")
        .map((row) => row.split(",").map(Number));
      const data = seriesDataset({ values: Float32Array.from(rows, (row) => row[0]!), inputs: 1, labels: [0] });
      const { states, output } = (await record(net, data, { device: "reference" })).layers.at(-1)!;
      const v = states.v!;
      expect([...output]).toEqual(rows.map((row) => row[2]));
      // A recording has v before a reset, the trace has it after it; the next steps show the reset.
      const worst = Math.max(...rows.map((row, t) => (row[2] ? 0 : Math.abs(v[t]! - factor * row[1]!))));
      expect(worst).toBeLessThan(1e-6);
    });

    it("names the node that the edges of a broken graph name", async () => {
      const bytes = real("braille_noDelay_noBias_subtract_subgraph.nir");
      const error = await loadNir(bytes, euler).catch(({ message }: Error) => message);
      expect(error).toMatch(
        /^NIR: "model\.nir" has an edge of "lif" in lif1, but its nodes are [^.]*; correct the edge\.$/,
      );
    });

    it("keeps every array and every spike of the recurrent network through export and import", async () => {
      const options = { dt: "0.1 ms", steps: 256, preset: "snntorch", reset: "subtract" } as const;
      const first = await loadNir(real("braille_noDelay_noBias_subtract.nir"), options);
      const { bytes, options: choices } = await serializeNir(first);
      const { preset: _, ...given } = options;
      expect(choices).toMatchObject({ ...given, scheme: "euler", resetTime: "next step", current: "new" });
      const second = await loadNir(bytes, choices);
      expect(second.parameters).toEqual(first.parameters);
      // Taps on 12 channels, in one of six steps each.
      const values = Float32Array.from({ length: 256 * 12 }, (_, i) =>
        ((i % 12) + Math.floor(i / 12)) % 6 === 0 ? 1 : 0,
      );
      const data = seriesDataset({ values, inputs: 12, labels: [0] });
      const [one, two] = [
        await record(first, data, { device: "reference" }),
        await record(second, data, { device: "reference" }),
      ];
      const spikes = one.layers.map(({ output }) => output.reduce((sum, y) => sum + y, 0));
      expect(
        spikes.every((count) => count > 0),
        `${spikes}`,
      ).toBe(true);
      for (const [i, { output }] of one.layers.entries()) expect(two.layers[i]!.output).toEqual(output);
    });

    const digits = new URL("../../../../shared/data/nmnist-small/test.tar.gz", import.meta.url).pathname;
    it.skipIf(!existsSync(digits))(
      "the convolutional network of Sinabs recognizes the first digits of N-MNIST",
      async () => {
        const options = { dt: "1 ms", timeUnit: "1 ms", steps: 305, preset: "norse" } as const;
        const data = await readNmnist({ folder: digits, bin: "1 ms", steps: 305, as: "counts" });
        const net = await loadNir(real("cnn_sinabs.nir"), options);
        const found = await predict(net, data, { device: "simd" });
        expect(found.samples).toBe(100);
        expect(found.steps).toBe(305);
        expect(found.accuracy).toBeGreaterThanOrEqual(0.98);
        const { bytes, options: choices } = await serializeNir(net);
        const again = await predict(await loadNir(bytes, choices), data, { device: "simd" });
        expect(again.scores).toEqual(found.scores);
      },
    );
  });
});

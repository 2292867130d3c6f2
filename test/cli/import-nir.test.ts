import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDigits } from "#spikevine/src/data/index";
import { loadNir } from "#spikevine/src/formats/index";
import { evaluate } from "#spikevine/src/index";
import { type Hdf5Group, type Hdf5Values, serializeHdf5 } from "#spikevine/src/io/hdf5/write";
import { loadModel } from "#spikevine/src/model/index";
import { spikevine } from "./run-cli.js";

const group = (members: Record<string, Hdf5Group | Hdf5Values>): Hdf5Group => ({
  members: new Map(Object.entries(members)),
});
const text = (value: string): Hdf5Values => ({ shape: [], values: [value] });
const all = (count: number, value: number): Hdf5Values => ({
  shape: [count],
  values: new Float32Array(count).fill(value),
});

const CHOICES = ["--preset", "norse", "--dt", "1", "--steps", "6"];

let folder = "";
let file = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "spikevine-nir-"));
  file = join(folder, "net.nir");
  const weight = {
    shape: [10, 784],
    values: Float32Array.from({ length: 7840 }, (_, i) => 0.01 * ((i * 37) % 23) - 0.1),
  };
  const nodes = {
    input: group({ type: text("Input"), shape: all(1, 784) }),
    fc: group({ type: text("Linear"), weight }),
    if: group({ type: text("IF"), r: all(10, 1), v_threshold: all(10, 1), v_reset: all(10, 0) }),
    output: group({ type: text("Output"), shape: all(1, 10) }),
  };
  const edges = { shape: [3, 2], values: ["input", "fc", "fc", "if", "if", "output"] };
  const node = group({ type: text("NIRGraph"), nodes: group(nodes), edges });
  writeFileSync(file, await serializeHdf5(group({ version: text("1.0.7"), node })));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("import of a NIR file", () => {
  it("writes a model that eval tests with the numbers of loadNir", async () => {
    const to = join(folder, "net.safetensors");
    const done = await spikevine(
      "import",
      file,
      "--to",
      to,
      ...CHOICES,
      "--time-unit",
      "1 ms",
      "--nir-reset",
      "subtract",
    );
    expect(done.stderr).toBe("");
    expect(done.stdout).toContain("1 ms, scheme euler, reset subtract, resetTime same step");
    expect(done.stdout).toContain("chosen    encoder direct; 6 steps of 1 ms; read-out count");
    const options = { preset: "norse", dt: "1 ms", steps: 6, timeUnit: "1 ms", reset: "subtract" } as const;
    const network = await loadNir(readFileSync(file), options);
    expect((await loadModel(to)).parameters).toEqual(network.parameters);
    const evaluated = await spikevine("eval", to, "--data", "digits", "--test-samples", "200", "--json");
    expect(evaluated.stderr).toBe("");
    const { test } = makeDigits({ train: 1, test: 200 });
    const { accuracy } = await evaluate(network, test, { device: "simd" });
    expect(JSON.parse(evaluated.stdout).accuracy).toBeCloseTo(accuracy, 12);
    expect((await spikevine("import", file, "--to", to, ...CHOICES)).stderr).toContain("exists already");
  });

  it("asks for what NIR files do not contain, and refuses flags of other files", async () => {
    const fails = async (...args: string[]) => (await spikevine("import", file, ...args)).stderr;
    expect(await fails("--preset", "norse", "--dt", "1")).toContain("NIR files do not contain --steps");
    expect(await fails("--dt", "1", "--steps", "6")).toContain("NIR files do not contain scheme, reset, resetTime");
    expect(await fails(...CHOICES, "--names", "a=layer1")).toContain("--names is not for a NIR file; leave it out.");
    expect(await fails(...CHOICES, "--preset", "nest")).toContain('"nest"');
  });
});

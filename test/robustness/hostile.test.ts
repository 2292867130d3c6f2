import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rate } from "#spikevine/encoders/index";
import { dense, network } from "#spikevine/networks/index";
import { defineNeuron, type NeuronSpec } from "#spikevine/neurons/index";
import { sgd } from "#spikevine/plasticity/index";
import { SpikevineError } from "#spikevine/src/errors";
import { buildNetwork } from "#spikevine/src/experiment/build";
import { parseExperiment } from "#spikevine/src/experiment/parse";
import { createRunFolder } from "#spikevine/src/io/run-folder/run-folder";
import { train } from "#spikevine/src/training/index";
import { spikevine } from "../cli/run-cli.js";
import { stripes } from "../training/stripes.js";
import { HOSTILE } from "./fuzz/mutate.js";

const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "spikevine-hostile-"));

const plain: NeuronSpec = {
  name: "plain",
  summary: "",
  source: "",
  states: { s: { summary: "" } },
  parameters: { gain: { value: 0.5, summary: "" } },
  update: { s: "I + gain * s" },
  output: "tanh(s)",
};

describe("a definition is data, whatever its name", () => {
  // Its names are texts that would cause harm if inserted into code unchanged.
  const called = (hostile: string): NeuronSpec => ({ ...plain, name: hostile, summary: hostile, source: hostile });

  it.each(["reference", "simd", "gpujs:cpu", "gpujs:webasm"])("on %s", async (device) => {
    // On gpu.js, where a kernel takes long to compile, only those that are code.
    const chosen = HOSTILE.filter((hostile) => !device.startsWith("gpujs") || hostile.includes("hacked"));
    for (const hostile of chosen) {
      const neuron = defineNeuron(called(hostile));
      const net = network({ inputs: 12, encoder: rate(), steps: 2, layers: [dense(3, neuron)] });
      const stopped = new AbortController();
      const { updates } = await train(net, {
        data: stripes(6),
        epochs: 1,
        batchSize: 6,
        optimizer: sgd(),
        device,
        threads: 1,
        onBatch: () => stopped.abort(),
        signal: stopped.signal,
      });
      expect(updates).toBe(1);
    }
    expect(globalThis).not.toHaveProperty("hacked");
  });

  it("names of states and parameters are identifiers and not words of JavaScript", () => {
    for (const hostile of [...HOSTILE, "__proto__", "eval(1)", "a-b", "this", "await", "y__now", "Math.exp", ""]) {
      const asState = { ...plain, states: { [hostile]: { summary: "" } }, update: { [hostile]: "I" }, output: "I" };
      const asParameter = { ...plain, parameters: Object.fromEntries([[hostile, { value: 1, summary: "" }]]) };
      for (const spec of [asState, asParameter]) {
        try {
          // A name such as "constructor" is an ordinary name: it must work, or be refused.
          defineNeuron(spec).kernel({ dt: 1 });
        } catch (error) {
          expect(error, hostile).toBeInstanceOf(SpikevineError);
        }
      }
    }
    expect(globalThis).not.toHaveProperty("hacked");
    expect({}).not.toHaveProperty("summary");
  });
});

describe("paths stay inside the given folder", () => {
  it("run folders, for any name of a run", async () => {
    const root = await temporaryFolder();
    const names = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...HOSTILE, "..", ".", "a/../../b"));
    let second = 0;
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        const { path } = await createRunFolder({ root, name, now: new Date(1000 * second++) });
        expect(dirname(resolve(path))).toBe(resolve(root));
      }),
      { numRuns: 100 },
    );
  });
});

describe("experiment files", () => {
  it("in JSON are never run, whatever their content", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "evil.json");
    for (const hostile of HOSTILE) {
      for (const text of [
        hostile,
        `{ "__proto__": { "hacked": ${JSON.stringify(hostile)} } }`,
        `{ "network": { "activation": ${JSON.stringify(hostile)} } }`,
        `{ "network": { "tau": ${JSON.stringify(hostile)}, "neuron": "lif" } }`,
        `{ "encoder": { "name": ${JSON.stringify(hostile)} } }`,
        `{ "data": { "name": ${JSON.stringify(hostile)} } }`,
      ]) {
        await writeFile(path, text);
        const { code, stderr } = await spikevine("train", path, "--device", "reference", "--out", join(folder, "runs"));
        expect([1, 2], stderr).toContain(code);
        expect(stderr).not.toContain("this is a bug");
      }
    }
    expect(globalThis).not.toHaveProperty("hacked");
    expect({}).not.toHaveProperty("hacked");
    expect(await readdir(folder)).toEqual(["evil.json"]);
  });

  it.each([{ hidden: [2 ** 40] }, { hidden: Array(64).fill(2 ** 20) }, { hidden: [30_000, 30_000], recurrent: true }])(
    "that ask for more than a machine has are refused in words (%#)",
    (sizes) => {
      const experiment = parseExperiment({ network: sizes });
      expect(() => buildNetwork(experiment, 784, 10)).toThrow(SpikevineError);
    },
  );

  it("with more steps than a machine has memory for are refused in words", async () => {
    for (const device of ["reference", "simd", "gpujs:cpu"]) {
      const flags = ["--steps", "1000000000000", "--hidden", "8", "--train-samples", "20", "--test-samples", "10"];
      const { code, stderr } = await spikevine("train", ...flags, "--device", device, "--out", await temporaryFolder());
      expect(stderr).not.toContain("this is a bug");
      expect(code).toBe(1);
    }
  });
});

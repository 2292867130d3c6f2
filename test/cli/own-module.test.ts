import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadModel } from "#spikevine/src/model/index";
import { spikevine, temporaryFolder } from "./run-cli.js";

/** Within the package, so that modules find it by its name. */
let folder: string;
let out: string;
beforeAll(async () => {
  folder = await mkdtemp(fileURLToPath(new URL("../.own-module-", import.meta.url)));
  out = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const MODULE = `
import { dataset, defineEncoder, defineLoss, defineNeuron, dense, type NeuronDefinition, tanhDerivative } from "spikevine";

const images = Float32Array.from({ length: 60 * 4 }, (_, i) => (Math.floor((i % 4) / 2) === Math.floor(i / 4) % 2 ? 0.9 : 0.1));
const labels = Array.from({ length: 60 }, (_, i) => i % 2);
const samples = dataset({ name: "halves", images, labels });
export const data = async () => ({ train: samples, test: samples });

const neuron: NeuronDefinition = defineNeuron({
  name: "halving",
  summary: "Halves its state in every step.",
  source: "this file",
  states: { h: { summary: "state" } },
  parameters: { level: { value: 1, summary: "threshold" } },
  update: { h: "h / 2 + I" },
  spike: "h - level",
  reset: { h: "h - level * y" },
  surrogate: tanhDerivative(),
});
export const layers = (classes: number) => [dense(6, neuron), dense(classes, neuron)];
export const encoder = defineEncoder({ name: "doubled", summary: "Twice the value.", source: "this file", current: "2 * x" });
export const loss = defineLoss({ name: "squares", summary: "Squared counts.", source: "this file", loss: "(y - 5 * target)^2" });
export default { network: { steps: 6 }, training: { epochs: 4 }, device: "reference", evaluation: {} };
`;

describe("a .ts experiment with parts of its own", () => {
  it("is trained, evaluated and resumed with its data, layers, encoder and loss", async () => {
    const file = join(folder, "mine.ts");
    await writeFile(file, MODULE);
    const { stdout, stderr } = await spikevine("train", file, "--learning-rate", "0.02", "--out", out);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^data {5}halves: 60 training, 60 test samples of 4 pixels in 2 classes$/m);
    expect(stdout).toMatch(/^encoder {2}doubled$/m);
    expect(stdout).toMatch(/^network {2}4-6-2 of halving, level 1; 6 steps of 1 ms/m);
    const accuracy = /^test accuracy (.*?) at/m.exec(stdout)![1]!;
    const [name] = (await readdir(out)).filter((one) => one.endsWith("halving-halves"));
    const run = join(out, name!);
    const config = JSON.parse(await readFile(join(run, "config.json"), "utf8"));
    expect([config.module, config.moduleHash]).toEqual([file, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    // The definitions are in the weights, so the module is not needed to open them.
    expect((await loadModel(join(run, "weights.safetensors"))).encoder.name).toBe("doubled");

    // A module is only run if the user names it.
    const refused = await spikevine("eval", run);
    expect(refused.stderr).toContain(
      `eval: this was trained with the module "${file}", which would be run; give --module`,
    );
    expect((await spikevine("train", "--resume", run)).stderr).toContain("--resume: this was trained with the module");
    const evaluated = await spikevine("eval", run, "--module", file);
    expect(evaluated.stderr).toBe("");
    expect(/^accuracy {2}(.*)$/m.exec(evaluated.stdout)![1]).toBe(accuracy);
    expect((await spikevine("train", "--resume", run, "--module", file)).stderr).toBe("");
    await writeFile(file, MODULE.replace("2 * x", "3 * x"));
    expect((await spikevine("eval", run, "--module", file)).stderr).toMatch(
      /has changed since the experiment was run with it/,
    );
    expect((await spikevine("eval", run, "--module", file, "--module-hash", "none")).stderr).toMatch(
      /doubled.* changed since they were trained/,
    );
    expect((await spikevine("sweep", file, "--set", "learning-rate=0.1,0.2", "--out", out)).stderr).toMatch(
      /has the module ".*mine\.ts", which sweeps do not run/,
    );
  });

  it("may take its parts from --module, and other fields from flags", async () => {
    const file = join(folder, "neuron.ts");
    await writeFile(file, 'import { leaky } from "spikevine";\nexport const neuron = leaky({ beta: 0.5 });\n');
    const flags = ["--train-samples", "40", "--test-samples", "20", "--hidden", "8", "--steps", "4", "--epochs", "1"];
    const { stdout, stderr } = await spikevine(
      "train",
      "--module",
      file,
      ...flags,
      "--device",
      "reference",
      "--out",
      out,
    );
    expect(stderr).toBe("");
    expect(stdout).toMatch(/784-8-10 of leaky, beta 0\.5, threshold 1/);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["export const neurons = 3;", [], /unknown export "neurons": did you mean "neuron"\?/],
    ["export const neuron = 3;", [], /module ".*": neuron is 3; give a neuron, e\.g\. snu\(\)\./],
    ["export const data = { train: 1 };", [], /module ".*": data\.train is 1; give/],
    ["export const data = () => 3;", [], /the data of the module: data is 3; give/],
    ['export { snu as neuron } from "spikevine";', [], /neuron is .*; give a neuron/],
    [
      'import { snu } from "spikevine"; export const neuron = snu();',
      ["--decay", "0.5"],
      /exports neuron, beside which network\.decay has no effect/,
    ],
    [
      'import { makeDigits } from "spikevine"; export const data = () => makeDigits({ train: 9, test: 9 });',
      ["--data", "mnist"],
      /exports data, beside which data\.name \(--data\) has no effect/,
    ],
    ["throw new Error('broken');", [], /could not be run: broken/],
  ])("is refused: %s", async (text, flags, message) => {
    const file = join(folder, `refused.ts`);
    await writeFile(file, text);
    const { stderr, code } = await spikevine(
      "train",
      "--module",
      file,
      ...flags,
      "--device",
      "reference",
      "--out",
      out,
    );
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
  });
});

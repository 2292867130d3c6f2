import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { serializeIdx } from "#spikevine/src/data/index";
import { spikevine, TINY, temporaryFolder } from "./run-cli.js";

/** Every refusal: the exit code, one sentence, soon, and no run folder. */
async function expectRefusal(args: readonly string[], code: number, message: string | RegExp): Promise<void> {
  const out = await temporaryFolder();
  const refused = await spikevine(...args, ...(args.includes("--out") ? [] : ["--out", out]));
  expect(refused.stderr).toMatch(message);
  expect(refused.stderr.trim().split("\n")).toHaveLength(1);
  expect(refused.stderr).not.toContain("this is a bug");
  expect(refused.code).toBe(code);
  expect(await readdir(out)).toEqual([]);
  expect(refused.seconds).toBeLessThan(5);
}

describe("wrong command lines", () => {
  it.each<[string[], number, string | RegExp]>([
    [["trian"], 2, 'unknown command "trian": did you mean "train"?'],
    [["train", "--epohcs", "3"], 2, 'unknown flag "--epohcs": did you mean "--epochs"?'],
    [["train", "--epochs"], 2, /--epochs has no value; give a whole number of at least 1\./],
    [["train", "--epochs", "--batch-size", "3"], 2, "--epochs has no value"],
    [["train", "--epochs", "many"], 2, '--epochs is "many"; give a whole number of at least 1.'],
    [["train", "--batch-size", "0"], 2, "--batch-size is 0; give a whole number of at least 1"],
    [["train", "--learning-rate", "-0.1"], 2, '--learning-rate is -0.1; give a number above 0, or "the optimizer\'s".'],
    [["train", "--max-rate", "2"], 2, "--max-rate is 2; give a number above 0 and at most 1."],
    [["train", "--hidden", "256,x"], 2, "--hidden is"],
    [["train", "--neuron", "snuu"], 2, 'unknown neuron "snuu": did you mean "snu"?'],
    [["train", "--optimizer", "adm"], 2, 'unknown optimizer "adm": did you mean "adam"?'],
    [["train", "--grapes", "lokal"], 2, 'unknown grapes "lokal": did you mean "local"?'],
    [["train", "--credit", "direct-feedback"], 2, /unknown credit "direct-feedback"/],
    [
      ["train", "--weight-bits", "0"],
      2,
      '--weight-bits is 0; give a whole number of at least 1 and at most 16, or "off".',
    ],
    [["train", "--encoder", "ratee"], 2, 'unknown encoder "ratee": did you mean "rate"?'],
    [["train", "--surrogate", "arktan"], 2, 'unknown surrogate "arktan": did you mean "arctan"?'],
    [["train", "--data", "mnst"], 2, 'unknown data "mnst": did you mean "mnist"?'],
    [["train", "--device", "gpujs:webgl"], 2, 'unknown device "gpujs:webgl": did you mean "gpujs:webgl2"?'],
    [["train", "--dropout", "1"], 2, "--dropout is 1; give a number of at least 0 and below 1"],
    [["train", "--patience", "2"], 2, "give --validation-samples too"],
    [["--epochs", "3", "train"], 2, "comes before the command"],
  ])("refuses %j", expectRefusal);
});

describe("invalid settings", () => {
  it.each<[string[], string | RegExp]>([
    [["--neuron", "lif", "--tau", "-20 ms"], /tau.*-20 ms/],
    [["--neuron", "lif", "--tau", "20 mV"], /tau.*20 mV/],
    [["--neuron", "lif", "--tau", "20"], /tau.*20/],
    [["--neuron", "relu", "--decay", "0.9"], "decay"],
    [["--reset", "zeroo"], 'did you mean "zero"?'],
    [["--encoder", "poisson", "--frequency", "100 mV"], "100 mV"],
    [["--encoder", "poisson", "--max-rate", "0.3"], "maxRate"],
    [["--integrator", "exact"], "integrator is exact, but adam does not have this option; use the optimizer bio-adam"],
    [["--optimizer", "bio-adam", "--interval", "20"], /interval.*20/],
    [["--credit", "predisposition", "--optimizer", "bio-adam"], "the optimizer has none"],
    [["--grapes", "off", "--grapes-bound", "none"], /grapes is "off", but its options are set/],
    [["--hidden", "8", "--grapes-grouping", "outgoing"], /modulates weights between hidden layers.*only one/],
    [["--weight-range", "1"], "give hardware.weightBits too"],
    [["--device", "gpujs:webgl2"], /gpujs:webgl2|webgl2/],
    [["--train-samples", "10", "--validation-samples", "10"], "leave at least one to train on"],
    [["nowhere.json"], 'cannot read "nowhere.json": there is no such file'],
  ])("refuses train %j", async (flags, message) => {
    await expectRefusal(["train", ...flags], 1, message);
  });

  it("refuses a run folder that cannot be created", async () => {
    const file = join(await temporaryFolder(), "file");
    await writeFile(file, "");
    await expectRefusal(["train", ...TINY, "--out", join(file, "runs")], 1, /cannot make a run folder|run folder/);
  });

  it("stops where a weight is no longer finite, naming layer, epoch and batch, and keeps the last good weights", async () => {
    const out = await temporaryFolder();
    const { code, stderr } = await spikevine("train", ...TINY, "--learning-rate", "1e38", "--out", out);
    expect(code).toBe(1);
    expect(stderr).toMatch(/layer\d.*epoch 1, batch \d/);
    expect(await readdir(join(out, (await readdir(out))[0]!))).toContain("weights.safetensors");
  });
});

describe("broken data", () => {
  const images = serializeIdx({ shape: [4, 28, 28], data: new Uint8Array(4 * 784).fill(255) });
  const labels = serializeIdx({ shape: [4], data: new Uint8Array([0, 1, 2, 3]) });
  const good = {
    "train-images-idx3-ubyte": images,
    "train-labels-idx1-ubyte": labels,
    "t10k-images-idx3-ubyte": images,
    "t10k-labels-idx1-ubyte": labels,
  };

  async function folderWith(changed: Partial<Record<keyof typeof good, Uint8Array | null>>): Promise<string> {
    const folder = await temporaryFolder();
    for (const [name, bytes] of Object.entries({ ...good, ...changed })) {
      if (bytes !== null) await writeFile(join(folder, name), bytes);
    }
    return folder;
  }

  it("trains on undamaged files", async () => {
    const flags = [...TINY, "--train-samples", "4", "--test-samples", "4", "--data", "mnist"];
    const { code, stderr } = await spikevine(
      "train",
      ...flags,
      "--data-dir",
      await folderWith({}),
      "--out",
      await temporaryFolder(),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it.each<[string, Partial<Record<keyof typeof good, Uint8Array | null>>, RegExp]>([
    ["a missing file", { "t10k-labels-idx1-ubyte": null }, /t10k-labels-idx1-ubyte/],
    ["a wrong magic number", { "train-images-idx3-ubyte": new Uint8Array(images).fill(7, 0, 4) }, /train-images/],
    ["a truncated file", { "train-images-idx3-ubyte": images.subarray(0, 1000) }, /train-images/],
    ["an empty file", { "train-labels-idx1-ubyte": new Uint8Array(0) }, /train-labels/],
    [
      "counts that do not match",
      { "train-labels-idx1-ubyte": serializeIdx({ shape: [3], data: new Uint8Array(3) }) },
      /train-(images|labels)/,
    ],
    [
      "a label out of range",
      { "train-labels-idx1-ubyte": serializeIdx({ shape: [4], data: new Uint8Array([0, 1, 2, 10]) }) },
      /10/,
    ],
  ])("refuses %s", async (_what, changed, message) => {
    await expectRefusal(["train", "--data", "mnist", "--data-dir", await folderWith(changed)], 1, message);
  });

  it("refuses a folder that is not there", async () => {
    await expectRefusal(["train", "--data", "mnist", "--data-dir", "nowhere"], 1, '"nowhere" has no train-images');
  });

  it("refuses downloads that are damaged", async () => {
    const cache = await temporaryFolder();
    await mkdir(join(cache, "spikevine/mnist"), { recursive: true });
    for (const [name, bytes] of Object.entries(good))
      await writeFile(join(cache, "spikevine/mnist", `${name}.gz`), bytes);
    const { SPIKEVINE_DATA, XDG_CACHE_HOME } = process.env;
    Object.assign(process.env, { SPIKEVINE_DATA: "", XDG_CACHE_HOME: cache });
    try {
      await expectRefusal(["train", "--data", "mnist"], 1, /SHA-256 is not the published one/);
    } finally {
      process.env.SPIKEVINE_DATA = SPIKEVINE_DATA ?? "";
      process.env.XDG_CACHE_HOME = XDG_CACHE_HOME ?? "";
    }
  });
});

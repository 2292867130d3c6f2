import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "#spikevine/src/io/sha256";
import { SHORT } from "../checkpoint/command.js";
import { spikevine, temporaryFolder } from "./run-cli.js";

/** Every file of a folder by its checksum. */
async function contentOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(
    await Promise.all(files.sort().map(async (path) => [path.slice(folder.length), sha256(await readFile(path))])),
  );
}

describe("a --resume that is refused leaves the run as it was:", () => {
  let finished: string;
  beforeAll(async () => {
    const out = join(await temporaryFolder(), "runs");
    expect((await spikevine("train", ...SHORT, "--out", out)).code).toBe(0);
    finished = join(out, (await readdir(out))[0]!);
  });

  it.each([
    ["other layers", ["--allow-changes", "--hidden", "16"], /layer1.weights should be \[784, 16\] but is \[784, 12\]/],
    ["more layers", ["--allow-changes", "--hidden", "12,12"], /layer2.weights should be/],
    ["another rule", ["--allow-changes", "--optimizer", "momentum"], /is missing/],
    ["another neuron", ["--allow-changes", "--neuron", "lif", "--hidden", "9"], /should be/],
    [
      "a plan that needs too much memory",
      ["--allow-changes", "--batch-size", "128", "--steps", "40000000"],
      /GiB|memory/,
    ],
    ["data that are not there", ["--allow-changes", "--data", "mnist", "--data-dir", "/nowhere"], /nowhere|mnist/],
    ["other settings, without a word that they may be", ["--learning-rate", "0.5"], /would not be the same run/],
  ])("%s", async (_, flags, message) => {
    const folder = `${finished}-copy`;
    await cp(finished, folder, { recursive: true });
    const before = await contentOf(folder);
    const { code, stderr } = await spikevine("train", "--resume", folder, ...flags);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(await contentOf(folder)).toEqual(before);
    await rm(folder, { recursive: true });
  });
});

describe("the configuration of a resumed run", () => {
  const prepared = async (): Promise<string> => {
    const out = join(await temporaryFolder(), "runs");
    expect((await spikevine("train", ...SHORT, "--out", out)).code).toBe(0);
    return join(out, (await readdir(out))[0]!);
  };

  it("is refused where it has been changed and no checkpoint has the one of before", async () => {
    const folder = await prepared();
    await rm(join(folder, "checkpoints"), { recursive: true });
    const config = await readFile(join(folder, "config.json"), "utf8");
    await writeFile(join(folder, "config.json"), config.replace('"epochs": 2', '"epochs": 3'));
    const before = await contentOf(folder);
    const refused = await spikevine("train", "--resume", folder);
    expect(refused.stderr).toMatch(
      /config.json" may have been edited since it was written \(its checksum differs\); restore it, or give/,
    );
    expect(await contentOf(folder)).toEqual(before);
    expect((await spikevine("train", "--resume", folder, "--allow-changes")).code).toBe(0);
    expect((await readFile(join(folder, "config.json"), "utf8")).includes('"epochs": 3')).toBe(true);
  });

  it("is that of the checkpoint, with a word, where it is damaged", async () => {
    const folder = await prepared();
    const config = await readFile(join(folder, "config.json"), "utf8");
    await writeFile(join(folder, "config.json"), config.slice(0, 100));
    const { code, stderr } = await spikevine("train", "--resume", folder);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(
        /config.json" is not JSON .*The configuration in ".*checkpoint-\d+.json" is used\.\n$/,
      ),
    });
    expect(await readFile(join(folder, "config.json"), "utf8")).toBe(config);
  });
});

describe("a run that is refused leaves no folder:", () => {
  it.each([
    ["a plan that needs too much memory", ["--batch-size", "128", "--steps", "40000000"]],
    ["data that are not there", ["--data", "mnist", "--data-dir", "/nowhere"]],
    ["more samples held out than there are", ["--validation-samples", "500"]],
    ["a device that is not there", ["--device", "simd2"]],
    ["a value out of its range", ["--learning-rate", "-1"]],
  ])("%s", async (_, flags) => {
    const out = join(await temporaryFolder(), "runs");
    expect((await spikevine("train", ...SHORT, "--out", out, ...flags)).code).toBeGreaterThan(0);
    await expect(readdir(out)).rejects.toThrow("ENOENT");
  });

  it("a file in the way of the folder of runs", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "runs"), "");
    const { code, stderr } = await spikevine("train", ...SHORT, "--out", join(folder, "runs", "deep"));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^spikevine: cannot make a run folder in/),
    });
  });

  it("an existing folder of runs keeps its content", async () => {
    const out = await temporaryFolder();
    await mkdir(join(out, "mine"));
    await spikevine("train", ...SHORT, "--out", out, "--batch-size", "128", "--steps", "40000000");
    expect(await readdir(out)).toEqual(["mine"]);
  });
});

import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fields } from "#spikevine/src/experiment/fields";
import { readExperimentFile } from "#spikevine/src/experiment/file";
import { parseExperiment } from "#spikevine/src/experiment/parse";

describe("the schema of an experiment", () => {
  it("fills in every default", () => {
    const experiment = parseExperiment({});
    expect(experiment.data.name).toBe("digits");
    expect(experiment.network.hidden).toEqual([256, 256, 256]);
    expect(parseExperiment(experiment)).toEqual(experiment);
  });

  it("has one flag for every field and a line of help for each", () => {
    expect(new Set(fields.map((field) => field.flag)).size).toBe(fields.length);
    for (const field of fields) {
      expect(field.description, field.path).not.toBe("");
      expect(field.default, field.path).toBeDefined();
    }
  });

  it.each([
    [
      { training: { batchSize: 0 } },
      "experiment: training.batchSize is 0; give a whole number of at least 1 and at most 65536.",
    ],
    [{ training: { batchSize: 1.5 } }, /training\.batchSize is 1\.5; give a whole number/],
    [{ training: { learningRate: Number.NaN } }, /training\.learningRate is NaN; give a number above 0, or null\./],
    [
      { training: { bachSize: 5 } },
      'experiment: unknown field "training.bachSize": did you mean "training.batchSize"?',
    ],
    [{ epochs: 5 }, 'experiment: unknown field "epochs": did you mean "training.epochs"?'],
    [{ network: { neuron: "snuu" } }, /network\.neuron: unknown neuron "snuu": did you mean "snu"\?/],
    [{ data: { name: "mnst" } }, /data\.name: unknown data "mnst": did you mean "mnist"\?/],
    [{ device: "simdd" }, /device: unknown device "simdd": did you mean "simd"\?/],
    [
      { network: { hidden: [256, 0] } },
      /network\.hidden is \[256,0\]; give a list, each a whole number of at least 1\./,
    ],
    [{ network: 3 }, /experiment: network is 3; give an object with the fields neuron, /],
    [[], /experiment is \[\]; give an object with the fields data, /],
    [
      { training: { learningRates: ["layer1"] } },
      /training\.learningRates is \["layer1"\]; give a list, each NAME=RATE/,
    ],
    [
      { training: { weightDecays: ["bias=-1"] } },
      /training\.weightDecays is \["bias=-1"\]; give a list, each NAME=DECAY/,
    ],
    [{ training: { keepBest: true } }, /training\.keepBest is on, but no validation samples are held out/],
    [{ training: { patience: 3 } }, /no validation samples are held out; give data\.validation too/],
  ])("refuses %j in one sentence", (input, message) => {
    expect(() => parseExperiment(input)).toThrow(message);
  });
});

describe("experiment files", () => {
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(await mkdtemp(join(tmpdir(), "spikevine-")), name);
    await writeFile(path, text);
    return path;
  };

  it("reads JSON and TypeScript alike", async () => {
    const json = await write("a.json", '{ "training": { "epochs": 3 } }');
    const typescript = await write("a.ts", "const epochs: number = 3;\nexport default { training: { epochs } };\n");
    expect(await readExperimentFile(typescript)).toEqual(await readExperimentFile(json));
  });

  it.each([
    ["a.json", "{ epochs: 3 }", /is not JSON/],
    [
      "a.json",
      '{ "sweep": {} }',
      /describes a sweep; run "spikevine sweep .*a\.json", or remove its "sweep" section\./,
    ],
    ["a.yaml", "epochs: 3", /ends in "\.yaml"; give a \.json, \.ts, \.js or \.mjs file/],
    ["a.ts", "export const epochs = 3;", /has no default export/],
    ["a.mjs", "throw new Error('boom');", /could not be run: boom/],
    [
      "a.json",
      '{ "training": { "epochs": -1 } }',
      /a\.json: training\.epochs is -1; give a whole number of at least 1\./,
    ],
  ])("refuses %s holding %s", async (name, text, message) => {
    await expect(readExperimentFile(await write(name, text))).rejects.toThrow(message);
  });

  it("refuses a missing file", async () => {
    await expect(readExperimentFile("nowhere.json")).rejects.toThrow(
      'cannot read "nowhere.json": there is no such file',
    );
  });
});

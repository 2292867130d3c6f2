import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { makeDigits, subset } from "#spikevine/src/data/index";
import { record } from "#spikevine/src/index";
import { withHdf5 } from "#spikevine/src/io/hdf5/read";
import { parseNpz } from "#spikevine/src/io/index";
import { loadModel } from "#spikevine/src/model/index";
import { expectGoodSvg } from "../plots/good-svg.js";
import { spikevine, TINY, temporaryFolder } from "./run-cli.js";

let folder: string;
let run: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await temporaryFolder();
  const encoder = ["--encoder", "constantCurrent", "--output-neuron", "li", "--readout", "last-state"];
  const { stderr } = await spikevine("train", ...TINY, ...encoder, "--out", at("runs"));
  expect(stderr).toBe("");
  run = join(at("runs"), (await readdir(at("runs")))[0]!);
});

it("spikes and states of test samples are written as arrays and rows", async () => {
  const { code, stderr, stdout } = await spikevine(
    ...["record", run, "--samples", "3,0", "--to", at("all.npz")],
    ...["--raster", at("raster.svg"), "--traces", at("traces.svg")],
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toBe(["all.npz", "raster.svg", "traces.svg"].map((name) => `written  ${at(name)}\n`).join(""));
  const arrays = Object.fromEntries(await parseNpz(await readFile(at("all.npz")), "all.npz"));
  expect(Object.keys(arrays).sort()).toEqual(
    ["label", "layer1.output", "layer1.s", "layer2.output", "layer2.v", "readout", "sample"].sort(),
  );
  const { test } = makeDigits({ train: 1, test: 40 });
  expect([...arrays.sample!.data]).toEqual([3, 0]);
  expect([...arrays.label!.data]).toEqual([test.labels[3], test.labels[0]]);
  // The same network in code.
  const { layers } = await record(await loadModel(join(run, "weights.safetensors")), subset(test, 4), {
    device: "reference",
  });
  const size = 5 * 16;
  expect(arrays["layer1.output"]).toEqual({
    shape: [2, 5, 16],
    data: Float32Array.of(...layers[0]!.output.subarray(3 * size, 4 * size), ...layers[0]!.output.subarray(0, size)),
  });
  for (const name of ["raster.svg", "traces.svg"]) expectGoodSvg(await readFile(at(name), "utf8"));

  await spikevine("record", run, "--samples", "3,0", "--layers", "layer1", "--to", at("spikes.csv"));
  const rows = (await readFile(at("spikes.csv"), "utf8")).trim().split("\r\n");
  expect(rows[0]).toBe("sample,layer,step,unit");
  const spikes = arrays["layer1.output"]!.data;
  expect(rows.slice(1)).toEqual(
    Array.from(spikes, (value, i) =>
      value === 0 ? "" : `${i < size ? 3 : 0},1,${Math.floor((i % size) / 16)},${i % 16}`,
    ).filter((row) => row !== ""),
  );
});

it("spikes and states are written in the NIR project's exchange format", async () => {
  const { stderr } = await spikevine("record", run, "--samples", "3,0", "--layers", "layer1", "--to", at("data.h5"));
  expect(stderr).toBe("");
  await withHdf5(await readFile(at("data.h5")), "data.h5", async (file) => {
    expect([...(await file.names(["nodes"]))].sort()).toEqual(["input", "layer1_neurons"]);
    const { shape } = await file.read(["nodes", "layer1_neurons", "observables", "spikes", "data"]);
    expect(shape).toEqual([2, 5, 16]);
  });
});

it("the answer to every sample is written", async () => {
  const { stdout } = await spikevine("eval", run, "--json", "--predictions", at("answers.csv"));
  const { perSample } = JSON.parse(stdout) as {
    perSample: { label: number; predicted: number; loss: number; scores: number[] }[];
  };
  const rows = (await readFile(at("answers.csv"), "utf8")).trim().split("\r\n").slice(1);
  expect(rows).toEqual(
    perSample.map(({ label, predicted, loss, scores }, i) => [i, label, predicted, loss, ...scores].join()),
  );
  await spikevine("eval", run, "--predictions", at("answers.npz"));
  const { predicted, scores } = Object.fromEntries(await parseNpz(await readFile(at("answers.npz")), "answers.npz"));
  expect([...predicted!.data]).toEqual(perSample.map((one) => one.predicted));
  expect(scores!.shape).toEqual([40, 10]);
});

it.each<[string[], RegExp]>([
  [["record"], /nothing is to be written; give --to recording\.npz/],
  [["record", "--to", "a.txt"], /--to is "a\.txt"; give a path that ends in \.npz, \.csv or \.h5/],
  [["record", "--to", "a.npz", "--samples", "40"], /there is no sample 40; "digits" has 40 test samples/],
  [["record", "--to", "a.npz", "--samples", "x"], /--samples has "x"; give numbers of samples/],
  [["record", "--to", "a.npz", "--layers", "layer3"], /unknown layer "layer3": did you mean "layer1"\?/],
  [["record", "--to", "/nowhere/a.csv"], /layer2 has graded outputs, but a \.csv file has spikes/],
  [["eval", "--predictions", "a.txt"], /--predictions is "a\.txt"; give a path that ends in \.npz or \.csv/],
])("%s is refused", async ([name, ...flags], message) => {
  const { stderr, code } = await spikevine(name!, run, ...flags);
  expect(stderr).toMatch(message);
  expect(code).toBe(1);
});

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadModel } from "#spikevine/src/model/index";
import { spikevine, TINY, temporaryFolder } from "./run-cli.js";

const NETWORK = ["--neuron", "leaky", "--encoder", "direct"];

it("writes a run as a NIR file, which import reads with the printed flags", async () => {
  const root = await temporaryFolder();
  const trained = await spikevine("train", ...TINY, ...NETWORK, "--out", root);
  expect(trained.stderr).toBe("");
  const run = join(root, readdirSync(root)[0]!);
  const file = join(root, "net.nir");
  const exported = await spikevine("export", run, "--format", "nir", "--to", file);
  expect(exported.stderr).toBe("");
  expect(exported.stdout).toContain("not in it encoder direct; read-out count; surrogates\n");
  const choices = /^choices {3}(.*)$/m.exec(exported.stdout)![1]!;
  expect(choices).toBe(
    '--dt 1 --steps 5 --time-unit "1 s" --scheme euler --nir-reset subtract --reset-time "next step" --arrival "same step" --current new --firing above --input-gain file',
  );
  const flags = [...choices.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
  const model = join(root, "again.safetensors");
  const imported = await spikevine("import", file, ...flags, "--to", model);
  expect(imported.stderr).toBe("");
  const card = readFileSync(join(root, "again.md"), "utf8");
  expect(card).toContain("dt 1 ms, times of the file in 1000 ms, scheme euler, reset subtract, resetTime next step");
  expect(card).toContain(`from \`net.nir\` (SHA-256 ${createHash("sha256").update(readFileSync(file)).digest("hex")})`);
  const evaluate = async (path: string): Promise<unknown> => {
    const { stdout } = await spikevine(
      "eval",
      path,
      "--data",
      "digits",
      "--test-samples",
      "40",
      "--device",
      "reference",
      "--json",
    );
    return JSON.parse(stdout).accuracy;
  };
  expect(await evaluate(model)).toBe(await evaluate(run));
  const weights = async (path: string) => (await loadModel(path)).parameters.get("layer1.weights")!.data;
  expect(await weights(model)).toEqual(await weights(join(run, "weights.safetensors")));

  expect((await spikevine("export", run, "--to", file)).stderr).toBe(
    `spikevine: export: "${file}" exists already; give another name with --to.\n`,
  );
  expect((await spikevine("export", run, "--to", "net.onnx")).stderr).toContain(
    '--to is "net.onnx"; give a path that ends in .nir.',
  );
  expect((await spikevine("export", run, "--format", "onnx")).stderr).toContain('"onnx"; give nir.');
});

it("refuses neurons that NIR does not have, and writes nothing", async () => {
  const root = await temporaryFolder();
  await spikevine("train", ...TINY, "--neuron", "snu", "--out", root);
  const run = join(root, readdirSync(root)[0]!);
  const { code, stderr } = await spikevine("export", run);
  expect(code).toBe(1);
  expect(stderr).toContain("spikevine: NIR: layer1 has the neuron snu (");
  expect(readdirSync(root)).toHaveLength(1);
});

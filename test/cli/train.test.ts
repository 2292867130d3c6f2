import { spawn } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readMetrics, readSafetensors } from "#spikevine/src/io/index";
import { spikevine, TINY, temporaryFolder } from "./run-cli.js";

const main = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));

/** The only run folder below a root. */
async function onlyRun(root: string): Promise<string> {
  const folders = await readdir(root);
  expect(folders).toHaveLength(1);
  return join(root, folders[0]!);
}

/** Metrics without those that depend on the clock. */
async function timelessMetrics(folder: string): Promise<unknown[]> {
  const { records, torn } = await readMetrics(join(folder, "metrics.ndjson"));
  expect(torn).toBe(false);
  return records.map((record) =>
    Object.fromEntries(Object.entries(record).filter(([key]) => !/Seconds$|PerSecond$/.test(key))),
  );
}

describe("spikevine train", () => {
  it("prints a summary, trains, and writes a complete run folder", async () => {
    const out = await temporaryFolder();
    const { code, stdout, stderr } = await spikevine("train", ...TINY, "--out", out);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^data {5}digits: 160 training, 40 test samples of 784 pixels in 10 classes$/m);
    expect(stdout).toMatch(/^network {2}784-16-10 of snu, decay 0\.8, threshold 1; 5 steps of 1 ms; read-out count; /m);
    expect(stdout).toMatch(/^training adam with GRAPES propagating; /m);
    expect(stdout).toMatch(/^device {3}reference: .*\(requested by name\)$/m);
    expect(stdout).toMatch(/^epoch 2\/2 {2}loss \d\.\d+ {2}accuracy [\d.]+ % {2}test [\d.]+ % {2}[\d,]+ samples\/s/m);
    expect(stdout).toMatch(/^test accuracy [\d.]+ % at 5 steps, 40 samples; best epoch \d: /m);

    const folder = await onlyRun(out);
    expect(stdout).toContain(`run folder: ${folder}\n`);
    expect((await readdir(folder)).sort()).toEqual([
      "checkpoints",
      "config.json",
      "config.sha256",
      "learning-curves.svg",
      "log.ndjson",
      "metrics.ndjson",
      "model-card.md",
      "raster.svg",
      "weights.safetensors",
    ]);
    const metrics = await timelessMetrics(folder);
    expect(metrics.map((record) => (record as { kind: string }).kind)).toEqual(["epoch", "epoch", "test"]);
    const { tensors } = await readSafetensors(join(folder, "weights.safetensors"));
    expect(tensors.get("layer1.weights")?.shape).toEqual([784, 16]);
    const card = await readFile(join(folder, "model-card.md"), "utf8");
    const { accuracy } = metrics.at(-1) as { accuracy: number };
    expect(card).toContain(`| test accuracy | ${(100 * accuracy).toFixed(2)} % |`);
    for (const part of [
      "# snu on digits",
      "784-16-10 of snu",
      "160 training, 40 test samples",
      "Seed 1, Spikevine 0.",
    ]) {
      expect(card).toContain(part);
    }
    expect(card).toContain("2 of 2 epochs, ");
    for (const plot of ["learning-curves.svg", "raster.svg"]) {
      expect(await readFile(join(folder, plot), "utf8")).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
    }
  });

  it("warns of a silent layer before and after it trains, and logs what all layers do", async () => {
    const out = await temporaryFolder();
    const { code, stdout } = await spikevine(
      "train",
      ...TINY,
      ...["--threshold", "1000", "--initializer", "glorot", "--zero-gradient", "continue", "--out", out],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^warning: as training begins, layer1 is silent \(16 of 16 units never fire\), .*lower the threshold/m,
    );
    expect(stdout).toMatch(/^warning: as training ends, layer1 is silent/m);
    const log = await readFile(join(await onlyRun(out), "log.ndjson"), "utf8");
    expect(log).toMatch(/"layers":\[\{"name":"layer1","units":16,"rate":0,"silent":1,"saturated":0\},/);
  });

  it("gives the same metrics and weights for the same command and seed, and others for another seed", async () => {
    const run = async (...more: string[]): Promise<{ metrics: unknown[]; weights: Buffer }> => {
      const out = await temporaryFolder();
      expect((await spikevine("train", ...TINY, ...more, "--out", out)).code).toBe(0);
      const folder = await onlyRun(out);
      const { tensors } = await readSafetensors(join(folder, "weights.safetensors"));
      const weights = Buffer.concat([...tensors.values()].map(({ data }) => Buffer.from(new Uint8Array(data.buffer))));
      return { metrics: await timelessMetrics(folder), weights };
    };
    const first = await run("--seed", "7");
    expect(await run("--seed", "7")).toEqual(first);
    expect((await run("--seed", "8")).metrics).not.toEqual(first.metrics);
  });

  it("repeats a run from its config.json, with flags above it", async () => {
    const out = await temporaryFolder();
    await spikevine("train", ...TINY, "--out", out);
    const config = join(await onlyRun(out), "config.json");
    const again = await temporaryFolder();
    const { code } = await spikevine("train", config, "--epochs", "1", "--out", again);
    expect(code).toBe(0);
    const [first] = await timelessMetrics(await onlyRun(out));
    // The cosine of one epoch is not that of two, so only what comes before the first update is the same.
    expect(await timelessMetrics(await onlyRun(again))).toHaveLength(2);
    expect(first).toMatchObject({ kind: "epoch", epoch: 1 });
    const written = JSON.parse(await readFile(join(await onlyRun(again), "config.json"), "utf8"));
    expect(written.training.epochs).toBe(1);
    expect(written.network.hidden).toEqual([16]);
  });

  it("trains ordinary units, recurrent ones, and without weight transport", async () => {
    const variants = [
      "--neuron relu --encoder constantCurrent --readout last-output --dropout 0.2",
      "--neuron tanh --output-neuron linear --initializer he --encoder constantCurrent --steps 1 --readout last-output",
      "--grapes uniform --recurrent",
      "--grapes off --credit feedback-alignment --optimizer adam",
      "--credit direct-feedback-alignment --grapes-bound none --grapes-grouping outgoing --hidden 8,8",
      "--credit predisposition --optimizer bio-adam --predisposition 0.1 --integrator exact --interval 2",
    ];
    for (const variant of variants) {
      const flags = [...TINY, ...variant.split(" "), "--epochs", "1", "--out", await temporaryFolder()];
      const { code, stderr } = await spikevine("train", ...flags);
      expect(stderr).toBe("");
      expect(code).toBe(0);
    }
  });

  it("trains with hardware constraints, and reports them", async () => {
    const out = await temporaryFolder();
    const flags = [
      "--update-noise",
      "0.1",
      "--activation-noise",
      "0.05",
      "--weight-bits",
      "4",
      "--weight-range",
      "0.5",
    ];
    const { code, stdout } = await spikevine("train", ...TINY, ...flags, "--out", out);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^hardware relative noise 0\.1 on updates; noise 0\.05 on activations; weights of 4 bits$/m);
    const run = await onlyRun(out);
    const { tensors } = await readSafetensors(join(run, "weights.safetensors"));
    const weights = tensors.get("layer1.weights")!.data as Float32Array;
    expect(new Set(weights).size).toBeLessThanOrEqual(16);
    expect(Math.max(...weights)).toBeLessThanOrEqual(0.5);
    const [first] = (await timelessMetrics(run)) as { modulation: { layer1: { histogram: number[] } } }[];
    expect(first!.modulation.layer1.histogram).toHaveLength(20);
  });

  it("augments as its flags require, and reports it", async () => {
    const out = await temporaryFolder();
    const flags = ["--augment-rotation", "15", "--augment-scale", "0.15", "--augment-alpha", "34", "--seed", "5"];
    const { code, stdout } = await spikevine("train", ...TINY, ...flags, "--out", out);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^augment {2}affine rotation 15 scale 0\.15 shear 0 translation 0; elastic sigma 4 alpha 34$/m,
    );
    const plain = await temporaryFolder();
    await spikevine("train", ...TINY, "--seed", "5", "--out", plain);
    expect(await timelessMetrics(await onlyRun(out))).not.toEqual(await timelessMetrics(await onlyRun(plain)));
  });

  it("stops early on samples that are held out", async () => {
    const out = await temporaryFolder();
    const flags = ["--validation-samples", "40", "--patience", "1", "--epochs", "50", "--learning-rate", "1e-12"];
    const { code, stdout } = await spikevine("train", ...TINY, ...flags, "--out", out);
    expect(code).toBe(0);
    expect(stdout).toMatch(/120 training, 40 validation, 40 test samples/);
    const records = (await timelessMetrics(await onlyRun(out))) as { kind: string; validationAccuracy?: number }[];
    expect(records).toHaveLength(3);
    expect(records[0]).toHaveProperty("validationAccuracy");
  });

  it("prints nothing below the log level, errors apart", async () => {
    const { code, stdout } = await spikevine(
      "train",
      ...TINY,
      "--log-level",
      "silent",
      "--out",
      await temporaryFolder(),
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  });

  it("finishes the batch at Ctrl-C, saves the weights and exits with 130", async () => {
    const out = await temporaryFolder();
    const child = spawn(process.execPath, [main, "train", ...TINY, "--epochs", "5000", "--out", out]);
    let printed = "";
    const exited = new Promise<number | null>((resolve) => child.on("exit", resolve));
    for await (const chunk of child.stdout) {
      printed += String(chunk);
      // Twice, as npm in a terminal does: that is still one Ctrl-C.
      if (/^epoch +2\//m.test(printed) && !child.killed) {
        child.kill("SIGINT");
        child.kill("SIGINT");
      }
    }
    expect(await exited).toBe(130);
    expect(printed).toContain("run folder: ");
    const files = await readdir(await onlyRun(out));
    expect(files).toContain("weights.safetensors");
    const { tensors } = await readSafetensors(join(await onlyRun(out), "weights.safetensors"));
    expect(tensors.size).toBeGreaterThan(0);
  }, 30_000);

  it("reads a TypeScript experiment", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "experiment.ts");
    await writeFile(file, "const units: number[] = [12];\nexport default { network: { hidden: units } };\n");
    const { code, stdout } = await spikevine(
      "train",
      file,
      ...TINY.filter((flag) => !/hidden|16$/.test(flag)),
      "--out",
      folder,
    );
    expect(stdout).toMatch(/784-12-10/);
    expect(code).toBe(0);
  });
});

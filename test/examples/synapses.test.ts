import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const examples = fileURLToPath(new URL("../../dist/examples/", import.meta.url));
let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "spikevine-examples-"));
});
afterAll(() => rm(out, { recursive: true }));

const SMALLEST = ["--train", "40", "--test", "20", "--epochs", "1", "--seeds", "1"];

// Shapes only: the figures of so short a run are meaningless.
it.each([
  ["bio-adam-figure-1", [], /\| 4 \(gradient -0\.7\) \| 0\.5882 \| 0\.5882 \| 0\.5882 \|/, ["bio-adam-figure-1.svg"]],
  [
    "weight-symmetry",
    SMALLEST,
    /1\.26 \| 0\.415 \| 0\.216 \| 0\.0215 \|.*\| predisposition, T 5 \| 90\.33 \| [\d.]+ \| [\d.]+, [\d.]+ \|/s,
    ["weight-symmetry.svg"],
  ],
  [
    "optimizers-mnist",
    SMALLEST,
    /\| Adam \| [\d.]+ \| [\d.]+ \| [\d.]+ \|.*\| tau_rho \(updates\).*Reduced:/s,
    ["optimizers-mnist-scan.svg", "optimizers-mnist.svg"],
  ],
])(
  "%s prints its tables and draws its figures",
  async (name, flags, printed, figures) => {
    const folder = join(out, name);
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(examples, `${name}.js`),
      ...flags,
      "--out",
      folder,
    ]);
    expect(stdout).toMatch(printed);
    expect((await readdir(folder)).sort()).toEqual(figures);
    for (const figure of figures) expect(await readFile(join(folder, figure), "utf8")).toMatch(/^<svg.*<\/svg>\n$/s);
  },
  120_000,
);

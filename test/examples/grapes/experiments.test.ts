import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

/** The smallest run of an experiment: its output, its tables as rows of cells, and its figure. */
async function runExperiment(name: string, ...flags: readonly string[]) {
  const out = await mkdtemp(join(tmpdir(), "spikevine-grapes-"));
  const size = ["--train", "60", "--test", "20", "--epochs", "1", "--seeds", "1", "--out", out, ...flags];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [`dist/examples/grapes/${name}.js`, ...size]);
    const rows = stdout.split("\n").filter((line) => line.startsWith("| "));
    const cells = rows.map((row) => row.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()));
    return { stdout, cells, svg: await readFile(join(out, `grapes-${name}.svg`), "utf8") };
  } finally {
    await rm(out, { recursive: true });
  }
}

const ALL = ["SGD", "SGD, raised rate", "GRAPES", "GRAPES, local", "uniform", "shuffled"];
const CONTROLS = ALL.filter((method) => method !== "GRAPES, local");

/** Methods in the order in which a column has them. */
const column = (cells: readonly string[][], index: number, methods: readonly string[]): string[] =>
  cells.map((row) => row[index]!).filter((cell) => methods.includes(cell));

describe("experiments of GRAPES, at their smallest", { timeout: 120_000 }, () => {
  it("backpropagation: a row for every method beside the paper's", async () => {
    const { cells, svg } = await runExperiment("backpropagation");
    expect(cells[0]!.slice(0, 4)).toEqual(["method", "paper", "here", "difference"]);
    expect(column(cells, 0, ALL)).toEqual(ALL);
    expect(cells.find(([method]) => method === "GRAPES")![1]).toBe("figure only");
    for (const row of cells.slice(1)) expect(Number(row[2])).toBeGreaterThan(0);
    expect(svg).toContain("shuffled");
  });

  it("feedback-alignment: every method with every way of errors, and its gain over SGD", async () => {
    const { cells } = await runExperiment("feedback-alignment");
    const methods = ["SGD", "SGD, raised rate", "GRAPES", "authors' code", "uniform", "shuffled"];
    const ways = [
      "backpropagation",
      "feedback alignment, SGD 0.1",
      "direct feedback alignment, SGD 0.1",
      "feedback alignment, SGD 0.01",
      "direct feedback alignment, SGD 0.01",
    ];
    const [table, gains] = [cells.slice(1, 31), cells.slice(32)];
    expect(table.map((row) => row.slice(1, 3))).toEqual(ways.flatMap((way) => methods.map((method) => [way, method])));
    expect(gains.map(([, way]) => way)).toEqual(ways);
    // The gain of a method is the difference of two rows of the first table.
    const here = (method: string) => Number(cells.find((row) => row[1] === ways[1] && row[2] === method)![4]);
    expect(Number(gains[1]![3])).toBeCloseTo(here("GRAPES") - here("SGD"), 2);
  });

  it("depth-and-width: a table for depth and one for width", async () => {
    const { cells, svg } = await runExperiment("depth-and-width");
    const methods = [...CONTROLS.slice(0, 2), "SGD, tenfold rate", ...CONTROLS.slice(2)];
    expect(column(cells, 1, methods)).toEqual(Array.from({ length: 6 }, () => methods).flat());
    expect(cells.filter(([size]) => size === "8")).toHaveLength(methods.length);
    expect(svg).toContain("units in each of 3 layers");
  });

  it("modulation-factors: factors between 1 and 2 in ten layers", async () => {
    const { cells } = await runExperiment("modulation-factors");
    const factors = cells.slice(1, 11);
    expect(factors.map(([layer]) => layer)).toEqual(Array.from({ length: 10 }, (_, i) => String(i + 1)));
    for (const row of factors) {
      for (const cell of row.slice(2)) {
        expect(Number(cell.split(" ± ")[0])).toBeGreaterThan(1);
        expect(Number(cell.split(" ± ")[0])).toBeLessThan(2);
      }
    }
    expect(column(cells, 0, ALL)).toEqual(ALL);
  });

  it("catastrophic-forgetting: the notebook's figure is shown for its own control only", async () => {
    const { cells } = await runExperiment("catastrophic-forgetting");
    expect(column(cells, 1, [...ALL, "factor 2"])).toHaveLength(3 * 7);
    expect(cells.filter(([, , paper]) => paper === "89.15").map((row) => row.slice(0, 2))).toEqual([
      ["all pixels permuted", "factor 2"],
    ]);
  });

  it("spiking: layer sizes, learning rates and depths, with a test at 300 steps", async () => {
    const { cells } = await runExperiment("spiking");
    const networks = [...new Set(cells.slice(1).map(([network]) => network))];
    expect(networks).toEqual([
      "SNU 3x24",
      "SNU 3x48",
      "sSNU 2x24",
      "sSNU 2x48",
      "SNU 3x48, SGD 0.03",
      "sSNU 4x48",
      "sSNU 6x48",
    ]);
    for (const row of cells.slice(1)) expect(row[6]).toMatch(/^\d+\.\d\d$/);
  });

  it("weight-distributions: kurtosis starts near that of a uniform distribution", async () => {
    const { cells } = await runExperiment("weight-distributions");
    const rows = cells.slice(1);
    expect(rows.map(([method]) => method)).toEqual(ALL);
    // One update on 60 samples hardly moves 200,000 weights.
    for (const row of rows) expect(Number(row[4])).toBeCloseTo(-1.2, 1);
  });

  it("hardware-constraints: every level of every constraint, and none", async () => {
    const { cells, svg } = await runExperiment("hardware-constraints");
    const constraints = [...new Set(cells.slice(1).map(([constraint]) => constraint))];
    expect(constraints).toEqual([
      "none",
      "noise on updates: 2",
      "noise on updates: 8",
      "noise on currents: 1",
      "noise on currents: 4",
      "bits of a weight: 3",
      "bits of a weight: 5",
      "bits of a weight: 8",
    ]);
    expect(column(cells, 1, CONTROLS)).toHaveLength(constraints.length * CONTROLS.length);
    expect(svg).toContain("bits of a weight");
  });

  it("backpropagation --augment: the paper's best figure is shown for GRAPES", async () => {
    const { cells, stdout } = await runExperiment("backpropagation", "--augment");
    expect(cells.filter(([, paper]) => paper === "99.56").map(([method]) => method)).toEqual(["GRAPES"]);
    expect(stdout).toContain("digits, augmented");
  });
});

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { codeBlocks } from "../package/code-blocks.js";

/** Runs an example from the command line and returns its output and its figure. */
async function runExample(name: string, ...args: readonly string[]): Promise<{ stdout: string; svg: string }> {
  const out = await mkdtemp(join(tmpdir(), "spikevine-example-"));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [`dist/examples/${name}.js`, ...args, "--out", out]);
    return { stdout, svg: await readFile(join(out, `${name}.svg`), "utf8") };
  } finally {
    await rm(out, { recursive: true });
  }
}

/** Columns of the rows of a printed table. */
const cells = (stdout: string): string[][] =>
  stdout
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .slice(1);

describe("examples of simulation", { timeout: 60_000 }, () => {
  it("fi-curve agrees with the closed form", async () => {
    const { stdout, svg } = await runExample("fi-curve");
    for (const [, current, closed, here] of cells(stdout)) {
      expect(Math.abs(Number(here) - Number(closed)), current).toBeLessThanOrEqual(0.005 * Number(closed));
    }
    expect(svg).toContain("closed form");
  });

  it("coupled-adex: excitation brings the cells closer, inhibition makes them take turns", async () => {
    const { stdout } = await runExample("coupled-adex");
    const [none, excited] = cells(stdout).map((row) => Number(row[4]));
    expect(excited!).toBeLessThan(none!);
    expect(cells(stdout)).toHaveLength(3);
  });

  it("stdp-competition: the weights drift apart", async () => {
    const { stdout, svg } = await runExample("stdp-competition", "--inputs", "100", "--duration", "10 s");
    const shares = cells(stdout).map(([, , before, after]) => [Number(before), Number(after)] as const);
    expect(shares).toHaveLength(3);
    for (const column of [0, 1]) expect(shares.reduce((sum, share) => sum + share[column]!, 0)).toBeCloseTo(1, 2);
    const [low, middle] = shares;
    expect(low![1]).toBeGreaterThan(low![0]);
    expect(middle![1]).toBeLessThan(middle![0]);
    expect(svg).toContain("after 10 s");
  });

  it("cortical-microcircuit at a tenth of its size has the rates of two independent simulators", async () => {
    const { stdout, svg } = await runExample("cortical-microcircuit", "--threads", "2", "--discard", "300 ms");
    const rates = cells(stdout)
      .filter(([, name]) => name!.startsWith("L"))
      .map((row) => Number(row[2]));
    // Means of five networks in NumPy (Poisson drive, 1 s), and four of their standard deviations or 10 %.
    const means = [0.454, 2.146, 4.019, 5.032, 6.92, 7.779, 0.87, 7.009];
    const deviations = [0.029, 0.044, 0.027, 0.018, 0.18, 0.025, 0.026, 0.055];
    for (const [p, mean] of means.entries()) {
      expect(Math.abs(rates[p]! - mean)).toBeLessThan(Math.max(0.1 * mean, 4 * deviations[p]!));
    }
    expect(stdout).toContain("7718 neurons, 2988807 synapses");
    expect(svg).toContain("L2/3E");
  });

  it("cortical-microcircuit refuses a scale above 1", async () => {
    await expect(runExample("cortical-microcircuit", "--scale", "2")).rejects.toThrow("give a number from 0.02 to 1");
  });

  it.each(["coba", "cuba"])("balanced-network keeps itself active, %s", async (synapses) => {
    const args = ["--synapses", synapses, "--size", "1000", "--duration", "200 ms"];
    const { stdout, svg } = await runExample("balanced-network", ...args);
    const rate = Number(cells(stdout)[0]![3]);
    expect(rate).toBeGreaterThan(2);
    expect(rate).toBeLessThan(60);
    expect(svg).toContain("inhibitory");
  });
});

describe("docs/simulation.md", () => {
  it.each([
    ["a network", 0, /^\d+ 500$/],
    ["values that differ", 1, /^\d{4} \d{3,4}$/],
    ["changes between runs", -2, /^200 \d+$/],
    ["a state that another population reads", 2, /^(0\.\d+) \1$/],
    ["plastic synapses", 3, /^\d{4} 50$/],
    ["short-term plasticity", 4, /^1000$/],
    ["noise", 5, /^1503$/],
    ["gap junctions", 6, /^\d\d$/],
    ["synapses driven by synapses", 7, /^80$/],
    ["threads", -1, /double precision, 2 threads \d{4}$/],
  ])("has code that runs: %s", { timeout: 60_000 }, async (_, block, printed) => {
    const code = codeBlocks(await readFile("docs/simulation.md", "utf8"), "ts").at(block);
    const args = ["--input-type=module", "--eval", code!];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    expect(stderr).toBe("");
    expect(stdout.trim().split("\n").at(-1)).toMatch(printed);
  });
});

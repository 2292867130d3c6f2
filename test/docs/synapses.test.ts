import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { codeBlocks } from "../package/code-blocks.js";

/** Numbers that the script of the page prints, by their title. */
const printed = new Map<string, number[]>();

beforeAll(async () => {
  const script = codeBlocks(await readFile("docs/synapses.md", "utf8"), "ts").join("\n");
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  expect(stderr).toBe("");
  for (const line of stdout.trim().split("\n")) {
    const [title, ...numbers] = line.split(" ");
    printed.set(title!, numbers.map(Number));
  }
}, 60_000);

const expectClose = (title: string, wanted: readonly number[], relative = 1e-3): void => {
  const found = printed.get(title)!;
  expect(found.length).toBe(wanted.length);
  wanted.forEach((value, k) => {
    expect(Math.abs(found[k]! - value)).toBeLessThanOrEqual(relative * Math.abs(value));
  });
};

describe("the script of docs/synapses.md", () => {
  it("prints the exponential windows of STDP", () => {
    const windows = [-40, -20, -10, 10, 20, 40].map((s) =>
      s > 0 ? 0.005 * Math.exp(-s / 20) : -0.00525 * Math.exp(s / 20),
    );
    expectClose("stdp", windows);
  });

  it("prints potentiation that grows with the frequency of triplets", () => {
    const changes = printed.get("triplets")!;
    expect(changes.every((change, k) => k === 0 || change > changes[k - 1]! + 0.01)).toBe(true);
  });

  it("prints the values at which Bio-Adam settles", () => {
    expectClose("rho", [10, 2, 0.5]);
    expectClose("m", [0.1, 0.5, 2]);
  });

  it("prints efficacies of Graupner and Brunel that have left both stable states", () => {
    const [low, high] = printed.get("efficacy")!;
    expect(low).toBeGreaterThan(0.05);
    expect(low).toBeLessThan(0.3);
    expect(high).toBeGreaterThan(0.75);
    expect(high).toBeLessThan(0.98);
  });

  it("prints depression per spike of the filtered voltage, and potentiation of Clopath's rule by hand", () => {
    const depression = (v: number) => -10 * 1.4e-4 * (v + 70.6);
    const potentiation = 10 * 8e-5 * (-20 + 45.3) * (-20 + 70.6);
    expect(printed.get("clopath")![0]).toBe(0);
    expectClose("clopath", [0, depression(-60), depression(-50), depression(-20) + potentiation], 0.02);
  });

  it("prints a sweep whose weights follow the calcium of a literal loop", () => {
    const expected = [20, 50, 100].flatMap((tau) =>
      [0.1, 0.3, 0.5].map((influx) => {
        let [c, w] = [0.05, 0.25];
        for (let step = 1; step <= 10_000; step++) {
          const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
          c *= Math.exp(-0.5 / tau);
          w += 0.5e-3 * (0.25 + sigmoid(20 * (c - 0.9)) - 0.25 * sigmoid(20 * (c - 0.4)) - w);
          if (step % 50 === 10) c += 2 * influx;
        }
        return w;
      }),
    );
    expectClose("sweep", expected, 0.01);
  });
});

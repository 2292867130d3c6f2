import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

describe("Figure 4 of the Bio-Adam paper, at its smallest", { timeout: 120_000 }, () => {
  it("has a row for every condition beside the paper's, and every layer's angle; each training is kept", async () => {
    const out = await mkdtemp(join(tmpdir(), "spikevine-figure-4-"));
    const size = ["--train", "8", "--test", "8", "--epochs", "1", "--threads", "1", "--out", out];
    try {
      const { stdout } = await promisify(execFile)(process.execPath, ["dist/examples/bio-adam/figure-4.js", ...size]);
      const rows = stdout
        .split("\n")
        .filter((line) => line.startsWith("| "))
        .map((line) => line.slice(2, -2).split(" | "));
      const conditions = rows.slice(1, 6);
      expect(conditions.map(([name, train, , test]) => [name, train, test])).toEqual([
        ["predisposition, T 10", "97.88", "91.55"],
        ["predisposition, T 5", "95.31", "90.33"],
        ["Bio-Adam", "99.24", "91.53"],
        ["Adam", "99.17", "91.54"],
        ["feedback alignment", "", ""],
      ]);
      for (const [, , train, , test, epochs] of conditions) {
        expect(Number(train) % 12.5).toBe(0);
        expect(Number(test) % 12.5).toBe(0);
        expect(epochs).toBe("1");
      }
      // Two convolutions in each of two blocks, a shortcut, and the output: after one update B is still independent of W.
      const layers = rows.slice(7);
      expect(layers.map(([layer]) => layer)).toEqual(["1", "2", "3", "4", "5", "6"]);
      for (const [, ...values] of layers) {
        values.forEach((value, i) => {
          expect(Math.abs(Number(value) - (i % 2 === 0 ? 90 : 1))).toBeLessThan(i % 2 === 0 ? 12 : 0.12);
        });
      }
      expect((await readdir(out)).filter((name) => name.endsWith(".safetensors"))).toHaveLength(5);
    } finally {
      await rm(out, { recursive: true });
    }
  });
});

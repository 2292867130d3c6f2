import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

const run = (name: string): string =>
  execFileSync(
    process.execPath,
    [`dist/examples/${name}.js`, "--train", "60", "--test", "20", "--epochs", "1", "--seeds", "1"],
    { cwd: root, encoding: "utf8" },
  );

describe("examples of training, at their smallest", () => {
  it("snu-authors-mnist sets its figure beside the paper's", () => {
    expect(run("snu-authors-mnist")).toMatch(/\| 20 steps \| 94\.84 \| \d+\.\d\d \|\n\| 300 steps \| \| \d+\.\d\d \|/);
  }, 60_000);

  it("neighborhood-aggregation trains the authors' network", () => {
    expect(run("neighborhood-aggregation")).toMatch(
      /^seed 1 epoch 1: loss \d\.\d+, train [\d.]+ %, test [\d.]+ %, [\d.]+ s\n\ntest accuracy \(.*, 1 seeds\): [\d.]+ %\n$/,
    );
  }, 60_000);
});

import { describe, expect, it } from "vitest";
import { comparison, slowness, spread } from "#spikevine/examples/grapes/report";

const point = (test: readonly number[]) => ({
  id: "",
  settings: {},
  seed: 1,
  metrics: {},
  curves: { test: [...test] },
  seconds: 1,
});
const plateau = (s: number): number[] => Array.from({ length: 20 }, (_, i) => (0.9 * (i + 1)) / (s + i + 1));

describe("comparison", () => {
  it("compares with a number of the paper, and shows no difference to a figure without numbers", () => {
    const table = comparison({ of: ["method"], more: ["last"] }, [
      { of: ["a"], paper: 98.5, here: [98, 99.5], more: ["x"] },
      { of: ["b"], paper: "figure only", here: [98], more: ["y"] },
    ]);
    expect(table.split("\n")).toEqual([
      "| method | paper | here | difference | last |",
      "|---|---|---|---|---|",
      "| a | 98.50 | 98.75 ± 1.06 | +0.25 | x |",
      "| b | figure only | 98.00 |  | y |",
    ]);
  });
});

describe("spread", () => {
  it("counts diverged runs apart from the mean", () => {
    expect(spread([97, 99])).toBe("98.00 ± 1.41");
    expect(spread([97, Number.NaN])).toBe("97.00 (1 of 2 diverged)");
    expect(spread([Number.NaN])).toBe("diverged");
  });
});

describe("slowness", () => {
  it("is the mean over curves with its standard error", () => {
    expect(slowness([point(plateau(0.1)), point(plateau(0.3))])).toBe("0.2000 ± 0.1000");
  });

  it("is a dash where a curve has no plateau", () => {
    expect(slowness([point([0.1, 0.2])])).toBe("-");
    expect(slowness([point([0.1, Number.NaN, Number.NaN])])).toBe("-");
  });
});

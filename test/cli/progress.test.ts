import { describe, expect, it } from "vitest";
import { atMostEvery, duration, progressLine } from "#spikevine/src/cli/terminal/progress";
import { table } from "#spikevine/src/cli/terminal/table";

describe("progress", () => {
  const figures = ["loss 2.0170", "accuracy 53.69 %", "1,040 samples/s"];

  it("shows percentage, figures and time left", () => {
    const line = progressLine({ width: 120, label: "epoch 1/8", done: 25, of: 100, seconds: 3, figures });
    expect(line).toMatch(
      /^epoch 1\/8 █{7}░{23} 25% {2}loss 2\.0170 {2}accuracy 53\.69 % {2}1,040 samples\/s {2}0:09 left$/,
    );
  });

  it.each([80, 90, 120])("fits %i columns at any moment", (width) => {
    for (let done = 0; done <= 100; done++) {
      const line = progressLine({ width, label: "epoch 10/10", done, of: 100, seconds: 90, figures });
      expect(line.length).toBeLessThan(width);
      expect(line).toContain(figures[2]);
    }
  });

  it.each([
    [8.44, "8.4 s"],
    [59.96, "1 min 00 s"],
    [65, "1 min 05 s"],
    [7380, "2 h 03 min"],
  ])("writes %f seconds as %s", (seconds, text) => expect(duration(seconds)).toBe(text));

  it("calls at most once in a while", () => {
    let calls = 0;
    const call = atMostEvery(10_000, () => calls++);
    for (let i = 0; i < 5; i++) call();
    expect(calls).toBe(1);
  });
});

it("aligns a table", () => {
  expect(
    table(
      ["name", "n"],
      [
        ["a", "10"],
        ["bcdef", "7"],
      ],
      [1],
    ),
  ).toBe("name    n\n─────  ──\na      10\nbcdef   7");
});

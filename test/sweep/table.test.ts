import { describe, expect, it } from "vitest";
import {
  type FinishedPoint,
  pointsCsv,
  type Settings,
  settingsCsv,
  sweepMarkdown,
  sweepPoint,
  sweepTable,
} from "#spikevine/src/sweep/index";

const finished = (settings: Settings, seed: number, metrics: Record<string, number>): FinishedPoint =>
  ({ ...sweepPoint(settings, seed), metrics, curves: {}, seconds: 2.5 }) as FinishedPoint;

const table = sweepTable([
  finished({ rule: "sgd", units: [4, 4], note: null }, 1, { accuracy: 0.9, slowness: 3 }),
  finished({ rule: "sgd", units: [4, 4], note: null }, 2, { accuracy: 0.94 }),
  finished({ rule: "a,d|m", units: [4, 4], note: null }, 1, { accuracy: 0.5, slowness: Number.NaN }),
]);

describe("the tables of a sweep", () => {
  it("have mean, sample deviation and number over the seeds of a setting", () => {
    const [sgd, other] = table.summaries;
    expect(sgd!.settings).toEqual({ rule: "sgd" });
    expect(sgd!.metrics.accuracy!.mean).toBeCloseTo(0.92, 12);
    // (0.02^2 + 0.02^2) / 1
    expect(sgd!.metrics.accuracy!.deviation).toBeCloseTo(0.02 * Math.SQRT2, 12);
    expect(sgd!.metrics.slowness).toEqual({ n: 1, mean: 3, deviation: Number.NaN });
    expect(other!.metrics.slowness!.n).toBe(0);
    expect(table.fixed).toEqual({ units: [4, 4], note: null });
  });

  it("are tidy: one row per point", () => {
    expect(
      pointsCsv(table)
        .split("\r\n")
        .slice(0, 4)
        .map((row) => row.replace(/,seed-.*$/, "")),
    ).toEqual([
      "rule,seed,accuracy,slowness,point seconds,point",
      "sgd,1,0.9,3,2.5",
      "sgd,2,0.94,,2.5",
      '"a,d|m",1,0.5,,2.5',
    ]);
  });

  it("are tidy: one row per setting", () => {
    const rows = settingsCsv(table).split("\r\n");
    expect(rows[0]).toBe(
      "rule,accuracy mean,accuracy deviation,accuracy n,slowness mean,slowness deviation,slowness n",
    );
    expect(rows[1]).toMatch(/^sgd,0\.9(2|19999)\d*,0\.028284\d*,2,3,,1$/);
    expect(rows[2]).toBe('"a,d|m",0.5,,1,,,0');
  });

  it("read as Markdown", () => {
    expect(sweepMarkdown(table)).toBe(
      [
        "| rule | n | accuracy | slowness |",
        "|---|---|---|---|",
        "| sgd | 2 | 0.920 ± 0.028 | 3 (1) |",
        "| a,d\\|m | 1 | 0.5000 |  |",
        "",
        "Mean ± standard deviation over n seeds. The same in all: units 4+4.",
      ].join("\n"),
    );
  });

  it("distinguish a setting from a missing one", () => {
    const mixed = sweepTable([finished({}, 1, { a: 1 }), finished({ rule: null }, 1, { a: 2 })]);
    expect(mixed.summaries).toHaveLength(2);
    expect(mixed.varied).toEqual(["rule"]);
  });

  it("are empty without points", () => {
    expect(sweepTable([])).toEqual({ points: [], summaries: [], fixed: {}, varied: [], metrics: [] });
  });
});

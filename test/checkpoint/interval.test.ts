import { describe, expect, it } from "vitest";
import { CheckpointTimer, parseInterval } from "#spikevine/src/checkpoint/index";

describe("checkpoint interval", () => {
  it.each([
    ["30 s", 30, "seconds"],
    ["1.5 min", 90, "seconds"],
    ["2h", 7200, "seconds"],
    ["500 batches", 500, "batches"],
    ["1 epoch", 1, "epochs"],
  ])("%s", (text, every, unit) => {
    expect(parseInterval(text)).toEqual({ every, unit });
  });

  it.each(["", "30", "0 s", "-1 s", "0.5 epochs", "1e3 s", "1 parsec", "30 s; rm", `${"9".repeat(1000)} s`])(
    "refuses %j",
    (text) => {
      expect(() => parseInterval(text)).toThrow(/give e\.g\. "30 s", "500 batches" or "1 epoch"/);
    },
  );

  it("by batches and epochs", () => {
    const batches = new CheckpointTimer(parseInterval("3 batches"), { updates: 5, epochs: 0 });
    expect([6, 7, 8].map((updates) => batches.isDue({ updates, epochs: 1 }))).toEqual([false, false, true]);
    batches.restart({ updates: 8, epochs: 1 });
    expect(batches.isDue({ updates: 10, epochs: 2 })).toBe(false);
    const epochs = new CheckpointTimer(parseInterval("2 epochs"), { updates: 0, epochs: 1 });
    expect([2, 3].map((e) => epochs.isDue({ updates: 99, epochs: e }))).toEqual([false, true]);
  });

  it("by time, on a clock that may stand still or be set back", () => {
    let now = 1000;
    const metronome = new CheckpointTimer(parseInterval("30 s"), { updates: 0, epochs: 0 }, () => now);
    const at = { updates: 1, epochs: 0 };
    now += 29_999;
    expect(metronome.isDue(at)).toBe(false);
    now -= 3_600_000;
    expect(metronome.isDue(at)).toBe(false);
    now += 3_600_001;
    expect(metronome.isDue(at)).toBe(true);
    metronome.restart(at);
    expect(metronome.isDue(at)).toBe(false);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Setting, sweepPoint, sweepPoints } from "#spikevine/src/sweep/index";

describe("points", () => {
  it("are every combination, the seed moving fastest", () => {
    const points = sweepPoints({
      fixed: { epochs: 3 },
      vary: { rule: ["sgd", "adam"], hidden: [[16], [16, 16]] },
      seeds: [0, 1],
    });
    expect(points.map(({ settings, seed }) => [settings.rule, settings.hidden, seed])).toEqual([
      ["sgd", [16], 0],
      ["sgd", [16], 1],
      ["sgd", [16, 16], 0],
      ["sgd", [16, 16], 1],
      ["adam", [16], 0],
      ["adam", [16], 1],
      ["adam", [16, 16], 0],
      ["adam", [16, 16], 1],
    ]);
    expect(points.every(({ settings }) => settings.epochs === 3)).toBe(true);
    expect(new Set(points.map(({ id }) => id)).size).toBe(8);
  });

  it("have a stable id", () => {
    // printf '[[["epochs",3],["rule","sgd"]],4]' | sha256sum
    expect(sweepPoint({ rule: "sgd", epochs: 3 }, 4).id).toBe("seed-4-22da548f945bfb64");
  });

  const setting = fc.oneof(
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.oneof(fc.integer(), fc.string())),
  );

  it("have one id whatever the order of the settings, and another for any other setting or seed", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), setting, { noNullPrototype: true }),
        fc.string(),
        setting,
        setting,
        fc.integer(),
        (settings, name, value, other, seed) => {
          const { [name]: _, ...rest } = settings as Record<string, Setting>;
          const point = sweepPoint({ ...rest, [name]: value }, seed);
          expect(sweepPoint({ [name]: value, ...rest }, seed).id).toBe(point.id);
          expect(sweepPoint({ ...rest, [name]: value }, seed + 1).id).not.toBe(point.id);
          const isSame = JSON.stringify(value) === JSON.stringify(other);
          expect(sweepPoint({ ...rest, [name]: other }, seed).id === point.id).toBe(isSame);
          expect(sweepPoint(rest, seed).id).not.toBe(point.id);
        },
      ),
    );
  });

  it("do not change with the objects they were made from", () => {
    const hidden = [16];
    const { settings } = sweepPoint({ hidden }, 1);
    hidden.push(17);
    expect(settings).toEqual({ hidden: [16] });
  });

  it.each<[() => unknown, string]>([
    [() => sweepPoint({ rate: Number.NaN }, 1), "sweep: settings.rate is NaN; give a finite number"],
    [() => sweepPoint({ rate: Number.POSITIVE_INFINITY }, 1), "settings.rate is Infinity"],
    [() => sweepPoint({ rate: undefined as never }, 1), "settings.rate is missing"],
    [() => sweepPoint({ rate: [[1]] as never }, 1), "settings.rate is a list of 1 values"],
    [() => sweepPoint({}, 0.5), "sweep: seed is 0.5; give a whole number."],
    [() => sweepPoints({ vary: {}, seeds: [] }), "sweep: seeds is empty"],
    [() => sweepPoints({ vary: { a: [] }, seeds: [1] }), "sweep: vary.a is empty"],
    [() => sweepPoints({ fixed: { a: 1 }, vary: { a: [2] }, seeds: [1] }), '"a" is both fixed and varied'],
  ])("refuse %s", (make, message) => expect(make).toThrow(message));
});

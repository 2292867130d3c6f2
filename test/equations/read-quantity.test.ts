import mathjs from "mathjs/lib/browser/math.js";
import { describe, expect, it } from "vitest";
import { readQuantity } from "#spikevine/src/equations/language/read-quantity";
import { unitNames } from "#spikevine/src/equations/language/unit-table";

interface Reference {
  readonly value: number | null;
  readonly dimensions: readonly number[];
  formatUnits(): string;
  toSI(): { readonly value: number };
}
const { Unit, unit } = mathjs as unknown as {
  Unit: { PREFIXES: Record<string, object>; UNITS: Record<string, object> };
  unit(text: string): Reference;
  unit(value: number, units: string): Reference;
};

/** The same by mathjs. */
function byMathjs(text: string) {
  try {
    const found = unit(text);
    const units = found.formatUnits();
    const inSI = (value: number): number => (units === "" ? value : unit(value, units).toSI().value);
    return {
      value: found.value === null ? null : found.toSI().value,
      one: inSI(1),
      zero: inSI(0),
      dimension: [...found.dimensions],
    };
  } catch {
    return undefined;
  }
}

function expectSame(text: string): void {
  const [found, reference] = [readQuantity(text), byMathjs(text)];
  expect(found === undefined, text).toBe(reference === undefined);
  if (found === undefined || reference === undefined) return;
  expect(
    found.dimension.map((each) => each + 0),
    text,
  ).toEqual(reference.dimension.map((each) => each + 0));
  expect(found.value === null, text).toBe(reference.value === null);
  const pairs = [
    [found.value ?? 0, reference.value ?? 0],
    [found.one, reference.one],
    [found.zero, reference.zero],
  ] as const;
  for (const [a, b] of pairs) expect(Math.abs(a - b), text).toBeLessThanOrEqual(1e-14 * Math.abs(b));
}

describe("quantities against mathjs", () => {
  it("has its units, without the one that is a complex number", () => {
    expect(unitNames().sort()).toEqual(
      Object.keys(Unit.UNITS)
        .filter((name) => name !== "VAR")
        .sort(),
    );
  });

  it("reads every unit with every prefix as it does, or refuses it as it does", () => {
    const prefixes = new Set(Object.values(Unit.PREFIXES).flatMap(Object.keys));
    for (const name of unitNames()) for (const prefix of prefixes) expectSame(prefix + name);
  });

  it.each([
    "20 ms",
    "1/ms",
    "kg m^2/s",
    "2m^2kg/s^2",
    "1e3 mV",
    "-65 mV",
    "+3 V",
    "5 mV/degC",
    "25 degC",
    "-3 degF",
    "mV/(ms pA)",
    "1/(2 s)",
    "10 m/s^-2",
    "ms^0.5",
    "4erg",
    "5",
    "a b",
    "(ms)",
    "mV/",
    "/ms",
    "1 / ms * mV",
    "3 .5",
    "1e3",
    "1e V",
    "V V",
    "m^",
    "2 (m s)",
    "2/(m/s)",
    "((m)",
    "m)",
    "m/(s/(V A))",
    "3 V 4",
    "m ^ 2",
    "*m",
    "2**m",
  ])("reads %s as it does", (text) => expectSame(text));
});

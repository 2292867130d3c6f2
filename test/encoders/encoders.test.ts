import { describe, expect, it } from "vitest";
import { constantCurrent, encoders, latency, poisson, rate } from "#spikevine/encoders/index";
import type { EncoderDefinition } from "#spikevine/src/equations/encoder";
import { evaluate } from "#spikevine/src/equations/expression";
import { SpikevineError } from "#spikevine/src/errors";
import { drawUniform, rowKey } from "#spikevine/src/random/counter";

const value = (encoder: EncoderDefinition, dt: number | string, x: number, t = 0, u = 0): number => {
  const { formulas, parameters } = encoder.kernel({ dt });
  return evaluate(formulas, { ...parameters, x, t, u }).value!;
};

/** Steps at which a pixel fires. */
const times = (encoder: EncoderDefinition, dt: number | string, x: number, steps: number): number[] =>
  Array.from({ length: steps }, (_, t) => t).filter((t) => value(encoder, dt, x, t, 0.5) > 0);

function frequency(encoder: EncoderDefinition, dt: number | string, x: number): number {
  const { formulas, parameters } = encoder.kernel({ dt });
  const draws = 20_000;
  let spikes = 0;
  for (let i = 0; i < draws; i++) {
    if (evaluate(formulas, { ...parameters, x, t: 0, u: drawUniform(rowKey(3, 1), i) }).value! > 0) spikes++;
  }
  return spikes / draws;
}

describe("rate", () => {
  it("fires with probability x * maxRate a step, whatever dt", () => {
    expect(frequency(rate(), 1, 0.5)).toBeCloseTo(0.15, 1.9);
    expect(frequency(rate(), 0.1, 0.5)).toBe(frequency(rate(), 1, 0.5));
  });

  it("fires always at probability 1 and never at 0", () => {
    expect(value(rate({ maxRate: 1 }), 1, 1, 0, 1 - 2 ** -24)).toBeGreaterThan(0);
    expect(value(rate({ maxRate: 1 }), 1, 0, 0, 0)).toBe(0);
  });
});

describe("poisson", () => {
  it("fires with probability 1 - exp(-x rate dt)", () => {
    const p = 1 - Math.exp(-0.5 * 0.1 * 4);
    expect(value(poisson(), "4 ms", 0.5, 0, p - 1e-9)).toBeGreaterThan(0);
    expect(value(poisson(), "4 ms", 0.5, 0, p + 1e-9)).toBeLessThan(0);
    expect(frequency(poisson({ rate: "200 Hz" }), "1 ms", 1)).toBeCloseTo(1 - Math.exp(-0.2), 1.9);
  });
});

describe("latency", () => {
  it("fires once, the brighter the earlier", () => {
    const encoder = latency({ window: "10 ms" });
    expect(times(encoder, "1 ms", 1, 12)).toEqual([0]);
    expect(times(encoder, "1 ms", 0.75, 12)).toEqual([2]);
    expect(times(encoder, "1 ms", 0.5, 12)).toEqual([5]);
    expect(times(encoder, "500 us", 0.5, 24)).toEqual([10]);
    expect(times(encoder, "1 ms", 0.001, 12)).toEqual([9]);
    expect(times(encoder, "1 ms", 0, 12)).toEqual([]);
  });

  it("leaves out faint pixels", () => {
    expect(times(latency({ minimum: 0.2 }), 1, 0.2, 30)).toEqual([]);
    expect(times(latency({ minimum: 0.2 }), 1, 0.25, 30)).toEqual([15]);
  });
});

describe("constantCurrent", () => {
  it("is gain * x", () => expect(value(constantCurrent({ gain: 3 }), 1, 0.5)).toBe(1.5));
});

describe("encoders by name", () => {
  it.each([
    ["rate", "spikes", true, false],
    ["poisson", "spikes", true, false],
    ["latency", "spikes", true, false],
    ["constantCurrent", "values", true, true],
  ])("%s gives %s, silent at 0: %s, static: %s", (name, output, zeroIsSilent, isStatic) => {
    expect(encoders[name]!().kernel({ dt: 1 })).toMatchObject({ name, output, zeroIsSilent, static: isStatic });
    expect(encoders[name]!().output).toBe(output);
  });

  it.each(Object.keys(encoders))("%s says what it is", (name) => {
    const text = encoders[name]!().describe();
    expect(text).toContain(`### ${name}`);
    expect(text).toContain("Source: ");
  });
});

describe("errors", () => {
  it.each([
    [() => rate({ maxRate: 1.2 }), 'encoders/rate: "maxRate" is 1.2; give a number above 0 and of at most 1.'],
    [() => rate({ maxRate: 0 }), 'encoders/rate: "maxRate" is 0; give a number above 0 and of at most 1.'],
    [
      () => rate({ maxrate: 1 }),
      'unknown parameter of encoders/rate "maxrate": did you mean "maxRate"? Known: maxRate.',
    ],
    [() => poisson({ rate: 50 }), 'encoders/poisson: "rate" is 50 (no unit); give a rate, e.g. "50 Hz".'],
    [() => latency({ window: "-1 ms" }), 'encoders/latency: "window" is -1 ms; give a time above 0 ms.'],
    [
      () => constantCurrent({ gain: Number.POSITIVE_INFINITY }),
      'encoders/constantCurrent: "gain" is Infinity; give a finite number.',
    ],
    [() => rate().kernel({ dt: 0 }), "encoders/rate: dt is 0; give a time above 0 ms."],
    [() => rate().kernel({ dt: "1 mV" }), 'encoders/rate: dt is 1 mV (in mV); give a time, e.g. "20 ms".'],
  ])("case %#", (make, message) => expect(make).toThrow(new SpikevineError(message)));
});

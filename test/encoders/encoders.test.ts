import { describe, expect, it } from "vitest";
import { constantCurrent, encoders, latency, poisson, rate } from "#spikevine/encoders/index";
import { relu } from "#spikevine/neurons/index";
import { sgd } from "#spikevine/plasticity/index";
import { dataset } from "#spikevine/src/data/index";
import { compileFormulas } from "#spikevine/src/device/host/formulas";
import type { EncoderDefinition } from "#spikevine/src/equations/definitions/encoder";
import { evaluate } from "#spikevine/src/equations/language/expression";
import { SpikevineError } from "#spikevine/src/errors";
import { dense, evaluate as evaluateNetwork, network, record, train } from "#spikevine/src/index";
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
    expect(frequency(rate(), 1, 0.5)).toBeCloseTo(0.5, 1.9);
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

describe("spikes of small probability", () => {
  const p = 1e-12;

  it.each([
    ["rate", rate({ maxRate: p }), p],
    ["poisson", poisson({ rate: "1e-9 Hz" }), p],
    ["poisson, 1.5e-4", poisson({ rate: "0.15 Hz" }), 1 - Math.exp(-1.5e-4)],
    ["poisson, 3e-4", poisson({ rate: "0.3 Hz" }), 1 - Math.exp(-3e-4)],
  ])("%s, in single precision", (_, encoder, want) => {
    const { formulas, parameters } = encoder.kernel({ dt: 1 });
    const names = Object.keys(parameters);
    const compiled = compileFormulas(formulas, ["x", "t", "u", ...names], ["value"], "single");
    const result = [0];
    const value = (u: number) => {
      compiled([1, 0, u, ...names.map((name) => Math.fround(parameters[name]!))], result);
      return result[0]!;
    };
    expect(value(Math.fround(want * 0.9998))).toBeGreaterThan(0);
    expect(value(Math.fround(want * 1.0002))).toBeLessThan(0);
  });

  it("are the same on every device, and right in the mean", async () => {
    const width = 1000;
    const steps = 200;
    for (const [encoder, want] of [
      [rate({ maxRate: 1e-4 }), 1e-4],
      [poisson({ rate: "0.1 Hz" }), 1e-4],
    ] as const) {
      const net = network({ inputs: width, encoder, steps, layers: [dense(1, relu())] });
      const pixels = new Float32Array(20 * width).fill(1);
      const counts: number[] = [];
      for (const device of ["reference", "simd", "gpujs:cpu"]) {
        const { input } = await record(net, pixels, { device });
        counts.push(input.reduce((sum, spike) => sum + spike, 0));
      }
      expect(new Set(counts).size).toBe(1);
      const expected = want * pixels.length * steps;
      expect(Math.abs(counts[0]! - expected)).toBeLessThan(4 * Math.sqrt(expected));
    }
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

  // Each byte over 255 as a single-precision pixel, on every way to evaluate an encoder.
  it.each<[string, number, string, bigint, bigint]>([
    ["20 ms", 20, "1 ms", 20n, 1n],
    ["30 ms", 30, "1 ms", 30n, 1n],
    ["25.5 ms", 255, "0.1 ms", 255n, 1n],
    ["20 ms", 67, "0.3 ms", 200n, 3n],
    ["10 ms", 100, "100 us", 100n, 1n],
    ["1 s", 2000, "0.5 ms", 2000n, 1n],
    ["7 ms", 7, "1 ms", 7n, 1n],
  ])(
    "fires bytes in the step of whole numbers: window %s, %d steps of %s",
    async (window, steps, dt, numerator, denominator) => {
      const encoder = latency({ window });
      const pixels = Float32Array.from({ length: 255 }, (_, i) => (i + 1) / 255);
      const net = network({ inputs: 255, encoder, steps, dt, layers: [dense(1, relu())] });
      for (const device of ["reference", "simd", "gpujs:cpu"]) {
        const { input } = await record(net, pixels, { device });
        for (let i = 0; i < 255; i++) {
          const want = Number((BigInt(254 - i) * numerator) / (255n * denominator));
          const fired = Array.from({ length: steps }, (_, t) => t).filter((t) => input[t * 255 + i]! > 0);
          expect(fired).toEqual([want]);
        }
      }
    },
  );

  it("fires the faintest pixel within the window, and decimals in the step they name", () => {
    for (const x of [1e-3, 1e-6, 1e-8, 1e-30]) expect(times(latency(), 1, x, 30)).toEqual([19]);
    for (const x of [0.1, 0.3, 0.45, 0.7, 0.9]) {
      expect(times(latency(), 1, Math.fround(x), 30)).toEqual([Math.floor(20 - 20 * x + 1e-9)]);
    }
  });

  it("is refused where its window is longer than a presentation", async () => {
    const net = network({ inputs: 1, encoder: latency({ window: "30 ms" }), steps: 20, layers: [dense(10, relu())] });
    const message =
      'encoders/latency: "window" is 30 ms, longer than a presentation of 20 steps of 1 ms; give at most 20 ms, or at least 30 steps.';
    const data = dataset({ name: "one", images: Float32Array.of(1), labels: Uint8Array.of(0), classes: 10 });
    await expect(record(net, Float32Array.of(1), { device: "reference" })).rejects.toThrow(message);
    await expect(evaluateNetwork(net, data, { device: "reference" })).rejects.toThrow(message);
    await expect(train(net, { data, optimizer: sgd(), epochs: 1, device: "reference" })).rejects.toThrow(message);
  });

  it("leaves out faint pixels", () => {
    expect(times(latency({ minimum: 0.2 }), 1, 0.2, 30)).toEqual([]);
    expect(times(latency({ minimum: 0.2 }), 1, 0.25, 30)).toEqual([15]);
  });
});

describe("constantCurrent", () => {
  it("is gain * x", () => expect(value(constantCurrent({ gain: 3 }), 1, 0.5)).toBe(1.5));

  it("has a gain with a unit, in pA", () => {
    expect(value(constantCurrent({ gain: "0.6 nA" }), 1, 0.5)).toBeCloseTo(300, 10);
    expect(constantCurrent({ gain: "0.6 nA" }).with({ gain: "200 pA" }).parameters.gain!.value).toBe(200);
  });
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

  it.each(Object.keys(encoders))("%s describes itself", (name) => {
    const text = encoders[name]!().describe();
    expect(text).toContain(`### ${name}`);
    expect(text).toContain("Source: ");
  });
});

describe("errors", () => {
  it.each([
    [
      () => constantCurrent({ gain: "200 mV" }),
      'encoders/constantCurrent: "gain" is 200 mV (in mV); give a current, e.g. "200 pA".',
    ],
    [
      () => constantCurrent({ gain: "bright" }),
      'encoders/constantCurrent: "gain" is "bright", which is not a quantity; give a plain number without a unit.',
    ],
    [() => rate({ maxRate: 1.2 }), 'encoders/rate: "maxRate" is 1.2; give a number above 0 and of at most 1.'],
    [() => rate({ maxRate: 0 }), 'encoders/rate: "maxRate" is 0; give a number above 0 and of at most 1.'],
    [() => rate({ maxrate: 1 }), 'encoders/rate: unknown parameter "maxrate"; did you mean "maxRate"?'],
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

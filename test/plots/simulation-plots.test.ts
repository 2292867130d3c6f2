import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isiHistogram,
  populationRates,
  rasterFromTimes,
  vegaIsi,
  vegaRaster,
  vegaRates,
  vegaTraces,
} from "#spikevine/src/plots/index";
import { expectGoodSvg } from "./good-svg.js";

const spikes = { name: "exc <E>", size: 4, times: [1, 2.5, 2.5, 9], units: [0, 3, 1, 2] };

describe("rasterFromTimes", () => {
  it("has a mark for every spike in the time shown", () => {
    const svg = rasterFromTimes({ populations: [spikes, { name: "inh", size: 1, times: [], units: [] }], to: 8 });
    expectGoodSvg(svg);
    const marks = /<path d="([^"]*v[^"]*)" fill="none" stroke="#0072b2"/.exec(svg)![1]!;
    expect(marks.match(/M/g)).toHaveLength(3);
    // Three spikes of four units in 8 ms.
    expect(svg).toContain("4 neurons, 93.8 Hz on average");
    expect(svg.match(/transform="rotate\(-90 [^>]*>neuron</g)).toHaveLength(2);
  });

  it("draws only some neurons if there are too many spikes, and notes this", () => {
    const times = Float64Array.from({ length: 150_000 }, (_, k) => k / 1000);
    const units = Uint32Array.from({ length: 150_000 }, (_, k) => k % 1000);
    const svg = rasterFromTimes({ populations: [{ name: "many", size: 1000, times, units }] });
    expect(svg).toContain("1 neuron in 3 drawn");
    expect(svg.length).toBeLessThan(2_000_000);
    expect(svg).toContain("1,000 neurons, ");
  });

  it("can be drawn whatever the spikes", () => {
    const event = fc.record({ time: fc.double({ min: 0, max: 1e4, noNaN: true }), unit: fc.nat(6) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        const population = { name: "x", size: 7, times: events.map((e) => e.time), units: events.map((e) => e.unit) };
        expectGoodSvg(rasterFromTimes({ populations: [population] }));
      }),
      { numRuns: 50 },
    );
  });
});

describe("isiHistogram", () => {
  it("has a bar for every bin that is not empty", () => {
    const svg = isiHistogram({ populations: [{ name: "exc", intervals: [1, 1, 1, 7, 30] }], bins: 10, to: 10 });
    expectGoodSvg(svg);
    expect(/<path d="([^"]*)" fill="#0072b2"/.exec(svg)![1]!.match(/z/g)).toHaveLength(2);
    expect(svg).toContain("5 intervals, 8.00 ms on average, 1 of them outside");
    expect(svg).toMatch(/transform="rotate\(-90 [^>]*>count</);
  });

  /** Numbers under the panel, first and last. */
  const ends = (intervals: readonly number[], range: { from?: number; to?: number } = {}) => {
    const svg = isiHistogram({ populations: [{ name: "p", intervals }], ...range });
    expectGoodSvg(svg);
    const ticks = [...svg.matchAll(/text-anchor="middle" fill="[^"]*">([\d.,]+)</g)].map(([, tick]) => Number(tick));
    return [ticks[0], ticks.at(-1)];
  };

  it("has the range of the data", () => {
    expect(ends([50, 51, 52, 53.5, 54])).toEqual([50, 54]);
    expect(ends([20, 20, 20])).toEqual([19, 21]);
    expect(ends([1, 5, 9], { to: 4 })).toEqual([0, 4]);
    expect(ends([1, 5, 9], { from: 4 })).toEqual([4, 9]);
  });

  it("does not stretch for few long intervals, and counts them", () => {
    const intervals = [...Array.from({ length: 999 }, (_, k) => 10 + (k % 10)), 5000];
    expect(ends(intervals)).toEqual([10, 19]);
    const svg = isiHistogram({ populations: [{ name: "p", intervals }] });
    expect(svg).toContain("1,000 intervals, 19.5 ms on average, 1 of them outside");
  });

  it("refuses an empty range", () => {
    expect(() => ends([1, 2], { from: 5, to: 5 })).toThrow("isiHistogram: from is 5 and to is 5; give a smaller from.");
  });

  it("reports that there is nothing to draw", () => {
    const svg = isiHistogram({ populations: [{ name: "silent", intervals: [] }] });
    expectGoodSvg(svg);
    expect(svg).toContain("no intervals");
  });
});

describe("populationRates", () => {
  it("draws a line for each population", () => {
    const svg = populationRates({
      populations: [
        { name: "exc", times: [0.5, 1.5], rates: [3, 4] },
        { name: "inh", times: [0.5, 1.5], rates: [8, 2] },
      ],
    });
    expectGoodSvg(svg);
    for (const name of ["exc", "inh", "time (ms)"]) expect(svg).toContain(name);
    // The axis begins at 0, at the lower end of the panel.
    expect(svg).toMatch(/text-anchor="end" fill="[^"]*">0</);
  });
});

describe("Vega-Lite specifications", () => {
  const specs = {
    raster: vegaRaster([spikes]),
    traces: vegaTraces([{ name: "v", unit: "mV", times: [0, 1], values: [-60, -59] }]),
    rates: vegaRates([{ name: "exc", times: [0.5], rates: [20] }]),
    intervals: vegaIsi([{ name: "exc", intervals: [1, 1, 7] }], { to: 10, bins: 5 }),
  };

  it("are plain JSON of the fifth schema, with a field in the data for every channel", () => {
    for (const spec of Object.values(specs)) {
      expect(spec.$schema).toBe("https://vega.github.io/schema/vega-lite/v5.json");
      expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
      const channels = Object.values(spec.encoding as Record<string, { field: string }>);
      for (const { field } of channels) expect(Object.keys(spec.data.values[0]!)).toContain(field);
    }
  });

  it("hold the numbers themselves", () => {
    expect(specs.raster.data.values[1]).toEqual({ population: "exc <E>", time: 2.5, unit: 3 });
    expect(specs.traces.data.values[1]).toEqual({ trace: "v (mV)", time: 1, value: -59 });
    expect(specs.rates.data.values).toEqual([{ population: "exc", time: 0.5, rate: 20 }]);
    expect(specs.intervals.data.values.map(({ count }) => count)).toEqual([2, 0, 0, 1, 0]);
    const own = vegaIsi([{ name: "exc", intervals: [50, 51, 54] }], { bins: 4 }).data.values;
    expect(own.map(({ from, count }) => [from, count])).toEqual([
      [50, 1],
      [51, 1],
      [52, 0],
      [53, 1],
    ]);
  });
});

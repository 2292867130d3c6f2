import { describe, expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import {
  type ConnectionPattern,
  normal,
  type Projection,
  type ProjectionOptions,
  simulation,
  uniform,
} from "#spikevine/src/simulation/index";

function connect(
  pre: number,
  post: number | "self",
  pattern: ConnectionPattern,
  options: Partial<ProjectionOptions> & { seed?: number } = {},
): Projection {
  const { seed = 1, ...rest } = options;
  const sim = simulation({ seed });
  const a = sim.population("a", pre, cobaLif());
  const b = post === "self" ? a : sim.population("b", post, cobaLif());
  return sim.connect(a, b, { pattern, target: "ge", weight: "6 nS", ...rest });
}

const pairs = (projection: Projection) => [...projection.synapses()].map(({ pre, post }) => [pre, post]);

function degrees(projection: Projection, side: "pre" | "post", size: number): number[] {
  const counts = new Array<number>(size).fill(0);
  for (const synapse of projection.synapses()) counts[synapse[side]]!++;
  return counts;
}

describe("patterns", () => {
  it("joins all to all, and one to one", () => {
    expect(pairs(connect(2, 3, "all-to-all"))).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 1],
      [1, 2],
    ]);
    expect(pairs(connect(3, 3, "one-to-one"))).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    expect(pairs(connect(2, "self", "all-to-all", { autapses: false }))).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it("joins each pair with the given probability", () => {
    const projection = connect(2000, 1500, { probability: 0.02 });
    const expected = 2000 * 1500 * 0.02;
    expect(Math.abs(projection.size - expected)).toBeLessThan(4 * Math.sqrt(expected * 0.98));
    // Out-degrees are binomial: mean 30, variance 29.4. In-degrees: mean 40, variance 39.2.
    for (const [side, size, mean, variance] of [
      ["pre", 2000, 30, 29.4],
      ["post", 1500, 40, 39.2],
    ] as const) {
      const counts = degrees(projection, side, size);
      const found = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / size;
      expect(Math.abs(found / variance - 1)).toBeLessThan(0.15);
    }
  });

  it("accepts the extremes of probability", () => {
    expect(connect(10, 10, { probability: 0 }).size).toBe(0);
    expect(connect(10, 10, { probability: 1 }).size).toBe(100);
    expect(connect(10, "self", { probability: 1 }, { autapses: false }).size).toBe(90);
  });

  it("gives every neuron its in-degree, from different neurons, all equally likely", () => {
    const projection = connect(100, 4000, { inDegree: 20 });
    expect(new Set(degrees(projection, "post", 4000))).toEqual(new Set([20]));
    expect(new Set(pairs(projection).map(String)).size).toBe(80000);
    const out = degrees(projection, "pre", 100);
    // Each presynaptic neuron expects 800 with a standard deviation of 25.
    for (const count of out) expect(Math.abs(count - 800)).toBeLessThan(4.5 * 25.3);
  });

  it("fills an in-degree as large as the population, with or without the neuron itself", () => {
    expect(connect(7, "self", { inDegree: 7 }).size).toBe(49);
    const without = connect(7, "self", { inDegree: 6 }, { autapses: false });
    expect(without.size).toBe(42);
    for (const [pre, post] of pairs(without)) expect(pre).not.toBe(post);
  });

  it("keeps listed pairs with their weights and delays, sorted", () => {
    const projection = connect(
      3,
      3,
      {
        pairs: [
          [2, 1],
          [0, 2],
          [0, 1],
          [2, 1],
        ],
      },
      { weight: ["1 nS", "2 nS", "3 nS", "4 nS"], delay: ["1 ms", "2 ms", "3 ms", "4 ms"] },
    );
    expect([...projection.synapses()].map((s) => [s.pre, s.post, s.weight, Math.round(s.delay)])).toEqual([
      [0, 1, 3, 3],
      [0, 2, 2, 2],
      [2, 1, 1, 1],
      [2, 1, 4, 4],
    ]);
  });

  it("sorts targets within a row and uses 32 bits where 16 are too few", () => {
    for (const projection of [connect(5, 70000, { probability: 0.01 }), connect(40, 70000, { inDegree: 1 })]) {
      const list = pairs(projection);
      for (let k = 1; k < list.length; k++) {
        const [a, b] = [list[k - 1]!, list[k]!];
        expect(a[0]! < b[0]! || (a[0] === b[0] && a[1]! < b[1]!)).toBe(true);
      }
      expect(Math.max(...list.map(([, post]) => post!))).toBeGreaterThan(65536);
    }
  });
});

describe("distributions of weights and delays", () => {
  const values = (options: Partial<ProjectionOptions>, key: "weight" | "delay") =>
    [...connect(200, 200, { probability: 0.5 }, options).synapses()].map((synapse) => synapse[key]);

  it("draws uniform values", () => {
    const weights = values({ weight: uniform("2 nS", "4 nS") }, "weight");
    expect(Math.min(...weights)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...weights)).toBeLessThan(4);
    expect(weights.reduce((sum, w) => sum + w, 0) / weights.length).toBeCloseTo(3, 1);
  });

  it("draws normal values within bounds", () => {
    const weights = values({ weight: normal("5 nS", "1 nS", { min: "3 nS" }) }, "weight");
    const mean = weights.reduce((sum, w) => sum + w, 0) / weights.length;
    const variance = weights.reduce((sum, w) => sum + (w - mean) ** 2, 0) / weights.length;
    expect(mean).toBeCloseTo(5, 1);
    expect(variance).toBeCloseTo(1, 1);
    expect(Math.min(...weights)).toBe(3);
  });

  it("rounds delays to steps", () => {
    for (const delay of values({ delay: uniform("0.5 ms", "2 ms") }, "delay")) {
      expect(Math.abs(delay / 0.1 - Math.round(delay / 0.1))).toBeLessThan(1e-9);
    }
  });
});

describe("determinism", () => {
  it("draws the same from the same seed, and other synapses from another", () => {
    const draw = (seed: number) => JSON.stringify(pairs(connect(50, 50, { probability: 0.2 }, { seed })));
    expect(draw(3)).toBe(draw(3));
    expect(draw(3)).not.toBe(draw(4));
  });

  it("draws every projection of a simulation independently", () => {
    const sim = simulation();
    const a = sim.population("a", 50, cobaLif());
    const options = { pattern: { probability: 0.2 }, target: "ge", weight: "1 nS" } as const;
    const [first, second] = sim.connect(a, [a, a], options);
    expect(pairs(first!)).not.toEqual(pairs(second!));
  });
});

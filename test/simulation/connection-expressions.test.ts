import { describe, expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import {
  type ConnectionPattern,
  type Projection,
  type ProjectionOptions,
  simulation,
  uniform,
} from "#spikevine/src/simulation/index";

const size = 40;

function connect(pattern: ConnectionPattern, options: Partial<ProjectionOptions> = {}): Projection {
  const sim = simulation({ seed: 3 });
  const positions = { x: "2 * i" };
  const a = sim.population("a", size, cobaLif(), { positions, initial: { v: uniform("-60 mV", "-50 mV") } });
  const b = sim.population("b", size + 10, cobaLif(), { positions });
  return sim.connect(a, b, { pattern, target: "ge", weight: "6 nS", ...options });
}

const pairs = (projection: Projection): string[] => [...projection.synapses()].map(({ pre, post }) => `${pre},${post}`);

/** The pairs of a literal loop. */
function expected(holds: (i: number, j: number) => boolean): string[] {
  const found: string[] = [];
  for (let i = 0; i < size; i++) for (let j = 0; j < size + 10; j++) if (holds(i, j)) found.push(`${i},${j}`);
  return found;
}

describe("a condition", () => {
  it.each<[string, (i: number, j: number) => boolean]>([
    ["abs(i - j) < 5", (i, j) => Math.abs(i - j) < 5],
    ["not (i == j) and j < N_pre", (i, j) => i !== j && j < size],
    ["x_post - x_pre == 6", (i, j) => 2 * j - 2 * i === 6],
    ["j == N_post - 1", (_, j) => j === size + 9],
    ["floor(i / 10) == floor(j / 10)", (i, j) => Math.floor(i / 10) === Math.floor(j / 10)],
  ])("%s connects the pairs of a literal loop", (condition, holds) => {
    expect(pairs(connect({ condition }))).toEqual(expected(holds));
  });

  it("reads initial states, with their units", () => {
    const sim = simulation({ seed: 3 });
    const initial = { v: "rest + 5 * rand() * (threshold - rest) / 10" };
    const cells = sim.population("cells", size, cobaLif(), { initial });
    const projection = sim.connect(cells, cells, {
      pattern: { condition: "v_pre > v_post and v_pre > rest_pre + (threshold_post - rest_post) / 4" },
      target: "ge",
      weight: "1 nS",
    });
    const v = sim.state(cells, "v");
    expect(Math.min(...v)).toBeGreaterThanOrEqual(-60);
    expect(Math.max(...v)).toBeLessThan(-55);
    const wanted: string[] = [];
    v.forEach((pre, i) => {
      v.forEach((post, j) => {
        if (pre > post && pre > -57.5) wanted.push(`${i},${j}`);
      });
    });
    expect(wanted.length).toBeGreaterThan(100);
    expect(pairs(projection)).toEqual(wanted);
  });

  it("restricts the pairs of a probability, which are those without it", () => {
    const all = new Set(pairs(connect({ probability: 0.3 })));
    const restricted = pairs(connect({ condition: "i < j", probability: 0.3 }));
    expect(restricted).toEqual([...all].filter((pair) => Number(pair.split(",")[0]) < Number(pair.split(",")[1])));
    expect(restricted.length).toBeGreaterThan(100);
  });
});

describe("a probability as an expression", () => {
  it("connects each pair with its probability: binomial counts per distance over many projections", () => {
    const counts = new Map<number, [connected: number, all: number]>();
    for (let seed = 0; seed < 60; seed++) {
      const sim = simulation({ seed });
      const cells = sim.population("cells", size, cobaLif());
      const projection = sim.connect(cells, cells, {
        pattern: { probability: "exp(-((i - j) / 8)^2)" },
        target: "ge",
        weight: "1 nS",
      });
      const connected = new Set(pairs(projection));
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          const one = counts.get(Math.abs(i - j)) ?? [0, 0];
          counts.set(Math.abs(i - j), [one[0] + (connected.has(`${i},${j}`) ? 1 : 0), one[1] + 1]);
        }
      }
    }
    for (const distance of [0, 2, 5, 8, 12, 16]) {
      const [connected, all] = counts.get(distance)!;
      const p = Math.exp(-((distance / 8) ** 2));
      expect(Math.abs(connected - all * p)).toBeLessThanOrEqual(4 * Math.sqrt(all * p * (1 - p)) + 1e-9);
    }
  });

  it("connects always at 1 and above, never at 0 and below", () => {
    expect(pairs(connect({ probability: "i < 10 ? 1.5 : -0.5" }))).toEqual(expected((i) => i < 10));
  });

  it("leaves out autapses", () => {
    const sim = simulation();
    const cells = sim.population("cells", 5, cobaLif());
    const options = { target: "ge", weight: "1 nS", autapses: false };
    expect(sim.connect(cells, cells, { pattern: { condition: "i >= 0" }, ...options }).size).toBe(20);
    expect(sim.connect(cells, cells, { pattern: { probability: "1 + 0 * i" }, ...options }).size).toBe(20);
  });
});

describe("weights and delays as expressions", () => {
  it("are those of a literal loop, in the unit of the target", () => {
    const sim = simulation();
    const cells = sim.population("cells", size, cobaLif(), { positions: { w: "3 nS", d: "0.5 ms" } });
    const projection = sim.connect(cells, cells, {
      pattern: { condition: "abs(i - j) < 4" },
      target: "ge",
      weight: "w_pre * (1 + i) / (1 + j)",
      delay: "d_post * (1 + abs(i - j))",
    });
    for (const { pre, post, weight, delay } of projection.synapses()) {
      expect(weight).toBeCloseTo((3 * (1 + pre)) / (1 + post), 5);
      expect(delay).toBeCloseTo(0.5 * (1 + Math.abs(pre - post)), 9);
    }
  });

  it("draw rand() and randn() separately for every synapse and every occurrence", () => {
    const sim = simulation({ seed: 5 });
    const cells = sim.population("cells", 200, cobaLif(), { positions: { w: "1 nS" } });
    const connectWith = (weight: string) => {
      const projection = sim.connect(cells, cells, { pattern: "all-to-all", target: "ge", weight });
      return Float64Array.from(projection.synapses(), (synapse) => synapse.weight);
    };
    const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length;
    const variance = (values: Float64Array) => {
      const center = mean(values);
      return mean(values.map((v) => (v - center) ** 2));
    };
    const one = connectWith("w_pre * rand()");
    expect(mean(one)).toBeCloseTo(0.5, 1);
    expect(variance(one)).toBeCloseTo(1 / 12, 2);
    const difference = connectWith("w_pre * (rand() - rand())");
    expect(mean(difference)).toBeCloseTo(0, 1);
    expect(variance(difference)).toBeCloseTo(2 / 12, 2);
    const gaussian = connectWith("w_pre * (2 + 0.5 * randn())");
    expect(mean(gaussian)).toBeCloseTo(2, 1);
    expect(variance(gaussian)).toBeCloseTo(0.25, 2);
  });
});

describe("degrees and lists", () => {
  it("gives every presynaptic neuron its out-degree, from different neurons", () => {
    const projection = connect({ outDegree: 7 });
    const counts = new Array<number>(size).fill(0);
    for (const { pre } of projection.synapses()) counts[pre]!++;
    expect(new Set(counts)).toEqual(new Set([7]));
    expect(new Set(pairs(projection)).size).toBe(7 * size);
    const inDegrees = new Array<number>(size + 10).fill(0);
    for (const { post } of projection.synapses()) inDegrees[post]!++;
    // Binomial: mean 5.6, variance 4.8 over 50 neurons.
    const variance = inDegrees.reduce((sum, count) => sum + (count - 5.6) ** 2, 0) / inDegrees.length;
    expect(variance).toBeGreaterThan(2);
    expect(variance).toBeLessThan(9);
  });

  it("draws a total of synapses from all pairs, with replacement, as ascending rows", () => {
    const total = 30_000;
    const projection = connect({ total });
    expect(projection.size).toBe(total);
    const [sources, targets] = [new Float64Array(size), new Float64Array(size + 10)];
    const distinct = new Set<number>();
    let before = -1;
    for (const { pre, post } of projection.synapses()) {
      sources[pre]!++;
      targets[post]!++;
      const place = pre * (size + 10) + post;
      expect(place).toBeGreaterThanOrEqual(before);
      before = place;
      distinct.add(place);
    }
    // Chi-squared of 39 or 49 degrees of freedom: below 99 with a probability of 1 - 4e-5.
    for (const counts of [sources, targets]) {
      const mean = total / counts.length;
      expect(counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0)).toBeLessThan(99);
    }
    const empty = size * (size + 10) * (1 - 1 / (size * (size + 10))) ** total;
    expect(Math.abs(size * (size + 10) - distinct.size - empty)).toBeLessThan(6);
    expect(connect({ total: 0 }).size).toBe(0);
  });

  it("takes typed arrays, with weights in typed arrays too", () => {
    const pre = Uint32Array.of(3, 1, 1, 0);
    const post = Uint16Array.of(4, 9, 2, 7);
    const projection = connect({ pre, post }, { weight: { values: Float32Array.of(1, 2, 3, 4), unit: "nS" } });
    expect([...projection.synapses()].map(({ pre, post, weight }) => [pre, post, weight])).toEqual([
      [0, 7, 4],
      [1, 2, 3],
      [1, 9, 2],
      [3, 4, 1],
    ]);
  });

  it("keeps the order of equal pairs", () => {
    const pairs = [
      [1, 1],
      [0, 2],
      [1, 1],
      [0, 0],
    ] as const;
    const projection = connect({ pairs }, { weight: ["1 nS", "2 nS", "3 nS", "4 nS"] });
    expect([...projection.synapses()].map(({ weight }) => weight)).toEqual([4, 2, 1, 3]);
  });
});

describe("connections refuse", () => {
  it.each<[string, ConnectionPattern, Partial<ProjectionOptions>, RegExp]>([
    ["an unknown name", { condition: "abs(k - j) < 5" }, {}, /condition: .*unknown name "k"/],
    ["a condition with a unit", { condition: "v_pre" }, {}, /condition.*every term must be without a unit/],
    ["a probability that is not a number", { probability: "log(i - 100)" }, {}, /is not a number for i = 0 and j = 0/],
    ["a weight in another unit", "all-to-all", { weight: "v_pre * rand()" }, /weight.*every term must be in nS/],
    ["an infinite weight", "all-to-all", { weight: "leak_pre / i" }, /"leak_pre \/ i" is Infinity for i = 0 and j = 0/],
    ["a list without pairs", { probability: 0.5 }, { weight: ["1 nS"] }, /a list, which requires the pattern/],
    ["an out-degree beyond the size", { outDegree: 51 }, {}, /out-degree is 51; give a whole number from 0 to 50/],
    ["a total that is not whole", { total: 1.5 }, {}, /total/],
    ["lists of two lengths", { pre: [0, 1], post: [0] }, {}, /pre has 2 neurons and post has 1/],
    ["a neuron that does not exist", { pre: [0, 1], post: [0, 50] }, {}, /pair 1 names neuron 50 of "b"/],
    [
      "a number in no unit",
      { pre: [0], post: [0] },
      { weight: { values: [1], unit: "mV" } },
      /the unit is "mV"; give a unit like "nS"/,
    ],
  ])("%s", (_, pattern, options, message) => {
    expect(() => connect(pattern, options)).toThrow(message);
  });
});

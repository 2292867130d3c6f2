import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stdp, synapticScaling, tripletStdp } from "#spikevine/plasticity/index";
import { evaluate } from "#spikevine/src/equations/language/expression";
import { simulateSynapses } from "#spikevine/src/simulation/run-synapses";

type Synapse = ReturnType<typeof stdp>;

/** The change of one weight by spikes at these times (ms). */
function change(synapse: Synapse, pre: number[], post: number[], { weight = 1, dt = 1 } = {}): number {
  const duration = Math.max(...pre, ...post) + 10;
  const { values } = simulateSynapses(synapse, { dt, duration, weight, pre: [pre], post: [post], record: ["weight"] });
  return values.weight!.at(-1)! - weight;
}

describe("pair STDP", () => {
  const synapse = stdp({ maxWeight: 2 });

  it.each([1, 5, 10, 20, 60])("pairs %i ms apart, by hand: 0.005 exp(-s / 20 ms), -0.00525 exp(-s / 20 ms)", (s) => {
    expect(change(synapse, [10], [10 + s])).toBeCloseTo(2 * 0.005 * Math.exp(-s / 20), 14);
    expect(change(synapse, [10 + s], [10])).toBeCloseTo(-2 * 0.00525 * Math.exp(-s / 20), 14);
  });

  it("each window has its own time constant", () => {
    const skewed = stdp({ tauPlus: "10 ms", tauMinus: "40 ms", aPlus: 0.1, aMinus: 0.05, maxWeight: 2 });
    expect(change(skewed, [0], [10])).toBeCloseTo(0.2 * Math.exp(-1), 14);
    expect(change(skewed, [10], [0])).toBeCloseTo(-0.1 * Math.exp(-0.25), 14);
  });

  it("adds up all pairs, or the nearest ones", () => {
    const [early, late] = [Math.exp(-20 / 20), Math.exp(-10 / 20)];
    expect(change(synapse, [0, 10], [20])).toBeCloseTo(0.01 * (early + late), 14);
    expect(change(stdp({ maxWeight: 2, pairing: "nearest" }), [0, 10], [20])).toBeCloseTo(0.01 * late, 14);
  });

  it("counts spikes at the same time as a potentiating pair", () => {
    expect(change(synapse, [10], [10])).toBeCloseTo(0.01, 14);
  });

  it("keeps the weight in [0, maxWeight] for any spikes", () => {
    const train = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(train, train, fc.double({ min: 0, max: 1, noNaN: true }), (pre, post, weight) => {
        const steep = stdp({ aPlus: 0.4, aMinus: 0.4 });
        const { values } = simulateSynapses(steep, { dt: 1, duration: 210, weight, pre: [pre], post: [post] });
        for (const w of values.weight!) expect(w).toBeGreaterThanOrEqual(0);
        for (const w of values.weight!) expect(w).toBeLessThanOrEqual(1);
      }),
      { numRuns: 30 },
    );
  });

  it("does not depend on dt: traces decay exactly", () => {
    const coarse = change(synapse, [10, 30], [20, 35], { dt: 5 });
    expect(change(synapse, [10, 30], [20, 35], { dt: 0.1 })).toBeCloseTo(coarse, 12);
  });

  it("accepts weights with a unit, and refuses others", () => {
    const inSiemens = stdp({ unit: "nS", maxWeight: "300 pS" });
    expect(inSiemens.parameters.maxWeight!.value).toBeCloseTo(0.3, 12);
    expect(() => stdp({ unit: "nS", maxWeight: "3 mV" })).toThrow(/maxWeight.*mV.*conductance/);
    expect(() => stdp({ tauPlus: "-5 ms" })).toThrow(/tauPlus.*-5 ms.*above 0/);
    expect(() => stdp({ pairing: "nearst" as "nearest" })).toThrow(/did you mean "nearest"/);
  });
});

describe("triplet STDP", () => {
  it("a post-pre-post triplet by hand", () => {
    const synapse = tripletStdp();
    // Post at 0, pre at 10, post at 20: depression by the first pair, potentiation by the second, which o2 strengthens.
    const depression = Math.exp(-10 / 33.7) * 7e-3;
    const potentiation = Math.exp(-10 / 16.8) * (5e-10 + 6.2e-3 * Math.exp(-20 / 125));
    expect(change(synapse, [10], [0, 20])).toBeCloseTo(potentiation - depression, 13);
  });

  it("a pre-post-pre triplet by hand", () => {
    const potentiation = Math.exp(-10 / 16.8) * 5e-10;
    const depression = Math.exp(-10 / 33.7) * (7e-3 + 2.3e-4 * Math.exp(-20 / 101));
    expect(change(tripletStdp(), [0, 20], [10])).toBeCloseTo(potentiation - depression, 13);
  });

  it.each(["all-to-all", "nearest"] as const)("%s: pairing at a higher rate potentiates more", (pairing) => {
    const protocol = (rate: number, s: number): number => {
      const post = Array.from({ length: 60 }, (_, i) => 100 + Math.round((i * 1000) / rate));
      return change(
        tripletStdp({ pairing, maxWeight: 10 }),
        post.map((t) => t - s),
        post,
        { weight: 3 },
      );
    };
    const leading = [1, 10, 20, 40, 50].map((rate) => protocol(rate, 10));
    expect([...leading].sort((a, b) => a - b)).toEqual(leading);
    expect(Math.abs(leading[0]!)).toBeLessThan(0.02);
    // A post-pre pair depresses at low rates and potentiates at 50 Hz, which pair STDP cannot do.
    expect(protocol(10, -10)).toBeLessThan(0);
    expect(protocol(50, -10)).toBeGreaterThan(0);
    const pairs = [10, 50].map((rate) => {
      const post = Array.from({ length: 60 }, (_, i) => 100 + (i * 1000) / rate);
      return change(
        stdp({ maxWeight: 10 }),
        post.map((t) => t + 10),
        post,
        { weight: 3 },
      );
    });
    expect(Math.max(...pairs)).toBeLessThan(0.2);
  });
});

describe("synaptic scaling", () => {
  it("rests where the neuron fires at its target, and keeps the ratios of its weights", () => {
    const target = 5e-3;
    const { step, pathways } = synapticScaling().kernel({ dt: 5 });
    const onPost = pathways.find(({ side }) => side === "post")!.changes;
    const weights = [0.2, 0.6];
    // A neuron that fires at 25 Hz a unit of summed weight: 20 Hz to begin with, four times too fast.
    let states: Record<string, number>[] = weights.map((weight) => ({ weight, rate: target, missed: 0 }));
    let phase = 0;
    for (let t = 0; t < 150_000; t += 5) {
      states = states.map((state) => ({ ...state, ...evaluate(step, state) }));
      phase += 0.125 * states.reduce((sum, { weight }) => sum + weight!, 0);
      if (phase < 1) continue;
      phase -= 1;
      states = states.map((state) => ({ ...state, ...evaluate(onPost, state) }));
    }
    const [first, second] = states as [Record<string, number>, Record<string, number>];
    expect(25 * (first.weight! + second.weight!)).toBeCloseTo(5, 0);
    expect(second.weight! / first.weight!).toBeCloseTo(3, 9);
  });

  it("by hand: a silent neuron's weights grow by exp of the gain times the missing spikes", () => {
    const { values } = simulateSynapses(synapticScaling({ tau: "1 s", gain: 0.1 }), {
      dt: 0.1,
      duration: "10 s",
      weight: 2,
    });
    const missing = 5 * 10 - 5 * 1 * (1 - Math.exp(-10));
    expect(values.weight!.at(-1)).toBeCloseTo(2 * Math.exp(0.1 * missing), 1);
    expect(values.missed!.at(-1)).toBeCloseTo(missing, 2);
  });

  it("its integral removes the error that the gain leaves", () => {
    expect(synapticScaling({ integralGain: "1e-3 Hz" }).parameters.integralGain!.value).toBeCloseTo(1e-6, 15);
    expect(() => synapticScaling({ target: "5 ms" })).toThrow(/target.*5 ms.*50 Hz/);
  });
});

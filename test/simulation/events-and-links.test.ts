import { describe, expect, it } from "vitest";
import { dense } from "#spikevine/networks/index";
import { defineNeuron, forwardEuler, tanhDerivative } from "#spikevine/neurons/index";
import { defineSynapse } from "#spikevine/plasticity/index";
import { simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

const about = { summary: "A synapse of this test.", source: "this test" };

const climber = defineNeuron({
  name: "climber",
  states: { v: {}, count: {} },
  parameters: { drive: { value: 1 } },
  dynamics: { v: "drive / (1 ms)" },
  update: { count: "count" },
  integrator: forwardEuler,
  spike: "v - 10",
  reset: { v: "y > 0 ? 0 : v" },
  events: {
    high: { when: "v > 5 and v <= 7", changes: { count: "count + 1", v: "v + 0.5" } },
    low: { when: "drive < 0.5" },
  },
});

describe.each(WAYS)("events of one's own, %s", (_, way) => {
  it("happen, change states, are recorded and drive synapses as in Brian2", async () => {
    const sim = simulation({ ...way, dt: "1 ms" });
    const cells = sim.population("cells", 3, climber, { parameters: { drive: [1, 2.5, 0.3] } });
    const target = defineNeuron({
      name: "target",
      states: { x: {}, z: {} },
      update: { x: "x", z: "z" },
      output: "x",
    });
    const others = sim.population("others", 3, target);
    const high = sim.event(cells, "high");
    sim.connect(high, others, { pattern: "one-to-one", target: "x", weight: 1 });
    const reader = defineSynapse({ name: "reader", ...about, onPre: { z_post: "z_post + count_pre" } });
    sim.connect(sim.event(cells.slice(0, 1), "high"), others, { pattern: "all-to-all", weight: 1, synapse: reader });
    const learner = defineSynapse({ name: "learner", ...about, onPost: { weight: "weight + 1" } });
    const learning = sim.connect(others, sim.event(cells, "low"), {
      pattern: "one-to-one",
      weight: 0,
      synapse: learner,
    });
    const [spikes, events, rate] = [sim.monitor.spikes(cells), sim.monitor.spikes(high), sim.monitor.rate(high)];
    const last = sim.monitor.spikes(high.slice(2));
    await sim.run("11 ms");
    const saved = sim.save({ monitors: true });
    await sim.run("9 ms");
    const check = () => {
      const pairs = ({ indices, times }: typeof spikes) => [...indices].map((i, k) => [i, times[k]]);
      // Brian2 2.5 with the same equations: EventMonitor, SpikeMonitor, states and weights after 20 ms.
      expect(pairs(events)).toEqual([
        [0, 5],
        [0, 15],
        [2, 16],
        [2, 17],
        [2, 18],
      ]);
      expect(pairs(spikes)).toEqual([
        [1, 4],
        [0, 9],
        [1, 9],
        [1, 14],
        [0, 19],
        [1, 19],
      ]);
      expect([...sim.state(cells, "count")]).toEqual([2, 0, 3]);
      expect([...sim.state(others, "x")]).toEqual([2, 0, 3]);
      expect(sim.state(cells, "v")[2]).toBeCloseTo(7.5, 5);
      expect([...sim.synapseState(learning, "weight")]).toEqual([0, 0, 20]);
      // 1 at the first event of neuron 0 and 2 at the second.
      expect([...sim.state(others, "z")]).toEqual([3, 3, 3]);
      expect([...last.indices]).toEqual([0, 0, 0]);
      expect(rate.rates[15]).toBeCloseTo(1000 / 3, 9);
    };
    check();
    sim.restore(saved);
    await sim.run("9 ms");
    check();
  });

  it("each event starts from the values that the reset and the events before it leave", async () => {
    const neuron = defineNeuron({
      name: "chain",
      states: { v: {}, w: {} },
      update: { v: "v + 1", w: "w" },
      spike: "v - 2.5",
      reset: { v: "y > 0 ? 0.25 : v" },
      events: {
        first: { when: "v > 2.5", changes: { v: "v + 10", w: "v + 1" } },
        second: { when: "v > 2.5", changes: { v: "2 * v", w: "w + v" } },
      },
    });
    const sim = simulation({ ...way, dt: "1 ms" });
    const cells = sim.population("cells", 1, neuron);
    await sim.run("3 ms");
    expect([sim.state(cells, "v")[0], sim.state(cells, "w")[0]]).toEqual([20.5, 1.25 + 10.25]);
  });

  it("a population that is off has no events; events close a loop", async () => {
    const neuron = defineNeuron({
      name: "looper",
      states: { v: {} },
      dynamics: { v: "(1.5 - v) / (10 ms)" },
      spike: "v - 100",
      events: { high: { when: "v > 1", changes: { v: "v - 1" } } },
    });
    const run = async (options: object) => {
      const sim = simulation(options);
      const cells = sim.population("cells", 5, neuron, { initial: { v: "i / 10" } });
      const high = sim.event(cells, "high");
      sim.connect(high, cells, { pattern: "all-to-all", target: "v", weight: 0.05 });
      const events = sim.monitor.spikes(high);
      await sim.run("20 ms");
      const count = events.count;
      sim.setActive(cells, false);
      await sim.run("2 ms");
      expect(events.count).toBe(count);
      return { indices: [...events.indices], times: [...events.times] };
    };
    const wanted = await run({ executor: "javascript" });
    expect(wanted.times.length).toBeGreaterThan(4);
    expect(await run(way)).toEqual(wanted);
  });
});

describe.each(WAYS)("linked variables, %s", (_, way) => {
  const source = defineNeuron({
    name: "source",
    states: { x: { unit: "mV" } },
    dynamics: { x: "1 mV / ms * (1 + i)" },
    integrator: forwardEuler,
    output: "x / (1 mV)",
  });
  const reader = defineNeuron({
    name: "reader",
    states: { q: { unit: "mV*ms" } },
    parameters: { z: { value: "0 mV" } },
    dynamics: { q: "z" },
    integrator: forwardEuler,
    output: "q / (1 mV*ms)".replace("1 mV*ms", "1 mV * 1 ms"),
  });

  it("read the state at the start of each step, by an index map, a rule, a slice, or one neuron for all", async () => {
    const sim = simulation({ ...way, dt: "1 ms" });
    const link = (population: ReturnType<typeof sim.population>, neurons?: number[] | string) => ({
      linked: { z: { population, variable: "x", ...(neurons === undefined ? {} : { neurons }) } },
    });
    const a = sim.population("a", 4, source);
    const one = sim.population("one", 1, source);
    const b = sim.population("b", 3, reader, link(a, [3, 0, 0]));
    const c = sim.population("c", 6, reader, link(a, "mod(i, 4)"));
    const d = sim.population("d", 2, reader, link(a.slice(2)));
    const e = sim.population("e", 3, reader, link(one));
    const monitor = sim.monitor.state(b, "z");
    await sim.run("3 ms");
    const saved = sim.save();
    for (let repeat = 0; repeat < 2; repeat++) {
      await sim.run("2 ms");
      const q = (of: typeof b) => [...sim.state(of, "q")];
      // x = (1 + i) k in step k, whose sum over five steps is 10 (1 + i); Brian2 has 40, 10 and 10 in the first.
      expect(q(b)).toEqual([40, 10, 10]);
      expect(q(c)).toEqual([10, 20, 30, 40, 10, 20]);
      expect(q(d)).toEqual([30, 40]);
      expect(q(e)).toEqual([10, 10, 10]);
      if (repeat === 0) expect([...monitor.trace(0)]).toEqual([0, 4, 8, 12, 16]);
      sim.restore(saved);
    }
  });

  it("have their present values in set", async () => {
    const sim = simulation({ ...way, dt: "1 ms" });
    const population = sim.population("a", 4, source);
    const linked = { z: { population: population.slice(1), variable: "x", neurons: [2, 0, 1] } };
    const cells = sim.population("cells", 3, reader, { linked });
    await sim.run("5 ms");
    sim.set(cells, "q", "z * 2 ms");
    expect([...sim.state(cells, "q")]).toEqual([40, 20, 30]);
    sim.set(cells.slice(1), "q", "-z * 1 ms");
    expect([...sim.state(cells, "q")]).toEqual([40, -10, -15]);
  });

  it("are refused with a reason", () => {
    const sim = simulation({ ...way });
    const a = sim.population("a", 4, source);
    const b = (linked: object) => () => sim.population("b", 3, reader, { linked } as object);
    expect(b({ z: { population: a, variable: "x" } })).toThrow(/"a" has 4 neurons and this population 3; give neurons/);
    expect(b({ z: { population: a, variable: "x", neurons: [0, 4, 1] } })).toThrow(
      /neurons\[1\] is 4; the neurons of "a"/,
    );
    expect(b({ z: { population: a, variable: "x", neurons: [0] } })).toThrow(/1 entries; give 3/);
    expect(b({ z: { population: a, variable: "y", neurons: "0 * i" } })).toThrow(/"y"/);
    expect(b({ w: { population: a, variable: "x", neurons: "0 * i" } })).toThrow(/unknown parameter.*"w"/);
    const other = sim.population("other", 3, climber);
    expect(b({ z: { population: other, variable: "v" } })).toThrow(/linked z has mV, and "[a-z]+" has no unit/);
    const twice = { parameters: { z: "1 mV" }, linked: { z: { population: a, variable: "x", neurons: "i" } } };
    expect(() => sim.population("b", 3, reader, twice)).toThrow(
      'population "b": "z" is in parameters and in linked; leave it out of one of them.',
    );
    const fine = b({ z: { population: a, variable: "x", neurons: "i" } })();
    expect(() => sim.set(fine, "z", "1 mV")).toThrow(/"z" is linked to a variable of other neurons/);
    const synapse = defineSynapse({ name: "late", ...about, onPre: { weight: "z_post / (1 mV)" } });
    expect(() => sim.connect(a, fine, { pattern: "all-to-all", weight: 1, synapse })).toThrow(
      /"z_post" is linked to a variable of other neurons and cannot be read by synapses/,
    );
  });
});

describe("events of one's own", () => {
  it("are refused with a reason", () => {
    const spec = { name: "cell", states: { v: {} }, update: { v: "v" }, spike: "v", surrogate: tanhDerivative() };
    const define = (events: object) => () => defineNeuron({ ...spec, events } as Parameters<typeof defineNeuron>[0]);
    expect(define({ high: { when: "v - 1" } })).toThrow(/when of the event high is "v - 1", which is not a condition/);
    expect(define({ high: { when: "v > 1 mV" } })).toThrow(/in when of high/);
    expect(define({ high: { when: "v > 1", changes: { w: "0" } } })).toThrow(
      /high changes "w", which is not in states \(v\)/,
    );
    expect(define({ high: { when: "v > 1", changes: { v: "1 ms" } } })).toThrow(
      /in high of v the term "1 ms" is in ms/,
    );
    expect(() => dense(2, define({ high: { when: "v > 1" } })())).toThrow(
      /uses the event high, which only simulations/,
    );
    const sim = simulation();
    const cells = sim.population("cells", 2, climber);
    expect(() => sim.event(cells, "hihg")).toThrow(/unknown event of neurons\/climber "hihg".*high/s);
    expect(() => sim.setActive(sim.event(cells, "high"), false)).toThrow(
      /are events of neurons; give the population "cells"/,
    );
  });
});

import { describe, expect, it } from "vitest";
import { defineNeuron, forwardEuler } from "#spikevine/neurons/index";
import { defineSynapse } from "#spikevine/plasticity/index";
import { simulation } from "#spikevine/src/simulation/index";
import { expectClose } from "./close.js";
import { WAYS } from "./ways.js";

const cell = (reset: Record<string, string>, more: object = {}) =>
  defineNeuron({
    name: "cell",
    states: { v: {}, w: {} },
    parameters: { drive: { value: 0 }, factor: { value: 0.2 } },
    dynamics: { v: "(drive - v) / (10 ms)", w: "-w / (20 ms)" },
    integrator: forwardEuler,
    spike: "v - 1",
    reset,
    ...more,
  });

/**
 * Brian2 2.5.1, target numpy, with on_pre="v_post += ..." and delays of 0 and 1.5 ms: number of spikes, the last neurons and
 * times, values after 60 ms, and v of the first two neurons every 6 ms.
 */
const RESETS = [
  {
    reset: { v: "y > 0 ? 0 : v", w: "w + y" },
    count: 41,
    last: { neurons: [3, 0, 1, 2], times: [57, 57.5, 58, 58] },
    v: [0.792665625, 0.6610375000000001, 0.3213125, 0.8227301406249999],
    w: [4.322357163307538, 4.70400561636714, 3.2265587003517955, 3.688221446319407],
    trace: [
      0.1, 0.7434958772723083, 0.48468750000000005, 0.2139375, 0.2139375, 0.14625000000000002, 0.8867089453125,
      0.9715830418945314, 0.9899955434465332, 0.44625000000000004,
    ],
  },
  {
    reset: { v: "y > 0 ? factor * v : v", w: "w + 0.5 * y" },
    count: 77,
    last: { neurons: [0, 2, 1, 2, 1, 3].slice(2), times: [56.5, 57, 59.5, 59.5] },
    v: [1.4474399268088014, 0.2615952202939542, 0.7904140046698516, 0.26274622971297473],
    w: [3.3083545568375836, 3.9818499525575657, 2.9207785715282313, 3.3082212849766823],
    trace: [
      0.1, 0.7434958772723083, 0.7604559481851436, 0.6894130165428783, 0.25355094116868604, 0.9587439561957657,
      0.7218639814151881, 0.2625055268550909, 0.26769154025575215, 0.680270351965437,
    ],
  },
  {
    reset: { v: "v - y", w: "w + y" },
    count: 73,
    last: { neurons: [0, 3, 1], times: [57, 57, 58] },
    v: [0.9618246308349013, 0.5281685990186055, 1.1936124726261306, 0.8296273871173522],
    w: [6.760688770827399, 7.852203914310314, 4.990506843252752, 5.550137470764355],
    trace: [
      0.1, 0.7434958772723083, 0.006154740925718327, 0.29373361969728307, 0.893728784986664, 1.2298980150682444,
      0.8882629713287358, 0.4250476857046599, 0.6626780662877783, 0.6944369151509878,
    ],
  },
];

function network(reset: Record<string, string>, way: object) {
  const sim = simulation({ dt: "0.5 ms", ...way });
  const cells = sim.population("cells", 4, cell(reset), {
    parameters: { drive: [1.5, 1.3, 0.5, 1.45], factor: [0.2, 0.2, 0.2, 0.2] },
    initial: { v: [0.1, 0.4, 0.7, 0.2] },
  });
  const trace = sim.monitor.state(cells, "v", { every: 12 });
  const when = "before reset";
  sim.connect(cells, cells, {
    ...{ pattern: { pre: [0, 0, 1, 1, 2, 3, 3, 3], post: [1, 2, 0, 3, 0, 0, 1, 2] }, target: "v", weight: 0.3, when },
  });
  sim.connect(cells, cells, {
    ...{ pattern: { pre: [0, 1, 3, 2], post: [3, 2, 1, 1] }, target: "v", weight: 0.25, delay: "2 ms", when },
  });
  return { sim, cells, trace, spikes: sim.monitor.spikes(cells) };
}

describe.each(WAYS)("events before the reset, %s", (_, way) => {
  it.each(RESETS)("are those of Brian2: $reset.v", async ({ reset, count, last, v, w, trace: expected }) => {
    const single = "precision" in way && way.precision === "single";
    const { sim, cells, trace, spikes } = network(reset, way);
    await sim.run("30 ms");
    const saved = sim.save({ monitors: true });
    await sim.run("30 ms");
    const check = (): void => {
      expect(spikes.count).toBe(count);
      expect([...spikes.indices.slice(-last.neurons.length)]).toEqual(last.neurons);
      expect([...spikes.times.slice(-last.times.length)]).toEqual(last.times);
      expectClose(trace.trace(0), Float64Array.from(expected), single ? 1e-5 : 1e-13);
      expectClose(sim.state(cells, "w"), Float64Array.from(w), single ? 1e-5 : 1e-13);
    };
    check();
    // The events of the last step wait for the next one, whose row has them.
    await sim.run("0.5 ms");
    const row = [0, 1, 2, 3].map((n) => trace.trace(n).at(-1)!);
    expectClose(Float64Array.from(row), Float64Array.from(v), single ? 1e-5 : 1e-13);
    sim.restore(saved);
    await sim.run("30 ms");
    check();
  });
});

describe("events before the reset", () => {
  const build = (reset: Record<string, string>, more: object = {}) => {
    const sim = simulation({ dt: "0.5 ms" });
    const cells = sim.population("cells", 2, cell(reset, more));
    const options = { pattern: "all-to-all", target: "v", weight: 0.1, when: "before reset" } as const;
    return { sim, cells, connect: () => sim.connect(cells, cells, options) };
  };
  const wiped = { v: "y > 0 ? 0 : v" };
  const reading = defineSynapse({ name: "reading", summed: { drive_post: "v_pre" } });

  it("are refused with resets that are not linear, and where others read the state", async () => {
    expect(build({ v: "y > 0 ? v^2 : v" }).connect).toThrow(/its own reset is not linear in it/);
    expect(build({ v: "y > 0 ? floor(v) : v" }).connect).toThrow(/its own reset is not linear in it/);
    expect(build({ ...wiped, w: "w + y * v" }).connect).toThrow(/the reset of "w" depends on it/);
    const events = { high: { when: "v > 0.5", changes: { w: "v" } } };
    expect(build(wiped, { events }).connect).toThrow(/the event high changes or reads it/);
    const read = build(wiped);
    read.sim.connect(read.cells, read.cells, { pattern: "all-to-all", synapse: reading });
    expect(read.connect).toThrow(/synapses and other neurons cannot read it/);
    const later = build(wiped);
    later.connect();
    expect(() => later.sim.connect(later.cells, later.cells, { pattern: "all-to-all", synapse: reading })).toThrow(
      /cannot read it/,
    );
    expect(() => later.sim.setActive(later.cells, false)).toThrow(/needs its steps/);
    later.sim.runRegularly(later.cells, { v: "v" }, { every: "1 ms", when: "after arrivals" });
    await expect(later.sim.run("1 ms")).rejects.toThrow(/"after arrivals" would find events that wait/);
  });

  it("need no state of their own without a reset of the target", async () => {
    const { sim, cells } = build(wiped);
    sim.connect(cells, cells, { pattern: "all-to-all", target: "w", weight: 1, when: "before reset" });
    sim.connect(cells, cells, {
      pattern: "all-to-all",
      synapse: defineSynapse({ name: "r", derived: { x: { equation: "w_pre" } } }),
    });
    await sim.run("1 ms");
    expect(sim.state(cells, "w")[0]).toBe(0);
  });
});

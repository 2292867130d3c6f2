import { describe, expect, it } from "vitest";
import { defineNeuron } from "#spikevine/src/equations/definitions/neuron";
import { defineSynapse } from "#spikevine/src/equations/definitions/synapse";
import { forwardEuler } from "#spikevine/src/equations/integrators/index";
import { simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

const about = { summary: "For a test.", source: "this test" };
const number = { summary: "a number" };

const releasing = defineSynapse({
  ...{ name: "releasing", ...about },
  parameters: { share: { value: 1, ...number }, q: { value: 0, ...number } },
  states: { c: number, b: number },
  dynamics: { c: "-c / (8 ms)", b: "0.2 / (1 ms) * q * (1 - b) - b / (30 ms)" },
  integrator: forwardEuler,
  onPre: { c: "c + weight * (1 - b)", g_post: "g_post + 0.1 * c * (1 - 0.5 * q)" },
});
const up = defineSynapse({ name: "up", ...about, summed: { total_post: "share_pre * c_pre" } });
const down = defineSynapse({
  ...{ name: "down", ...about },
  parameters: { k: { value: 1, ...number } },
  summed: { q_post: "k * a_pre" },
});
const heterosynaptic = defineSynapse({
  name: "heterosynaptic",
  ...about,
  onPre: { weight_post: "0.8 * weight_post + 0.05 * b_post" },
});
const lateral = defineSynapse({
  ...{ name: "lateral", ...about },
  states: { z: number },
  dynamics: { z: "-z / (10 ms) + c_pre / (5 ms)" },
  integrator: forwardEuler,
});

/** Synapses that drive astrocytes, are driven by them and by spikes of other neurons, and drive each other. */
function network(way: object) {
  const sim = simulation({ dt: "0.5 ms", ...way });
  const times = [2, 5, 5.5, 9, 14, 14.5, 20, 27];
  const who = [0, 1, 2, 0, 2, 1, 0, 1];
  const source = sim.source("source", 3, { spikes: times.map((t, k) => [`${t} ms`, who[k]!] as const) });
  const cell = defineNeuron({
    ...{ name: "cell", states: { g: {} }, dynamics: { g: "-g / (4 ms)" }, integrator: forwardEuler, spike: "-1" },
  });
  const cells = sim.population("cells", 2, cell);
  const synapses = sim.connect(source, cells, {
    ...{ pattern: "all-to-all", synapse: releasing, weight: "1 + 0.1 * i + 0.01 * j" },
    parameters: { share: "1 / (1 + i)" },
  });
  const astrocyte = defineNeuron({
    ...{ name: "astrocyte", states: { a: {} }, parameters: { total: { value: 0 } }, output: "a" },
    ...{ dynamics: { a: "(total - a) / (6 ms)" }, integrator: forwardEuler },
  });
  const astrocytes = sim.population("astrocytes", 2, astrocyte);
  sim.connect(synapses, astrocytes, { pattern: { condition: "j_pre == j" }, synapse: up });
  const control = sim.connect(astrocytes, synapses, {
    ...{ pattern: { condition: "i == j_post" }, synapse: down, parameters: { k: "0.3 + 0.1 * j" } },
  });
  const modulators = sim.source("modulators", 2, {
    spikes: [
      ["6 ms", 0],
      ["10 ms", 1],
      ["21 ms", 0],
    ],
  });
  const changes = sim.connect(modulators, synapses, {
    ...{ pattern: { condition: "not (i_post == i + 1)" }, synapse: heterosynaptic },
  });
  const between = sim.connect(synapses, synapses, {
    ...{ pattern: { condition: "j_pre == j_post and i_pre < i_post" }, synapse: lateral },
  });
  return { sim, cells, synapses, astrocytes, control, changes, between };
}

/** Brian2 2.5.1 with the same network, every variable after 40 ms. */
const BRIAN = {
  c: [
    0.04941909807772673, 0.04458497153915518, 0.08824371149598827, 0.07973796866150104, 0.027981494903436727,
    0.02635269292886141,
  ],
  b: [
    0.4761175451143766, 0.5352710883657403, 0.6015628813242955, 0.6281260810631535, 0.6716210680113174,
    0.6838124260954076,
  ],
  weight: [
    0.544791443516447, 0.5570622889480342, 0.8943604239099254, 0.9047769954812007, 0.8097147869892064,
    0.8183145989520456,
  ],
  q: [
    0.07944588656029988, 0.09696626094121805, 0.13240981093383314, 0.14544939141182708, 0.1853737353073664,
    0.1939325218824361,
  ],
  a: [0.25189515282700814, 0.23050218682106405],
  g: [0.0017699203837743278, 0.0015555631144038313],
  z: [
    0.3926586254762385, 0.3926586254762385, 0.3645496656320712, 0.3645496656320712, 0.4618728057023844,
    0.4261825293849212,
  ],
};

const close = (found: ArrayLike<number>, expected: readonly number[], relative: number): void => {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, k) => {
    expect(Math.abs(found[k]! - value) / value).toBeLessThan(relative);
  });
};

describe.each(WAYS)("synapses driven by synapses, %s", (_, way) => {
  it("have the values of Brian2", async () => {
    const { sim, cells, synapses, astrocytes, changes, between } = network(way);
    await sim.run("40 ms");
    expect([changes.size, between.size]).toEqual([8, 6]);
    // The astrocytes are in a loop and so in single precision, if that is wanted.
    const relative = "precision" in way && way.precision === "single" ? 1e-6 : 1e-14;
    for (const variable of ["c", "b", "weight", "q"] as const) {
      close(sim.synapseState(synapses, variable), BRIAN[variable], relative);
    }
    close(sim.state(astrocytes, "a"), BRIAN.a, relative);
    close(sim.state(cells, "g"), BRIAN.g, relative);
    close(sim.synapseState(between, "z"), BRIAN.z, relative);
  });

  it("continue from a saved state, and start again, to the same bits", async () => {
    const whole = network(way);
    await whole.sim.run("40 ms");
    const first = network(way);
    await first.sim.run("14.5 ms");
    const second = network(way);
    second.sim.restore(first.sim.save());
    await second.sim.run("25.5 ms");
    expect(second.sim.save()).toEqual(whole.sim.save());
    second.sim.reset();
    await second.sim.run("40 ms");
    expect(second.sim.save()).toEqual(whole.sim.save());
  });

  it("become an end in the middle of a run, with spikes on the way", async () => {
    const run = async (early: boolean) => {
      const sim = simulation({ dt: "0.5 ms", ...way });
      const source = sim.source("source", 2, {
        spikes: [
          ["1 ms", 0],
          ["4 ms", 1],
          ["6 ms", 0],
          ["9 ms", 1],
        ],
      });
      const synapse = defineSynapse({
        ...{ name: "trace", ...about, states: { c: number, d: number } },
        dynamics: { c: "-c / (8 ms)", d: "-d / (5 ms)" },
        onPre: { c: "c + weight" },
        onPost: { d: "d + c" },
      });
      const synapses = sim.connect(source, source, {
        ...{ pattern: "all-to-all", weight: "1 + i + 0.5 * j", synapse, delay: "3 ms + 0.5 ms * j" },
        pathwayDelays: { post: "2 ms" },
      });
      const reading = { pattern: { condition: "i == j" }, synapse: lateral } as const;
      const follow = () => sim.connect(synapses, synapses, reading);
      if (early) follow();
      const trace = sim.monitor.synapses(synapses, "d");
      await sim.run("5 ms");
      sim.setActive(synapses, false);
      await sim.run("1.5 ms");
      sim.setActive(synapses, true);
      if (!early) follow();
      await sim.run("10 ms");
      return [...trace.values, ...sim.synapseState(synapses, "c")];
    };
    const [early, late] = [await run(true), await run(false)];
    expect(Math.max(...early)).toBeGreaterThan(1);
    early.forEach((value, k) => {
      expect(late[k]).toBeCloseTo(value, 12);
    });
  });

  it("have no sum from projections that are off, and keep their values when they are off", async () => {
    const { sim, synapses, control } = network(way);
    await sim.run("10 ms");
    expect(sim.synapseState(synapses, "q")[0]).toBeGreaterThan(0);
    sim.setActive(control, false);
    await sim.run("1 ms");
    expect([...sim.synapseState(synapses, "q")]).toEqual([0, 0, 0, 0, 0, 0]);
    sim.setActive(control, true);
    sim.setActive(synapses, false);
    const before = sim.synapseState(synapses, "c");
    await sim.run("5 ms");
    expect(sim.synapseState(synapses, "c")).toEqual(before);
    expect(sim.synapseState(synapses, "q")[0]).toBeGreaterThan(0);
  });

  it("are recorded, with their sums, and change between runs", async () => {
    const { sim, synapses, control, astrocytes } = network(way);
    const q = sim.monitor.synapses(synapses, "q");
    const share = sim.monitor.synapses(synapses, "share");
    const k = sim.monitor.synapses(control, "k");
    await sim.run("10 ms");
    sim.set(control, "k", "2 * k");
    sim.set(synapses, "share", 0.25);
    const a = sim.state(astrocytes, "a");
    await sim.run("0.5 ms");
    expect([...share.values.slice(-6)]).toEqual(Array(6).fill(0.25));
    expect([...k.values.slice(-6)].sort()).toEqual([...k.values.slice(0, 6)].map((x) => 2 * x).sort());
    // The sum is that of the values at the same time.
    [...q.values.slice(-6)].forEach((sum, s) => {
      expect(sum).toBeCloseTo(2 * (0.3 + 0.1 * s) * a[s % 2]!, 7);
    });
  });
});

it("initial values that read a sum start from 0, in every trial", async () => {
  const sim = simulation({ dt: "1 ms" });
  const source = sim.source("source", 2, { poisson: "0 Hz" });
  const synapse = defineSynapse({
    ...{ name: "reading", ...about, weight: { unit: "nS" }, parameters: { q: { value: 5 } } },
    ...{ states: { x: { initial: "q + 1" } }, dynamics: { x: "q / (1 ms)" } },
  });
  // The equations do not use the weight, so that it may be left out.
  const synapses = sim.connect(source, source, { pattern: "all-to-all", synapse });
  const cells = sim.population(
    "cells",
    4,
    defineNeuron({ name: "one", states: { a: {} }, update: { a: "1" }, output: "a" }),
  );
  const control = defineSynapse({ name: "control", ...about, summed: { q_post: "a_pre" } });
  sim.connect(cells, synapses, { pattern: "one-to-one", synapse: control });
  for (const trial of [0, 1]) {
    sim.reset({ trial });
    expect([...sim.synapseState(synapses, "x")]).toEqual([1, 1, 1, 1]);
    await sim.run("3 ms");
    expect([...sim.synapseState(synapses, "x")]).toEqual([3, 3, 3, 3]);
  }
  const learning = defineSynapse({ name: "learning", onPre: { weight: "weight + 1" } });
  expect(() => sim.connect(source, source, { pattern: "all-to-all", synapse: learning })).toThrow(
    /weight is missing, and plasticity\/learning uses it; give the initial weight/,
  );
});

describe("synapses driven by synapses are refused", () => {
  const made = network({});
  const { sim, synapses, cells, control, astrocytes } = made;
  const pattern = "all-to-all";
  const sum = (summed: Record<string, string>) => defineSynapse({ name: "sum", ...about, summed });

  it.each([
    [
      "without a definition",
      () => sim.connect(synapses as never, cells, { pattern, target: "g", weight: 1 }),
      /pre is .*give a population/,
    ],
    [
      "with spikes of synapses",
      () =>
        sim.connect(synapses, cells, {
          pattern,
          synapse: defineSynapse({ name: "x", ...about, onPre: { g_post: "g_post + 1" } }),
        }),
      /has onPre, and synapses "source" to "cells" are synapses, which have no spikes/,
    ],
    [
      "with a target",
      () =>
        sim.connect(cells, synapses, {
          pattern,
          target: "c",
          weight: 1,
          synapse: defineSynapse({ name: "x", ...about }),
        }),
      /ends at synapses.*leave out the target, and write to "c_post" in onPre/,
    ],
    [
      "with an unknown variable",
      () => sim.connect(synapses, astrocytes, { pattern, synapse: sum({ total_post: "d_pre" }) }),
      /unknown variable "d_pre".*of synapses "source" to "cells" \(plasticity\/releasing\) "d"/,
    ],
    [
      "with a sum into a state",
      () => sim.connect(astrocytes, synapses, { pattern, synapse: sum({ c_post: "a_pre" }) }),
      /"c_post" is a state of synapses.*a sum replaces a parameter, so declare/,
    ],
    [
      "with a reading of a sum",
      () => sim.connect(synapses, astrocytes, { pattern, synapse: sum({ total_post: "q_pre" }) }),
      /"q" is a sum over synapses and cannot be read/,
    ],
    [
      "with a sum of a sum",
      () => sim.connect(astrocytes, control, { pattern, synapse: sum({ k_post: "a_pre" }) }),
      /the sum "q_post" of plasticity\/down reads "k", which would be a sum itself/,
    ],
    ["with a set sum", () => sim.set(synapses, "q", 1), /it is a sum over synapses; change what it is the sum of/],
    ["with a slice", () => control.post.slice(0, 1), /synapses have no slices/],
    ["as a population that rests", () => sim.setActive(control.post, false), /give their projection/],
  ] as const)("%s", (_, attempt, message) => {
    expect(attempt).toThrow(message);
  });
});

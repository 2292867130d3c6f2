import { describe, expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import { arctan } from "#spikevine/neurons/surrogates/index";
import { stdp } from "#spikevine/plasticity/index";
import { defineNeuron } from "#spikevine/src/equations/definitions/neuron";
import { defineSynapse, type SynapseSpec } from "#spikevine/src/equations/definitions/synapse";
import { exactLinear, exponentialEuler, forwardEuler } from "#spikevine/src/equations/integrators/index";
import { SpikevineError } from "#spikevine/src/errors";
import { simulation, uniform } from "#spikevine/src/simulation/index";
import { simulateSynapses } from "#spikevine/src/simulation/run-synapses";
import { WAYS } from "./ways.js";

const about = { summary: "For a test.", source: "this test" };
const number = { summary: "a number" };
const parameter = (value: number | string) => ({ value, ...number });
const rounded = (values: ArrayLike<number>, digits = 6): number[] =>
  Array.from(values, (value) => Number(value.toPrecision(digits)));

/** A membrane with a synaptic current, as in Tsodyks, Pawelzik and Markram 1998. */
const membrane = (tau: string, resistance: string) =>
  defineNeuron({
    ...about,
    name: "membrane",
    input: { symbol: "I", unit: "pA" },
    states: { v: { ...number, unit: "mV" } },
    parameters: { tau: parameter(tau), R: parameter(resistance) },
    dynamics: { v: "(R * I - v) / tau" },
    integrator: exactLinear,
    output: "v",
  });

/** Short-term plasticity: x recovered, the active part, u the utilization. */
const dynamicSynapse = (parameters: Record<string, string | number>, facilitates: boolean) =>
  defineSynapse({
    ...about,
    name: "dynamic",
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, parameter(value)])),
    states: { x: { ...number, initial: 1 }, active: number, u: number },
    derived: { z: { equation: "1 - x - active", ...number } },
    dynamics: {
      x: "z / recovery",
      active: "-active / inactivation",
      ...(facilitates ? { u: "-u / facilitation" } : {}),
    },
    integrator: exponentialEuler,
    onPre: { u: facilitates ? "u + U * (1 - u)" : "U", active: "active + u * x", x: "x - u * x" },
    summed: { I_post: "strength * active" },
  });

const stimulus = (count: number, period: number) =>
  Array.from({ length: count }, (_, k) => [`${Math.floor((100 + k * period) * 10 + 1e-6) / 10} ms`, 0] as const);

describe.each(WAYS.slice(1))("synapses that see their neurons, %s", (_, way) => {
  it.each([
    [
      "depression at 20 Hz",
      { membrane: ["40 ms", "100 MOhm"], facilitates: false, end: 1200, stimuli: stimulus(20, 50) },
      { inactivation: "3 ms", strength: "250 pA", recovery: "800 ms", U: 0.6 },
      { peaks: [0.927177, 0.696237, 0.419764, 0.260103], v: [0.919872, 0.355181, 0.255979, 0.0561025], x: 0.202762 },
    ],
    [
      "facilitation at 20 Hz",
      { membrane: ["60 ms", "1 GOhm"], facilitates: true, end: 1200, stimuli: stimulus(20, 50) },
      { inactivation: "1.5 ms", strength: "1540 pA", recovery: "130 ms", U: 0.03, facilitation: "530 ms" },
      { peaks: [1.08618, 2.48815, 3.84836, 5.02953], v: [1.03662, 0.533076, 1.21454, 3.28818], x: 0.845759 },
    ],
  ] as const)(
    "Tsodyks, Pawelzik and Markram: %s, with the figures of Brian2's example",
    async (_name, set, parameters, wanted) => {
      const sim = simulation({ dt: "0.1 ms", ...way });
      const input = sim.source("input", 1, { spikes: set.stimuli });
      const cell = sim.population("cell", 1, membrane(set.membrane[0], set.membrane[1]));
      const synapse = dynamicSynapse(parameters, set.facilitates);
      const projection = sim.connect(input, cell, { pattern: "all-to-all", weight: 1, synapse });
      const v = sim.monitor.state(cell, "v");
      await sim.run(`${set.end} ms`);
      const trace = v.trace(0);
      const peaks = wanted.peaks.map((_, k) => Math.max(...trace.slice(1000 + 500 * k, 1500 + 500 * k)));
      expect(rounded(peaks)).toEqual(wanted.peaks);
      expect(rounded([1100, 1500, 2000, 4000].map((k) => trace[k]!))).toEqual(wanted.v);
      expect(rounded(sim.synapseState(projection, "x"))).toEqual([wanted.x]);
    },
  );

  it("Clopath: reads and writes the neuron on either spike, one synapse after the other, as in Brian2's example", async () => {
    const low = "v1_post / mv - theta / mv";
    const high = "v2_post / mv - theta / mv";
    const synapse = defineSynapse({
      ...about,
      name: "clopath",
      parameters: {
        conductance: parameter("50 nS"),
        theta: parameter("-70 mV"),
        mv: parameter("1 mV"),
        target: parameter("12 mV^2"),
        tau: parameter("15 ms"),
        // The trace decays once before a postsynaptic spike reads it.
        jump: parameter(Math.exp(-0.5 / 15) / 15),
      },
      states: { x: number },
      dynamics: { x: "-x / tau" },
      onPre: [
        {
          name: "arrival",
          delay: 0,
          changes: {
            g_post: "g_post + weight * conductance",
            weight: `clip(weight - 1.5e-4 * homeo_post^2 / target * max(${low}, 0), 0, 1)`,
          },
        },
        { name: "trace", delay: "0.5 ms", changes: { x: "x + jump" } },
      ],
      onPost: {
        // Each synapse reads v2 before its own addition, but after those of the synapses before it, as in Brian2.
        weight: `clip(weight + 1.5e-2 * x * max(${high}, 0), 0, 1)`,
        v1_post: "v1_post + 10 * mv",
        v2_post: "v2_post + 10 * mv",
        homeo_post: "homeo_post + 0.1 * mv",
      },
    });
    const volts = { ...number, unit: "mV" };
    const neuron = defineNeuron({
      ...about,
      name: "downstream",
      surrogate: arctan(),
      states: {
        v: { ...volts, initial: "rest" },
        v1: { ...volts, initial: "rest" },
        v2: { ...volts, initial: "rest" },
        homeo: volts,
        g: { ...number, unit: "nS" },
      },
      parameters: {
        leak: parameter("30 nS"),
        C: parameter("300 pF"),
        rest: parameter("-70 mV"),
        tau1: parameter("40 ms"),
        tau2: parameter("30 ms"),
        tauHomeo: parameter("1000 ms"),
        tauG: parameter("2 ms"),
        threshold: parameter("-55 mV"),
      },
      dynamics: {
        v: "(leak * (rest - v) - g * v) / C",
        v1: "(v - v1) / tau1",
        v2: "(v - v2) / tau2",
        homeo: "(v - rest - homeo) / tauHomeo",
        g: "-g / tauG",
      },
      integrator: forwardEuler,
      spike: "v - threshold",
      reset: { v: "v + (rest - v) * y" },
    });
    const sim = simulation({ dt: "0.5 ms", ...way });
    const spikes = Array.from({ length: 4000 }, (_, k) => k).flatMap((k) =>
      [0, 1, 2, 3, 4]
        .filter((i) => (k + 3 * i) % 25 === 0 && i !== Math.floor(k / 200) % 5)
        .map((i) => [`${k / 2} ms`, i] as const),
    );
    expect(spikes.length).toBe(640);
    const inputs = sim.source("inputs", 5, { spikes });
    const cell = sim.population("cell", 1, neuron);
    const projection = sim.connect(inputs, cell, { pattern: "all-to-all", weight: 0.8, synapse });
    const monitor = sim.monitor.spikes(cell);
    await sim.run("2 s");
    expect(monitor.count).toBe(671);
    expect(rounded(monitor.times.slice(0, 5))).toEqual([9, 11, 12.5, 20, 21.5]);
    expect(rounded(sim.synapseState(projection, "weight"))).toEqual([1, 0.803738, 1, 1, 1]);
    expect(rounded(["v", "v1", "v2", "homeo"].map((name) => sim.state(cell, name)[0]!))).toEqual([
      -70, 619.24, 455.763, 153.014,
    ]);
  });

  it("dynamics read states and parameters of both neurons at the beginning of the step, like a literal loop", async () => {
    const ramp = defineNeuron({
      ...about,
      name: "ramp",
      states: { v: number },
      parameters: { tau: parameter("10 ms") },
      dynamics: { v: "(2 - v) / tau" },
      integrator: forwardEuler,
      output: "v",
    });
    const synapse = defineSynapse({
      ...about,
      name: "difference",
      parameters: { rate: parameter("50 Hz") },
      states: { c: number },
      derived: { sum: { equation: "v_pre + v_post + c", ...number } },
      dynamics: { c: "rate * (v_pre * tau_pre * rate - v_post - c)" },
      integrator: forwardEuler,
    });
    const sim = simulation({ dt: "1 ms", ...way });
    const [a, b] = [
      [0.5, 1],
      [0, 4, -1],
    ];
    const pre = sim.population("a", 2, ramp, { initial: { v: a }, parameters: { tau: ["10 ms", "20 ms"] } });
    const post = sim.population("b", 3, ramp.with({ parameters: { tau: "5 ms" } }), { initial: { v: b } });
    const pattern = {
      pairs: [
        [0, 2],
        [1, 0],
        [1, 1],
      ],
    } as const;
    const projection = sim.connect(pre, post, { pattern, weight: 0, synapse, initial: { c: [1, 2, 3] } });
    const c = sim.monitor.synapses(projection, "c");
    const sum = sim.monitor.synapses(projection, "sum");
    await sim.run("20 ms");
    let [va, vb, cs] = [[...a!], [...b!], [1, 2, 3]];
    for (let k = 0; k < 20; k++) {
      pattern.pairs.forEach(([i, j], s) => {
        expect(c.values[3 * k + s]).toBeCloseTo(cs[s]!, 12);
        expect(sum.values[3 * k + s]).toBeCloseTo(va[i]! + vb[j]! + cs[s]!, 12);
      });
      cs = cs.map((x, s) => {
        const [i, j] = pattern.pairs[s]!;
        return x + 0.05 * (va[i]! * [10, 20][i]! * 0.05 - vb[j]! - x);
      });
      va = va.map((v, i) => v + (2 - v) / [10, 20][i]!);
      vb = vb.map((v) => v + (2 - v) / 5);
    }
    expect(sim.synapseState(projection, "sum")[0]).toBeCloseTo(va[0]! + vb[2]! + cs[0]!, 12);
  });

  it("a parameter per synapse is that of a projection with this value; states start as given", async () => {
    const sim = simulation({ seed: 3, ...way });
    const pre = sim.source("pre", 3, {
      spikes: [0, 1, 2].flatMap((i) => [5, 11, 20].map((t) => [`${t + i} ms`, i] as const)),
    });
    const post = sim.source("post", 1, {
      spikes: [
        ["9 ms", 0],
        ["17 ms", 0],
      ],
    });
    const options = { weight: 1, synapse: stdp({ maxWeight: 2 }) };
    const pairs = [
      [0, 0],
      [1, 0],
      [2, 0],
    ] as const;
    const taus = ["10 ms", "20 ms", "40 ms"];
    const all = sim.connect(pre, post, {
      ...options,
      pattern: { pairs },
      parameters: { tauPlus: taus, aMinus: 0.01 },
      initial: { post: [0, 1, 2] },
    });
    const single = taus.map((tauPlus, s) =>
      sim.connect(pre, post, {
        ...options,
        pattern: { pairs: [pairs[s]!] },
        parameters: { tauPlus, aMinus: 0.01 },
        initial: { post: s },
      }),
    );
    await sim.run("30 ms");
    const weights = [...sim.synapseState(all, "weight")];
    single.forEach((projection, s) => {
      expect(weights[s]).toBeCloseTo(sim.synapseState(projection, "weight")[0]!, 13);
    });
    expect(new Set(weights).size).toBe(3);
  });

  it("pathways have delays of their own, also after a postsynaptic spike, and act in the order of the list", async () => {
    const synapse = defineSynapse({
      ...about,
      name: "pathways",
      states: { x: number },
      onPre: [
        { name: "double", changes: { x: "2 * x" } },
        { name: "add", changes: { x: "x + 1" } },
        { name: "late", delay: "3 ms", changes: { x: "x + 10" } },
      ],
      onPost: { x: "3 * x" },
    });
    const sim = simulation({ dt: "1 ms", ...way });
    const pre = sim.source("pre", 2, {
      spikes: [
        ["2 ms", 0],
        ["2 ms", 1],
      ],
    });
    const post = sim.source("post", 1, {
      spikes: [
        ["1 ms", 0],
        ["4 ms", 0],
      ],
    });
    const projection = sim.connect(pre, post, {
      pattern: {
        pairs: [
          [0, 0],
          [1, 0],
        ],
      },
      weight: 0,
      synapse,
      delay: "2 ms",
      pathwayDelays: { post: ["0 ms", "3 ms"], add: "1 ms" },
      initial: { x: 1 },
    });
    const x = sim.monitor.synapses(projection, "x");
    await sim.run("8 ms");
    expect([...x.trace(0)]).toEqual([1, 3, 3, 4, 24, 34, 34, 34]);
    expect([...x.trace(1)]).toEqual([1, 1, 1, 2, 12, 22, 22, 66]);
    const { values } = simulateSynapses(synapse, {
      dt: 1,
      duration: 8,
      pre: [[2]],
      post: [[1]],
      initial: { x: 1 },
      record: ["x"],
    });
    expect([...values.x!]).toEqual([1, 3, 7, 7, 7, 17, 17, 17, 17]);
  });

  it("without delay, a spike changes the neuron like a fixed projection with the delay dt, also in a step of its own spike", async () => {
    const run = async (fixed: boolean) => {
      const sim = simulation({ dt: "0.1 ms", ...way });
      const input = sim.source("input", 1, {
        spikes: Array.from({ length: 60 }, (_, k) => [`${0.1 * k} ms`, 0] as const),
      });
      const cells = sim.population("cells", 1, cobaLif());
      const options = { pattern: "all-to-all", target: "v", weight: "3 mV" } as const;
      if (fixed) sim.connect(input, cells, { ...options, delay: "0.1 ms" });
      else {
        const synapse = defineSynapse({ ...about, name: "plain", weight: { unit: "mV" } });
        sim.connect(input, cells, { ...options, delay: "0 ms", synapse });
      }
      const [v, spikes] = [sim.monitor.state(cells, "v"), sim.monitor.spikes(cells)];
      await sim.run("10 ms");
      return { v: v.trace(0), times: spikes.times };
    };
    const [plastic, fixed] = [await run(false), await run(true)];
    expect(fixed.times.length).toBeGreaterThan(0);
    expect(plastic).toEqual(fixed);
  });

  it("in one step, a presynaptic spike acts before a postsynaptic one, with and without delay", async () => {
    const synapse = defineSynapse({
      ...about,
      name: "order",
      states: { x: number },
      onPre: { x: "x + 1" },
      onPost: { x: "2 * x" },
    });
    for (const [delay, before] of [
      ["0 ms", 5],
      ["1 ms", 4],
    ] as const) {
      const sim = simulation({ dt: "1 ms", ...way });
      const pre = sim.source("pre", 1, { spikes: [[`${before} ms`, 0]] });
      const post = sim.source("post", 1, { spikes: [["5 ms", 0]] });
      const projection = sim.connect(pre, post, { pattern: "all-to-all", weight: 0, synapse, delay });
      const x = sim.monitor.synapses(projection, "x");
      await sim.run("7 ms");
      expect([...x.trace(0)]).toEqual([0, 0, 0, 0, 0, 2, 2]);
    }
  });

  it("a saved state with pathways, neurons and values per synapse continues to the same bits", async () => {
    const build = () => {
      const sim = simulation({ seed: 5, ...way });
      const pre = sim.source("pre", 20, { poisson: "100 Hz" });
      const cells = sim.population("cells", 4, cobaLif());
      const synapse = defineSynapse({
        ...about,
        name: "own",
        weight: { unit: "nS" },
        parameters: { tau: parameter("20 ms"), mv: parameter("1 mV"), one: parameter("1 nS") },
        states: { x: number },
        dynamics: { x: "(v_post / mv / 100 - x) / tau" },
        onPre: [
          { name: "near", changes: { ge_post: "ge_post + weight", x: "x + 1" } },
          { name: "far", changes: { ge_post: "ge_post - x * one / 10" } },
        ],
        onPost: { weight: "weight + x * one / 50" },
      });
      const projection = sim.connect(pre, cells, {
        pattern: { probability: 0.5 },
        weight: uniform("2 nS", "20 nS"),
        synapse,
        delay: uniform("0.1 ms", "3 ms"),
        pathwayDelays: { far: uniform("0.5 ms", "5 ms"), post: uniform("0.1 ms", "2 ms") },
        parameters: { tau: uniform("5 ms", "50 ms") },
        initial: { x: uniform(-1, 1) },
      });
      return { sim, projection };
    };
    const first = build();
    await first.sim.run("40 ms");
    const saved = first.sim.save();
    const then = first.sim.synapseState(first.projection, "weight");
    await first.sim.run("40 ms");
    const second = build();
    second.sim.restore(saved);
    await second.sim.run("40 ms");
    expect(second.sim.save()).toEqual(first.sim.save());
    expect(first.sim.synapseState(first.projection, "weight")).not.toEqual(then);
  });
});

describe("synapses of neurons that do not fit are refused in one sentence", () => {
  const sim = simulation();
  const source = sim.source("source", 2, { spikes: [] });
  const cells = sim.population("cells", 2, cobaLif());
  const connect = (spec: Partial<SynapseSpec>, options: object = {}, pre = cells) =>
    sim.connect(pre, cells, {
      pattern: "all-to-all",
      weight: 1,
      synapse: defineSynapse({ ...about, name: "mine", states: { x: number }, ...spec }),
      ...options,
    });
  const ms = { tau: parameter("1 ms") };

  it.each<[string, () => unknown, RegExp]>([
    [
      "an unknown variable",
      () => connect({ onPre: { x: "w_post" } }),
      /"w_post".*population "cells".*unknown|unknown variable "w_post" in plasticity\/mine: in onPre of x.*population "cells" \(neurons\/coba-lif\)/,
    ],
    [
      "a unit",
      () => connect({ onPre: { x: "x + v_post" } }),
      /in onPre of x the term "v_post" is in mV; every term must be without a unit/,
    ],
    [
      "a rate's unit",
      () => connect({ parameters: ms, dynamics: { x: "ge_pre / tau" } }),
      /dx\/dt the term "ge_pre \/ tau"/,
    ],
    [
      "a written value's unit",
      () => connect({ onPre: { ge_post: "ge_post + weight" } }),
      /the term "weight" has no unit; every term must be in nS/,
    ],
    [
      "a written parameter",
      () => connect({ onPost: { threshold_post: "0" } }),
      /unknown variable "threshold_post".*state of population "cells"/,
    ],
    [
      "a source",
      () => connect({ onPost: { x: "v_pre" } }, {}, source),
      /uses "v_pre", and "source" is a source of spikes/,
    ],
    [
      "a summed state",
      () => connect({ summed: { v_post: "x" } }),
      /"v_post" is a state of population "cells".*declare a parameter/,
    ],
    [
      "a summed unknown",
      () => connect({ summed: { gap_post: "x" } }),
      /unknown variable in plasticity\/mine: in summed gap_post of population "cells"/,
    ],
    ["a sum into the synapse", () => connect({ summed: { x: "1" } }), /summed has "x"; name a variable of the neuron/],
    [
      "a sum's unit",
      () => connect({ summed: { I_post: "x" } }),
      /in summed I_post the term "x" has no unit; every term must be in pA/,
    ],
    [
      "a target beside own deliveries",
      () =>
        connect({ weight: { unit: "nS" }, onPre: { ge_post: "ge_post + weight" } }, { target: "ge", weight: "1 nS" }),
      /writes to "ge_post" itself; leave out the target "ge"/,
    ],
    [
      "an unknown pathway",
      () => connect({}, { pathwayDelays: { later: "1 ms" } }),
      /unknown pathway in pathwayDelays of projection "cells" to "cells" "later"/,
    ],
    [
      "a delay of a pathway",
      () => connect({}, { pathwayDelays: { post: "0.01 ms" } }),
      /delay of pathway "post" is 0.01 ms, below dt/,
    ],
    [
      "equal pathways",
      () =>
        connect({
          onPre: [
            { name: "a", changes: {} },
            { name: "a", changes: {} },
          ],
        }),
      /two pathways have the name "a"/,
    ],
    [
      "an unknown parameter",
      () => connect({ parameters: ms }, { parameters: { tua: uniform("1 ms", "2 ms") } }),
      /unknown parameter of plasticity\/mine "tua": did you mean "tau"/,
    ],
    [
      "a parameter's range",
      () =>
        connect(
          { parameters: { tau: { value: "1 ms", min: 0, exclusiveMin: true, ...number } } },
          { parameters: { tau: uniform("-1 ms", "0 ms") } },
        ),
      /"tau" is .*; give a time above 0/,
    ],
    [
      "a parameter's unit",
      () => connect({ parameters: ms }, { parameters: { tau: uniform(1, 2) } }),
      /"tau": low is 1 \(no unit\)/,
    ],
    ["a state's name", () => connect({}, { initial: { y: 1 } }), /unknown state of plasticity\/mine "y"/],
    [
      "different values in an exact scheme",
      () =>
        connect(
          { parameters: ms, dynamics: { x: "-x / tau" }, integrator: exactLinear },
          { parameters: { tau: uniform("1 ms", "2 ms") } },
        ),
      /"tau" differs between synapses, and exactLinear needs one value/,
    ],
    [
      "a sum that is read",
      () => {
        connect({ onPre: { x: "threshold_post / threshold_post" } });
        connect({ parameters: { mv: parameter("1 mV") }, summed: { threshold_post: "mv" } });
      },
      /"threshold_post" is a sum over synapses and cannot be read/,
    ],
    [
      "alone, without the neuron",
      () =>
        simulateSynapses(defineSynapse({ ...about, name: "mine", states: { x: number }, onPre: { x: "v_post" } }), {
          dt: 1,
          duration: 1,
        }),
      /plasticity\/mine reads "v_post"; give neurons: \{ v_post/,
    ],
    [
      "alone, another neuron",
      () => simulateSynapses(stdp(), { dt: 1, duration: 1, neurons: { v_post: () => 0 } }),
      /unknown variable of neurons in plasticity\/stdp "v_post"/,
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(SpikevineError);
    expect(make).toThrow(message);
  });
});

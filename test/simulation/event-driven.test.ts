import { describe, expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import { bioAdamDynamics, stdp, synapticScaling } from "#spikevine/plasticity/index";
import { defineSynapse, type SynapseDefinition, type SynapseSpec } from "#spikevine/src/equations/definitions/synapse";
import { exactLinear } from "#spikevine/src/equations/integrators/index";
import { Clock } from "#spikevine/src/simulation/clock";
import { eventPlan } from "#spikevine/src/simulation/executors/event-driven/event-plan";
import { type PlasticProjectionOptions, type Simulation, simulation, uniform } from "#spikevine/src/simulation/index";
import type { PlasticModel } from "#spikevine/src/simulation/model";
import { NetworkBuilder } from "#spikevine/src/simulation/network/network-builder";
import { expectClose } from "./close.js";

const synapse = (spec: Partial<SynapseSpec>): SynapseDefinition =>
  defineSynapse({ name: "test", summary: "A synapse of the test.", source: "none", weight: { unit: "nS" }, ...spec });

const time = (value: string) => ({ value, summary: "time constant" });
const state = { summary: "state" };

/** Tsodyks, Pawelzik and Markram: what arrives is u x weight. */
const shortTerm = synapse({
  parameters: { facilitation: time("300 ms"), recovery: time("200 ms"), U: { value: 0.2, summary: "utilization" } },
  states: { x: { initial: 1, summary: "resources" }, u: state },
  dynamics: { x: "(1 - x) / recovery", u: "-u / facilitation" },
  onPre: { u: "u + U * (1 - u)", ge_post: "ge_post + u * x * weight", x: "x - u * x" },
});

/** A trace that rises and falls, and a weight that decays. */
const alpha = synapse({
  parameters: { rise: time("3 ms"), decay: time("20 ms"), forget: time("2 s") },
  states: { near: state, far: state, post: state },
  dynamics: { near: "(far - near) / rise", far: "-far / decay", post: "-post / decay", weight: "-weight / forget" },
  integrator: exactLinear,
  onPre: { far: "far + 1", weight: "weight - 0.1 nS * post" },
  onPost: { post: "post + 1", weight: "weight + 0.2 nS * near" },
});

/** Reads and writes its neurons, in pathways with delays of their own. */
const clamped = synapse({
  parameters: { tau: time("15 ms") },
  states: { x: state },
  dynamics: { x: "-x / tau" },
  onPre: [
    { name: "first", changes: { x: "x + 1", ge_post: "ge_post + weight" } },
    { name: "second", delay: "2 ms", changes: { weight: "weight - 0.01 nS * (v_post + 60 mV) / (1 mV)" } },
  ],
  onPost: [
    { name: "back", delay: "1 ms", changes: { weight: "weight + 0.1 nS * x" } },
    { name: "pull", changes: { v_post: "v_post - 0.1 mV * x * exp(-(v_post / (100 mV))^2)" } },
  ],
});

const learning = stdp({ unit: "nS", maxWeight: "3 nS", aPlus: 0.05 });
/** Options of connect without pattern and weight. */
type Wanted = Omit<PlasticProjectionOptions, "weight" | "pattern">;

const mixed = uniform("0.3 ms", "4 ms");
const cases: readonly (readonly [string, Wanted])[] = [
  ["pair STDP with one delay", { synapse: learning, target: "ge", delay: "1.5 ms" }],
  ["pair STDP with different delays", { synapse: learning, target: "ge", delay: mixed }],
  ["pair STDP without delay", { synapse: learning, target: "ge", delay: "0 ms" }],
  ["initial values per synapse", { synapse: learning, target: "ge", initial: { pre: uniform(0, 1) } }],
  ["triplets", { synapse: synapse({ ...tripletSpec(), weight: { unit: "nS" } }), target: "ge", delay: mixed }],
  ["short-term plasticity", { synapse: shortTerm }],
  [
    "short-term plasticity with parameters per synapse",
    { synapse: shortTerm, parameters: { recovery: uniform("50 ms", "200 ms") } },
  ],
  ["rising traces and decaying weights", { synapse: alpha, target: "ge", delay: mixed }],
  ["variables of neurons", { synapse: clamped, pathwayDelays: { second: uniform("0.1 ms", "3 ms") } }],
];

function tripletSpec(): Partial<SynapseSpec> {
  return {
    parameters: { fast: time("17 ms"), slow: time("100 ms") },
    states: { r1: state, r2: state, o1: state, o2: state },
    dynamics: { r1: "-r1 / fast", r2: "-r2 / slow", o1: "-o1 / fast", o2: "-o2 / slow" },
    onPre: { weight: "weight - 0.02 nS * o1 * (1 + r2)", r1: "r1 + 1", r2: "r2 + 1" },
    onPost: { weight: "weight + 0.02 nS * r1 * (1 + o2)", o1: "o1 + 1", o2: "o2 + 1" },
  };
}

/** Inputs onto neurons that excite each other through plastic synapses, two of them between the same neurons. */
function network(way: object, options: Wanted) {
  const sim = simulation({ ...way, seed: 4 });
  const source = sim.source("source", 40, { poisson: "40 Hz" });
  const cells = sim.population("cells", 9, cobaLif({ refractory: "2 ms" }));
  const rest = { ...options, weight: uniform("1 nS", "3 nS") };
  const projections = [sim.connect(source, cells.slice(1, 8), { pattern: { probability: 0.7 }, ...rest })];
  const pairs = [
    [0, 1],
    [1, 2],
    [1, 2],
    [3, 3],
    [8, 0],
  ] as const;
  projections.push(sim.connect(cells, cells, { pattern: { pairs }, ...rest }));
  sim.input(cells, { poisson: { rate: "300 Hz", weight: "4 nS", target: "ge" } });
  return { sim, cells, projections, spikes: sim.monitor.spikes(cells) };
}

type Network = ReturnType<typeof network>;

function expectSame(here: Network, there: Network, relative?: number): void {
  expect(here.spikes.trains()).toEqual(there.spikes.trains());
  here.projections.forEach((projection, p) => {
    for (const variable of ["weight", ...Object.keys(projection.synapse.states)]) {
      const other = there.sim.synapseState(there.projections[p]!, variable);
      expectClose(here.sim.synapseState(projection, variable), other, relative);
    }
  });
}

const step = { executor: "javascript" } as const;

describe.each(["single", "double"] as const)("synapses from event to event, %s precision", (precision) => {
  // Synapses are in double precision in both; neurons are not.
  const own = precision === "double" ? cases : cases.filter(([name]) => /different|term|neurons/.test(name));
  it.each(own)("%s: the values and spikes of a run step by step", async (_, options) => {
    const [here, there] = [network({ precision }, options), network(step, options)];
    for (const { sim } of [here, there]) await sim.run("80 ms");
    expect(here.spikes.count).toBeGreaterThan(15);
    // In single precision the synapses read voltages in single precision.
    expectSame(here, there, precision === "single" && options.synapse === clamped ? 1e-4 : 1e-12);
  });

  it("monitors read every variable at every step, and change nothing", async () => {
    const [here, there, plain] = [{ precision }, step, { precision }].map((way) => network(way, cases[1]![1]));
    const watch = ({ sim, projections }: Network) => [
      sim.monitor.synapses(projections[0]!, "weight", { synapses: [3, 0, 77] }),
      sim.monitor.synapses(projections[0]!, "pre", { every: 7 }),
      sim.monitor.synapses(projections[1]!, "post"),
    ];
    const [ours, theirs] = [here, there].map((n) => watch(n!));
    for (const n of [here, there, plain]) await n!.sim.run("60 ms");
    ours!.forEach((monitor, m) => {
      expectClose(monitor.values, theirs![m]!.values);
    });
    for (const p of [0, 1]) {
      const [watched, alone] = [here!, plain!].map((n) => n.sim.synapseState(n.projections[p]!, "post"));
      expect(watched).toEqual(alone);
    }
  });

  it("changes between runs: values per synapse, rest, and a return to a saved state", async () => {
    const [here, there] = [network({ precision }, cases[1]![1]), network(step, cases[1]![1])];
    const both = async (act: (n: Network) => unknown) => {
      for (const n of [here, there]) await act(n);
      expectSame(here, there);
    };
    await both(({ sim }) => sim.run("40 ms"));
    const saved = here.sim.save();
    const [weights, spikes] = [here.sim.synapseState(here.projections[0]!, "weight"), here.spikes.count];
    await both(({ sim, projections }) => sim.set(projections[0]!, "pre", 0.5));
    await both(({ sim }) => sim.run("10 ms"));
    await both(({ sim, projections }) => sim.set(projections[0]!, "pre", uniform(0, 1)));
    await both(({ sim }) => sim.run("20 ms"));
    await both(({ sim, projections }) => sim.setActive(projections[0]!, false));
    await both(({ sim }) => sim.run("15.3 ms"));
    await both(({ sim, projections }) => sim.setActive(projections[0]!, true));
    await both(({ sim }) => sim.run("30 ms"));
    here.sim.restore(saved);
    expect(here.sim.synapseState(here.projections[0]!, "weight")).toEqual(weights);
    await here.sim.run("20 ms");
    const again = network({ precision }, cases[1]![1]);
    await again.sim.run("60 ms");
    expect(here.sim.synapseState(here.projections[0]!, "weight")).toEqual(
      again.sim.synapseState(again.projections[0]!, "weight"),
    );
    expect(spikes).toBeGreaterThan(5);
  });

  it("recorded values do not change at rest", async () => {
    const { sim, projections } = network({ precision }, cases[1]![1]);
    const monitor = sim.monitor.synapses(projections[0]!, "pre", { every: 10 });
    await sim.run("20 ms");
    sim.setActive(projections[0]!, false);
    const kept = sim.synapseState(projections[0]!, "pre");
    expect(kept.some((value) => value > 0)).toBe(true);
    await sim.run("5 ms");
    kept.forEach((value, s) => {
      for (const recorded of monitor.trace(s).slice(20)) expect(recorded).toBeCloseTo(value, 12);
    });
  });

  it("a saved state continues to the same bits", async () => {
    const [one, other] = [network({ precision }, cases[5]![1]), network({ precision }, cases[5]![1])];
    await one.sim.run("33 ms");
    other.sim.restore(one.sim.save());
    for (const { sim } of [one, other]) await sim.run("33 ms");
    expect(other.sim.save()).toEqual(one.sim.save());
  });

  it("the closed form over gaps of many seconds", async () => {
    const sim = simulation({ precision, dt: "1 ms" });
    const pre = sim.source("pre", 1, {
      spikes: [
        ["10 ms", 0],
        ["100010 ms", 0],
      ],
    });
    const post = sim.source("post", 1, { spikes: [["40013 ms", 0]] });
    const synapse = stdp({ maxWeight: 2, tauPlus: "20 s", tauMinus: "30 s" });
    const projection = sim.connect(pre, post, { pattern: "all-to-all", weight: 1, synapse });
    await sim.run("110000 ms");
    const grown = 1 + 2 * 0.005 * Math.exp(-40_002 / 20_000);
    const weight = grown - 2 * 0.00525 * Math.exp(-59_998 / 30_000);
    expectClose(sim.synapseState(projection, "weight"), Float64Array.of(weight));
    const trace = Math.exp(-9989 / 20_000) * (1 + Math.exp(-100_000 / 20_000));
    expectClose(sim.synapseState(projection, "pre"), Float64Array.of(trace));
  });

  it("Bio-Adam with a signal that holds still in between: weight, m and rho of a run step by step", async () => {
    const build = (way: object): readonly [Simulation, ReturnType<typeof connected>] => {
      const sim = simulation({ ...way, dt: "1 ms" });
      return [sim, connected(sim)];
    };
    const connected = (sim: Simulation) => {
      const [pre, post] = ["pre", "post"].map((name) => sim.source(name, 2, { spikes: [] }));
      const rule = bioAdamDynamics({ rhoRest: 20, learningRate: "5 Hz" });
      const signal = { array: [1, -2, 0.5], dt: "20 ms" };
      return sim.connect(pre!, post!, { pattern: "all-to-all", weight: uniform(0, 1), synapse: rule, signal });
    };
    const [[here, ours], [there, theirs]] = [build({ precision }), build(step)] as const;
    const monitors = [here.monitor.synapses(ours, "m"), there.monitor.synapses(theirs, "m")];
    for (const sim of [here, there]) await sim.run("75 ms");
    expectClose(monitors[0]!.values, monitors[1]!.values);
    for (const name of ["weight", "rho", "mPlus"]) {
      expectClose(here.synapseState(ours, name), there.synapseState(theirs, name));
    }
  });
});

describe("which synapses run from event to event", () => {
  const model = (options: Wanted): PlasticModel => {
    const builder = new NetworkBuilder(new Clock("0.1 ms"), 1, () => {});
    const cells = builder.populations.add("cells", 4, cobaLif(), {}, {});
    builder.projections.connectPlastic(cells, cells, { pattern: "all-to-all", weight: "1 nS", ...options });
    return builder.model([], []).plastic[0]!;
  };
  const owners = (options: Wanted) => Object.fromEntries(eventPlan(model(options))?.owners ?? [["none", "synapse"]]);

  it("traces of one side belong to its neurons, if their delay is one and they start alike", () => {
    expect(owners({ synapse: learning })).toEqual({ weight: "synapse", pre: "pre", post: "post" });
    expect(owners({ synapse: learning, delay: mixed })).toEqual({ weight: "synapse", pre: "synapse", post: "post" });
    expect(owners({ synapse: learning, initial: { post: uniform(0, 1) } }).post).toBe("synapse");
    expect(owners({ synapse: shortTerm })).toEqual({ weight: "synapse", x: "pre", u: "pre" });
    expect(owners({ synapse: shortTerm, parameters: { U: uniform(0, 1) } }).x).toBe("synapse");
    expect(owners({ synapse: alpha })).toEqual({ weight: "synapse", near: "pre", far: "pre", post: "post" });
  });

  it("noise, sums, voltages between spikes and products of variables are computed at every step", () => {
    const x = { x: state };
    const tau = { tau: time("10 ms") };
    const none = { none: "synapse" };
    expect(
      owners({ synapse: synapse({ parameters: tau, states: x, dynamics: { x: "-x / tau + xi / sqrt(tau)" } }) }),
    ).toEqual(none);
    expect(
      owners({ synapse: synapse({ parameters: tau, states: x, dynamics: { x: "(v_post / (1 mV) - x) / tau" } }) }),
    ).toEqual(none);
    expect(owners({ synapse: synapse({ summed: { I_post: "weight * v_pre" } }) })).toEqual(none);
    expect(owners({ synapse: synapticScaling({ unit: "nS" }) })).toEqual(none);
  });
});

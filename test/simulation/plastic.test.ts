import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import { bioAdamDynamics, stdp, synapticScaling, tripletStdp } from "#spikevine/plasticity/index";
import { defineSynapse, type SynapseDefinition } from "#spikevine/src/equations/definitions/synapse";
import { forwardEuler } from "#spikevine/src/equations/integrators/index";
import { SpikevineError } from "#spikevine/src/errors";
import { type PlasticProjectionOptions, simulation, uniform } from "#spikevine/src/simulation/index";
import { simulateSynapses } from "#spikevine/src/simulation/run-synapses";
import { expectClose } from "./close.js";
import { WAYS } from "./ways.js";

/** Trains of three synapses, ms; some spikes of both sides meet once the delays are added. */
const PRE = [
  [1, 12, 20, 31],
  [2, 2.5, 40],
  [5, 10, 15, 20],
];
const POST = [
  [3, 14.5, 22.5, 30],
  [4.2, 4.7, 39],
  [1, 8, 30],
];
const DELAYS = [2.5, 0.7, 4];
const listed = (trains: readonly (readonly number[])[]) =>
  trains.flatMap((train, unit) => train.map((time) => [`${time} ms`, unit] as const));
const pairs = [
  [0, 0],
  [1, 1],
  [2, 2],
] as const;

describe.each(WAYS)("plastic synapses between sources, %s", (_, way) => {
  const definitions: readonly (readonly [string, SynapseDefinition])[] = [
    ["pair STDP", stdp({ maxWeight: 2 })],
    ["nearest pairs", stdp({ maxWeight: 2, pairing: "nearest" })],
    ["triplet STDP", tripletStdp()],
    ["scaling", synapticScaling()],
  ];

  it.each(definitions)("%s changes as in simulateSynapses, with delays, at every step", async (_, synapse) => {
    const sim = simulation(way);
    const pre = sim.source("pre", 3, { spikes: listed(PRE) });
    const post = sim.source("post", 3, { spikes: listed(POST) });
    const weight = [0.5, 1, 1.5];
    const delay = DELAYS.map((ms) => `${ms} ms`);
    const projection = sim.connect(pre, post, { pattern: { pairs }, weight, delay, synapse });
    const names = ["weight", ...Object.keys(synapse.states)];
    const monitors = names.map((name) => sim.monitor.synapses(projection, name));
    await sim.run("50 ms");
    const arriving = PRE.map((train, s) => train.map((time) => time + DELAYS[s]!));
    const given = { dt: 0.1, duration: 50, synapses: 3, weight, pre: arriving, post: POST };
    const { values } = simulateSynapses(synapse, given);
    monitors.forEach((monitor, n) => {
      expectClose(monitor.values, values[names[n]!]!.slice(0, -3));
    });
    expect(monitors[0]!.values.slice(-3)).not.toEqual(Float64Array.from(weight));
  });

  it("pairs by hand: an input s before a postsynaptic spike grows by A exp(-s / tau)", async () => {
    const sim = simulation(way);
    const pre = sim.source("pre", 2, { spikes: listed([[10], [10]]) });
    const post = sim.source("post", 1, { spikes: [["18 ms", 0]] });
    const options = { pattern: "all-to-all", weight: 1, synapse: stdp({ maxWeight: 2 }) } as const;
    const early = sim.connect(pre, post, { ...options, delay: "3 ms" });
    const late = sim.connect(pre, post, { ...options, delay: "13 ms" });
    await sim.run("30 ms");
    for (const weight of sim.synapseState(early, "weight"))
      expect(weight - 1).toBeCloseTo(0.01 * Math.exp(-5 / 20), 14);
    for (const weight of sim.synapseState(late, "weight"))
      expect(weight - 1).toBeCloseTo(-0.0105 * Math.exp(-5 / 20), 14);
  });

  it("signals are constant, or follow an array", async () => {
    const sim = simulation({ ...way, dt: "1 ms" });
    const [pre, post] = ["pre", "post"].map((name) => sim.source(name, 1, { spikes: [] }));
    const synapse = bioAdamDynamics();
    const options = { pattern: "all-to-all", weight: 0.2, synapse } as const;
    const still = sim.connect(pre!, post!, { ...options, signal: 0.3 });
    const moving = sim.connect(pre!, post!, { ...options, signal: { array: [1, -2], dt: "20 ms" } });
    const [a, b] = [still, moving].map((projection) => sim.monitor.synapses(projection, "rho"));
    const derived = sim.monitor.synapses(moving, "m");
    await sim.run("60 ms");
    const run = (signal: (t: number) => number) =>
      simulateSynapses(synapse, { dt: 1, duration: 59, weight: 0.2, signal }).values;
    expectClose(a!.values, run(() => 0.3).rho!);
    const { rho, m } = run((t) => (t < 20 ? 1 : t < 40 ? -2 : 0));
    expectClose(b!.values, rho!);
    expectClose(derived.values, m!);
    expect(sim.synapseState(moving, "m")).toHaveLength(1);
  });
});

/** Grows by 1 nS with every presynaptic spike. */
const growing = defineSynapse({
  name: "growing",
  summary: "Grows with every spike.",
  source: "none",
  weight: { unit: "nS" },
  parameters: { amount: { value: "1 nS", summary: "exprel" } },
  onPre: { weight: "weight + amount" },
});

/** Poisson inputs that learn, onto neurons that excite each other. */
function network(way: (typeof WAYS)[number][1], synapse = stdp({ unit: "nS", maxWeight: "3 nS", aPlus: 0.05 })) {
  const sim = simulation({ ...way, seed: 4 });
  const source = sim.source("source", 60, { poisson: "40 Hz" });
  const cells = sim.population("cells", 5, cobaLif({ refractory: "2 ms" }));
  const weight = uniform("1 nS", "3 nS");
  const delay = uniform("0.5 ms", "3 ms");
  const projection = sim.connect(source, cells, { pattern: "all-to-all", target: "ge", weight, delay, synapse });
  sim.connect(cells, cells, { pattern: { probability: 0.5 }, target: "gi", weight: "5 nS" });
  return { sim, cells, projection };
}

describe.each(WAYS)("plastic synapses onto neurons, %s", (_, way) => {
  it("deliver their weight when a spike arrives, and change afterwards", async () => {
    const sim = simulation(way);
    const source = sim.source("source", 2, { spikes: listed([[1, 2], [2]]) });
    const cell = sim.population("cell", 1, cobaLif());
    const delay = ["0.3 ms", "0.5 ms"];
    const pattern = {
      pairs: [
        [0, 0],
        [1, 0],
      ],
    } as const;
    sim.connect(source, cell, { pattern, target: "ge", weight: ["2 nS", "7 nS"], delay, synapse: growing });
    const ge = sim.monitor.state(cell, "ge");
    await sim.run("4 ms");
    const decay = Math.exp(-0.1 / 5);
    const jumps = [...ge.values].map((value, k) => value - decay * (k === 0 ? 0 : ge.values[k - 1]!));
    const seen = jumps.flatMap((jump, k) => (Math.abs(jump) > 1e-3 ? [[k, Math.round(jump * 1000) / 1000]] : []));
    expect(seen).toEqual([
      [13, 2],
      [23, 3],
      [25, 7],
    ]);
  });

  it("return to the beginning, and run again to the same bits", async () => {
    const { sim, projection } = network(way);
    const first = sim.synapseState(projection, "weight");
    expect([...first]).toEqual([...projection.synapses()].map(({ weight }) => weight));
    await sim.run("50 ms");
    const state = sim.save();
    expect(sim.synapseState(projection, "weight")).not.toEqual(first);
    sim.reset();
    expect(sim.synapseState(projection, "weight")).toEqual(first);
    await sim.run("20 ms");
    await sim.run("30 ms");
    expect(sim.save()).toEqual(state);
  });

  it("agree with the reference implementation", async () => {
    const [here, reference] = [network(way), network({ executor: "javascript" })];
    const [spikes, expected] = [here, reference].map(({ sim, cells }) => sim.monitor.spikes(cells));
    await here.sim.run("100 ms");
    await reference.sim.run("100 ms");
    expect(expected!.count).toBeGreaterThan(10);
    expect(spikes!.trains()).toEqual(expected!.trains());
    // Synapses are in double precision everywhere, and the same spikes change them.
    const weights = reference.sim.synapseState(reference.projection, "weight");
    expectClose(here.sim.synapseState(here.projection, "weight"), weights);
  });
});

/** Runs in a separate process: resumes from the state in a file, for some time, and writes the resulting state. */
const SCRIPT = `
import { readFileSync, writeFileSync } from "node:fs";
import { cobaLif } from "#spikevine/neurons/index";
import { stdp, tripletStdp } from "#spikevine/plasticity/index";
import { simulation, uniform } from "#spikevine/src/simulation/index";
const [way, from, duration, to] = process.argv.slice(2);
const sim = simulation({ seed: 4, ...JSON.parse(way) });
const source = sim.source("source", 60, { poisson: "40 Hz" });
const cells = sim.population("cells", 5, cobaLif());
const synapse = stdp({ unit: "nS", maxWeight: "3 nS", aPlus: 0.05 });
const options = { pattern: "all-to-all", weight: uniform("1 nS", "3 nS"), synapse };
sim.connect(source, cells, { ...options, target: "ge", delay: uniform("0.5 ms", "5 ms") });
sim.connect(cells, cells, { ...options, target: "gi", delay: "1.7 ms" });
if (from !== "-") sim.restore(readFileSync(from));
await sim.run(duration);
writeFileSync(to, sim.save());
`;

describe.each(WAYS)("a state with plastic synapses, %s", (_, way) => {
  it("continues in a fresh process to the same bits", { timeout: 60_000 }, async () => {
    // Inside the package, so that the script resolves it like the tests do.
    const folder = await mkdtemp(join(process.cwd(), "test", ".saved-state-"));
    const at = (name: string) => join(folder, name);
    const run = (from: string, duration: string, to: string) =>
      promisify(execFile)(process.execPath, [at("run.mjs"), JSON.stringify(way), from, duration, at(to)]);
    try {
      await writeFile(at("run.mjs"), SCRIPT);
      await Promise.all([run("-", "30 ms", "first"), run("-", "60 ms", "whole")]);
      await run(at("first"), "30 ms", "second");
      expect((await readFile(at("second"))).equals(await readFile(at("whole")))).toBe(true);
      expect((await readFile(at("second"))).equals(await readFile(at("first")))).toBe(false);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("is refused by a model with other synapses, and when a byte is missing", async () => {
    const { sim } = network(way);
    await sim.run("10 ms");
    const saved = sim.save();
    const other = stdp({ unit: "nS", maxWeight: "3 nS", aPlus: 0.05, pairing: "nearest" });
    expect(() => network(way, other).sim.restore(saved)).toThrow(
      /another model: plastic projection "source" to "cells".*equations of stdp/,
    );
    expect(() => network(way).sim.restore(saved.subarray(0, -1))).toThrow(/damaged/);
  });
});

describe("monitors of synapses", () => {
  it("record chosen synapses, by index or by neurons, at every k-th step", async () => {
    const { sim, projection } = network({ executor: "javascript" });
    const all = sim.monitor.synapses(projection, "weight");
    const some = sim.monitor.synapses(projection, "weight", { synapses: [7, [3, 2]], every: 10 });
    await sim.run("20 ms");
    await sim.run("10 ms");
    expect([some.times.length, some.times[1], some.unit]).toEqual([30, 1, "nS"]);
    expect(some.synapses).toEqual([7, 17]);
    expect(some.trace([3, 2])).toEqual(all.trace(17).filter((_, k) => k % 10 === 0));
    expect(some.trace(7)).toEqual(all.trace([1, 2]).filter((_, k) => k % 10 === 0));
    expect(some.trace(17)[0]).toBe([...projection.synapses()][17]!.weight);
    expect(() => some.trace(8)).toThrow(/does not watch synapse 8/);
  });

  it("stay within their bounds, and pass rows on", async () => {
    const warnings: string[] = [];
    const sim = simulation({ onWarning: (message) => warnings.push(message) });
    const pre = sim.source("pre", 2, { spikes: [["1 ms", 1]] });
    const options = { pattern: "one-to-one", weight: 0.5, synapse: stdp() } as const;
    const projection = sim.connect(pre, sim.source("post", 2, { spikes: [] }), options);
    const rows: number[] = [];
    const kept = sim.monitor.synapses(projection, "pre", { limit: 8 });
    sim.monitor.synapses(projection, "pre", { every: 11, recordTo: { write: (values) => void rows.push(...values) } });
    await sim.run("2 ms");
    expect([kept.values.length, kept.dropped]).toEqual([8, 16]);
    expect(rows).toEqual([0, 0, 0, 1.1, 0, 1]);
    expect(warnings).toEqual([expect.stringMatching(/monitor of "pre" of projection "pre" to "post" is full/)]);
  });
});

describe("invalid arguments are refused in one sentence", () => {
  const sim = simulation();
  const source = sim.source("source", 2, { spikes: [] });
  const cells = sim.population("cells", 2, cobaLif());
  const inSiemens = stdp({ unit: "nS" });
  const connect = (options: Partial<PlasticProjectionOptions>, to = cells) =>
    sim.connect(source, to, { pattern: "all-to-all", weight: "1 nS", synapse: inSiemens, ...options });
  const projection = connect({ target: "ge" });

  it.each<[string, () => unknown, RegExp]>([
    [
      "a weight without the target's unit",
      () => connect({ target: "ge", synapse: stdp() }),
      /has no unit and the target "ge" is in nS; give.*unit: "nS"/,
    ],
    ["a weight in another unit", () => connect({ target: "v" }), /is in nS and the target "v" is in mV/],
    ["a value of another unit", () => connect({ target: "ge", weight: "1 mV" }), /weight is 1 mV.*conductance/],
    ["an unknown target", () => connect({ target: "gE" }), /unknown target.*did you mean "ge"/],
    ["a target in a source", () => connect({ target: "ge" }, source), /ends at a source.*leave out the target/],
    ["no synapse", () => connect({ synapse: {} as SynapseDefinition }), /synapse is .*; give a synapse, e.g. stdp\(\)/],
    ["a delay below dt", () => connect({ delay: "0.01 ms" }), /delay is 0.01 ms, below dt/],
    ["a missing signal", () => connect({ synapse: bioAdamDynamics(), weight: 1 }), /driven by a signal; give signal/],
    ["an unused signal", () => connect({ signal: 1 }), /plasticity\/stdp has no signal; leave it out/],
    [
      "an unknown variable",
      () => sim.monitor.synapses(projection, "wieght"),
      /unknown variable.*did you mean "weight"/,
    ],
    [
      "an unknown synapse",
      () => sim.monitor.synapses(projection, "pre", { synapses: [[5, 0]] }),
      /no synapse \[5, 0\]; give an index from 0 to 3/,
    ],
    ["no steps", () => sim.monitor.synapses(projection, "pre", { every: 0 }), /every is 0/],
    [
      "a projection of another simulation",
      () => simulation().synapseState(projection, "weight"),
      /not a plastic projection of this simulation/,
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(SpikevineError);
    expect(make).toThrow(message);
  });

  it("and a step at which a scheme is unstable", () => {
    const stiff = simulation({ dt: "50 ms" });
    const [pre, post] = ["pre", "post"].map((name) => stiff.source(name, 1, { spikes: [] }));
    const synapse = stdp({ tauPlus: "10 ms" }).with({ integrator: forwardEuler });
    expect(() => stiff.connect(pre!, post!, { pattern: "all-to-all", weight: 0.5, synapse })).toThrow(
      /"dt" is 50 ms, and forwardEuler is stable up to 19.9 ms for pre of plasticity\/stdp; use dt up to 19.9 ms, or/,
    );
  });

  it("and a signal that makes the scheme unstable, once it comes", async () => {
    const sim = simulation({ dt: "1 ms" });
    const [pre, post] = ["pre", "post"].map((name) => sim.source(name, 1, { spikes: [] }));
    const synapse = bioAdamDynamics({ integrator: forwardEuler });
    sim.connect(pre!, post!, {
      pattern: "all-to-all",
      weight: 0.5,
      synapse,
      signal: { array: [0, 1e-3], dt: "10 ms" },
    });
    await expect(sim.run("1 s")).rejects.toThrow(/at 10 ms the signal 0.001 makes forwardEuler unstable in rho/);
  });
});

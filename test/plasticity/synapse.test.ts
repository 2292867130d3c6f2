import { describe, expect, it } from "vitest";
import { bioAdamDynamics, defineSynapse, stdp } from "#spikevine/plasticity/index";
import { dormandPrince, forwardEuler, semiImplicit } from "#spikevine/src/equations/integrators/index";
import { SpikevineError } from "#spikevine/src/errors";
import { simulateSynapses } from "#spikevine/src/simulation/run-synapses";

const spec = {
  name: "trace",
  summary: "A trace.",
  source: "test",
  parameters: { tau: { value: "20 ms", min: 0, exclusiveMin: true, summary: "time constant" } },
  states: { x: { unit: "mV", summary: "trace" } },
  dynamics: { x: "-x / tau" },
};

describe("defineSynapse", () => {
  it("reads events in order, with the newest values", () => {
    const synapse = defineSynapse({
      ...spec,
      states: { x: { summary: "trace" } },
      onPre: { x: "x + 1", weight: "weight + x" },
      onPost: { weight: "weight + x", x: "0" },
    });
    const { values } = simulateSynapses(synapse, { dt: 20, duration: 40, pre: [[0]], post: [[20]] });
    expect([...values.weight!]).toEqual([1, 1 + Math.exp(-1), 1 + Math.exp(-1)]);
    expect([...values.x!]).toEqual([1, 0, 0]);
  });

  it("reads derived quantities anywhere, and weights move by the states as a step leaves them", () => {
    const synapse = defineSynapse({
      name: "derived",
      summary: "",
      source: "test",
      signal: { symbol: "g", summary: "drive" },
      parameters: { rate: { value: "1 kHz", summary: "speed" } },
      states: { x: { summary: "integral of the signal" } },
      derived: { double: { equation: "2 * x", summary: "twice" } },
      dynamics: { x: "rate * g", weight: "rate * double" },
    });
    const { values } = simulateSynapses(synapse, { dt: "1 ms", duration: "2 ms", signal: (t) => 1 + t });
    expect([...values.x!]).toEqual([0, 1, 3]);
    expect([...values.double!]).toEqual([0, 2, 6]);
    expect([...values.weight!]).toEqual([0, 2, 8]);
  });

  it.each([
    [{ dynamics: { x: "-x" } }, /dx\/dt the term "-x" is in mV; every term must be in mV\/ms/],
    [{ dynamics: { x: "-x / taw" } }, /dx\/dt: unknown name "taw": did you mean "tau"/],
    [{ dynamics: { z: "1 / tau" } }, /unknown state in dynamics of plasticity\/trace "z"/],
    [{ onPre: { x: "x + 1" } }, /onPre of x the term "1" has no unit; every term must be in mV/],
    [{ onPost: { weight: "weight + y" } }, /onPost of weight: unknown name "y"/],
    [{ states: { weight: { summary: "" } }, dynamics: {} }, /"weight" is reserved/],
    [{ derived: { tau: { equation: "x", summary: "" } } }, /"tau" is reserved/],
    [{ dynamics: { x: "-x * x / (tau * x)" }, integrator: semiImplicit }, /not linear in "x"/],
    [{ integrator: dormandPrince() }, /dormandPrince is an adaptive scheme, which synapses do not have.*else rk4/],
    [{ integrator: { weight: forwardEuler } }, /integrator has "weight"; give its scheme as weight: \{ integrator \}/],
    [{ integrator: { w: forwardEuler } }, /unknown state in integrator of plasticity\/trace "w"/],
    [{ parameters: { tau: { value: "-1 ms", min: 0, exclusiveMin: true, summary: "" } } }, /"tau" is -1 ms.*above 0/],
  ])("refuses the error in %j", (wrong, message) => {
    expect(() => defineSynapse({ ...spec, ...wrong } as Parameters<typeof defineSynapse>[0])).toThrow(message);
  });

  it("describes itself", () => {
    const text = stdp().describe();
    expect(text).toContain("dpre/dt = -pre / tauPlus");
    expect(text).toContain("at a postsynaptic spike: weight = clip(weight + aPlus * maxWeight * pre, 0, maxWeight)");
  });
});

describe("simulateSynapses", () => {
  const synapse = defineSynapse({ ...spec, onPre: {} });

  it.each([
    [{ dt: 0 }, /dt is 0/],
    [{ dt: "5 mV" }, /dt is 5 mV.*a time/],
    [{ pre: [[1], [2]] }, /pre has 2 spike trains; give 1/],
    [{ post: [[200]] }, /post: synapse 0 has a spike at 200 ms, outside/],
    [{ record: ["v"] }, /unknown variable of plasticity\/trace "v"/],
    [{ weight: [1, 2] }, /weight has 2 values; give 1/],
    [{ synapses: 0.5 }, /synapses is 0.5/],
  ])("refuses %j", (wrong, message) => {
    expect(() => simulateSynapses(synapse, { dt: 1, duration: 100, ...wrong })).toThrow(message);
  });

  const driven = bioAdamDynamics({ rhoRest: 1 });

  it.each([
    [{ signal: () => Number.NaN }, /signal is NaN at 0 ms for synapse 0; give a finite number at every time/],
    [{ signal: (t: number) => (t < 3 ? 0 : Number.POSITIVE_INFINITY) }, /signal is Infinity at 3 ms for synapse 0/],
    [{ weight: Number.NaN }, /weight is NaN/],
    [{ weight: [Number.POSITIVE_INFINITY] }, /weight\[0\] is Infinity/],
    [{ pre: [[Number.NaN]] }, /NaN/],
    [{ duration: Number.POSITIVE_INFINITY }, /duration is Infinity/],
    [{ duration: 1e13 }, /duration is 10000000000000, 10000000000000 steps of dt; give at most/],
  ])("refuses numbers that are not finite: %j", (wrong, message) => {
    const run = () => simulateSynapses(driven, { dt: 1, duration: 10, ...wrong });
    expect(run).toThrow(SpikevineError);
    expect(run).toThrow(message);
  });

  it("stops where a state or a weight becomes infinite, with the synapse and the time", () => {
    const divides = defineSynapse({
      name: "divides",
      summary: "Divides by what presynaptic spikes take away.",
      source: "test",
      states: { x: { summary: "x" } },
      onPre: { x: "x - 1" },
      onPost: { weight: "weight + 1 / x" },
    });
    const run = (pre: number[][]) =>
      simulateSynapses(divides, { dt: 0.5, duration: 10, synapses: 2, weight: 1, pre, post: [[], [4]] });
    expect(run([[], [2]]).values.weight!.at(-1)).toBe(0);
    expect(() => run([[], []])).toThrow(
      '"weight" of synapse 1 is Infinity at 4 ms; use a shorter dt or another integrator, or look for a division by 0 in its equations.',
    );
  });

  it("names the step that forward Euler would need", () => {
    const unstable = synapse.with({ integrator: forwardEuler });
    expect(() => simulateSynapses(unstable, { dt: 50, duration: 100 })).toThrow(
      "plasticity/trace: dt is 50 ms, and forwardEuler is stable up to 39.9 ms for x of plasticity/trace; use dt up to 39.9 ms, or the integrator exponentialEuler.",
    );
    simulateSynapses(unstable, { dt: 39.9, duration: 3 * 39.9 });
  });
});

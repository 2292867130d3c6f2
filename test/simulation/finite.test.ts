import { describe, expect, it } from "vitest";
import { defineNeuron, forwardEuler, type NeuronDefinition, tanhDerivative } from "#spikevine/neurons/index";
import { defineSynapse } from "#spikevine/src/equations/definitions/synapse";
import { SpikevineError } from "#spikevine/src/errors";
import { simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

const base = { name: "test", summary: "A test.", source: "none" } as const;

/**
 * x counts down by 1 per step from its initial value; u becomes 1 / 0 in the step that starts from x = 0, and w follows
 * u.
 */
const divides = defineNeuron({
  ...base,
  states: { x: { initial: 300, summary: "x" }, u: { summary: "u" }, w: { summary: "w" } },
  update: { x: "x - 1", u: "1 / x", w: "w + u - u" },
  spike: "w + 1",
  surrogate: tanhDerivative(),
});

const refused = async (run: Promise<unknown>): Promise<string> => {
  const error = await run.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(SpikevineError);
  return (error as Error).message;
};

describe.each(WAYS)("a state that is not finite, %s", (_, way) => {
  it("stops the run at its step, with population, neuron, state, value and time", async () => {
    const sim = simulation({ ...way, dt: "0.1 ms" });
    sim.population("fine", 5, divides, { initial: { x: 1e6 } });
    const cells = sim.population("cells", 7, divides, { initial: { x: [900, 900, 900, 300, 900, 900, 900] } });
    const spikes = sim.monitor.spikes(cells);
    const trace = sim.monitor.state(cells, "u");
    const message = await refused(sim.run("1 s"));
    expect(message).toBe(
      'simulation: "u" of neuron 3 of population "cells" becomes Infinity in the step from 30 to 30.1 ms; use a shorter dt or another integrator, or look for a division by 0 in its equations.',
    );
    // Everything before that step is recorded, and nothing of it or after it.
    expect(sim.step).toBe(300);
    expect(spikes.count).toBe(300 * 7);
    expect(trace.times).toHaveLength(300);
    expect([...trace.values].every(Number.isFinite)).toBe(true);
    expect(sim.state(cells, "x")[3]).toBe(0);
    expect(await refused(sim.run("0.1 ms"))).toBe(message);
  });

  it("is found after a saved state, in runs of one step, and in another trial", async () => {
    const sim = simulation({ ...way, dt: "1 ms" });
    const cells = sim.population("cells", 2, divides, { initial: { x: 50 } });
    await sim.run("20 ms");
    const saved = sim.save();
    for (let k = 20; k < 50; k++) await sim.run("1 ms");
    const message = await refused(sim.run("2 ms"));
    expect(message).toMatch(/step from 50 to 51 ms/);
    sim.restore(saved);
    expect(sim.time).toBe(20);
    expect(await refused(sim.run("1 s"))).toBe(message);
    sim.reset({ trial: 1 });
    expect(await refused(sim.run("1 s"))).toBe(message);
    expect(sim.state(cells, "x")[0]).toBe(0);
  });

  it("in the last step of a run gives a warning and can be read, and the next run is refused", async () => {
    const warnings: string[] = [];
    const sim = simulation({ ...way, dt: "1 ms", onWarning: (sentence) => warnings.push(sentence) });
    const cells = sim.population("cells", 1, divides, { initial: { x: 3 } });
    const trace = sim.monitor.state(cells, "u");
    for (let k = 0; k < 4; k++) await sim.run("1 ms");
    expect(sim.state(cells, "u")[0]).toBe(Number.POSITIVE_INFINITY);
    // A monitor records the state at the start of a step.
    expect([...trace.values]).toEqual([0, 1 / 3, 1 / 2, 1].map((u) => expect.closeTo(u, 6)));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/"u" of neuron 0 of population "cells" becomes Infinity in the step from 3 to 4 ms/);
    expect(await refused(sim.run("1 ms"))).toBe(warnings[0]);
    sim.reset();
    await sim.run("3 ms");
    expect(warnings).toHaveLength(1);
    expect(await refused(sim.run("2 ms"))).toBe(warnings[0]);
  });

  it("that recovers is visible to a monitor", async () => {
    const pole = defineNeuron({
      ...base,
      states: { x: { initial: 100, summary: "x" }, u: { summary: "u" } },
      update: { x: "x - 1", u: "1 / x" },
      output: "x",
    });
    const sim = simulation({ ...way, dt: "1 ms" });
    sim.monitor.state(sim.population("cells", 1, pole), "u");
    expect(await refused(sim.run("1 s"))).toMatch(/"u" of neuron 0 .* becomes Infinity in the step from 100 to 101 ms/);
  });

  it("results from a non-linear equation whose step is too long, after a warning", async () => {
    const cubic = defineNeuron({
      ...base,
      states: { x: { initial: 2, summary: "x" } },
      parameters: { per: { value: "1000 Hz", summary: "one in a ms" } },
      dynamics: { x: "-x^3 * per" },
      output: "x",
      integrator: forwardEuler,
    });
    const warnings: string[] = [];
    const run = async (dt: string, neuron: NeuronDefinition = cubic) => {
      const sim = simulation({ ...way, dt, onWarning: (message) => warnings.push(message) });
      sim.population("cells", 1, neuron);
      return sim.run("200 ms");
    };
    await run("0.05 ms");
    expect(warnings).toEqual([]);
    expect(await refused(run("1 ms"))).toMatch(/"x" of neuron 0 .* becomes (-?Infinity|NaN) in the step/);
    expect(warnings.at(-1)).toBe(
      'simulation: "dt" is 1 ms, and forwardEuler is stable up to about 0.166 ms for x of neurons/test (population "cells"), as estimated at the start; use dt up to 0.166 ms, or the integrator exponentialEuler.',
    );
  });

  it("may be a weight or a state of a synapse", async () => {
    const grows = defineSynapse({
      ...base,
      states: { trace: { initial: 1, summary: "trace" } },
      parameters: { tau: { value: "1 ms", summary: "tau" } },
      dynamics: { trace: "0 / tau" },
      onPre: { trace: "trace - 1", weight: "weight + 1 / (trace + 1)" },
    });
    const sim = simulation({ ...way, dt: "0.1 ms" });
    const pre = sim.source("pre", 3, {
      spikes: [
        ["1 ms", 1],
        ["2 ms", 1],
        ["3 ms", 1],
      ],
    });
    const post = sim.source("post", 2, { spikes: [] });
    const projection = sim.connect(pre, post, { pattern: "all-to-all", weight: 1, synapse: grows });
    const monitor = sim.monitor.synapses(projection, "weight");
    const message = await refused(sim.run("1 s"));
    // Sent at 1 ms and 2 ms, a step later trace + 1 is 1 and then 0; two synapses of neuron 1 are numbers 2 and 3.
    expect(message).toMatch(
      /"weight" of synapse 2 of projection "pre" to "post" becomes Infinity in the step from 2.1 to 2.2 ms/,
    );
    expect(monitor.times.at(-1)).toBe(2);
    expect([...monitor.values].every(Number.isFinite)).toBe(true);
  });

  it("is not reported if only a sum is too large", async () => {
    const large = defineNeuron({
      ...base,
      states: { x: { initial: way.precision === "single" ? 3e38 : 1.7e308, summary: "x" } },
      update: { x: "x" },
      output: "x",
    });
    const sim = simulation({ ...way, dt: "1 ms" });
    const cells = sim.population("cells", 9, large);
    const trace = sim.monitor.state(cells, "x", { indices: [0] });
    await sim.run("50 ms");
    expect(trace.times).toHaveLength(50);
  });
});

import { describe, expect, it } from "vitest";
import { defineNeuron } from "#spikevine/src/equations/definitions/neuron";
import { defineSynapse } from "#spikevine/src/equations/definitions/synapse";
import { exactLinear, forwardEuler } from "#spikevine/src/equations/integrators/index";
import { type SpikeMonitor, simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

const spikesOf = ({ times, indices }: SpikeMonitor): number[][] =>
  [...times].map((time, k) => [Number(time.toFixed(4)), indices[k]!]);

// The figures are those of the same scripts in Brian2 2.5.1 (numpy target). Delays to neurons and of changes of
// clock-driven synapses are one step longer here.
describe.each(WAYS)("scripts and their figures in Brian2, %s", (_, way) => {
  it("synapses with slow kinetics and a block by the neuron's voltage, summed into a current", async () => {
    const neuron = defineNeuron({
      name: "neuron",
      states: { v: { initial: -70 } },
      inputs: { slow: {} },
      dynamics: { v: "(-70 - v + slow + 12 + 4 * i) / (10 ms)" },
      integrator: forwardEuler,
      spike: "v + 55",
      reset: { v: "y > 0 ? -65 : v" },
    });
    const nmda = defineSynapse({
      name: "nmda",
      parameters: { g: { value: 0 } },
      states: { s: {}, x: {} },
      derived: { block: "1 / (1 + exp(-0.062 * v_post) / 3.57)" },
      dynamics: { s: "-s / (50 ms) + 0.5 / ms * x * (1 - s)", x: "-x / (2 ms)" },
      integrator: forwardEuler,
      onPre: { x: "x + 1" },
      summed: { slow_post: "g * s * block * (0 - v_post)" },
    });
    const sim = simulation(way);
    const cells = sim.population("cells", 3, neuron);
    const projection = sim.connect(cells, cells, {
      pattern: { condition: "i != j" },
      delay: "0.6 ms",
      parameters: { g: "0.02 * (i + 1) + 0.01 * j" },
      synapse: nmda,
    });
    const spikes = sim.monitor.spikes(cells);
    const s = sim.monitor.synapses(projection, "s");
    await sim.run("80 ms");
    expect(spikesOf(spikes)).toEqual([
      [13.7, 2],
      [24.7, 2],
      [26.2, 1],
      [35.5, 2],
      [46.3, 2],
      [47.8, 1],
      [57, 2],
      [67.7, 2],
      [69.3, 1],
      [78.4, 2],
    ]);
    const last = [0, 0, 0.7057353647458862, 0.7057353647458862, 0.8250239113439436, 0.8250239113439436];
    for (const [k, value] of last.entries()) expect(s.trace(k).at(-1)).toBeCloseTo(value, 6);
  });

  it("pathways at events of the neurons' own on both sides", async () => {
    const neuron = (name: string, when: string, v: string) =>
      defineNeuron({
        name,
        states: { v: {} },
        dynamics: { v },
        integrator: exactLinear,
        spike: "v - 1",
        reset: { v: "y > 0 ? 0 : v" },
        events: { own: { when } },
      });
    const sim = simulation(way);
    const pre = sim.population("pre", 3, neuron("pre", "v > 0.5 and v <= 0.52", "(1.4 + 0.2 * i - v) / (10 ms)"));
    const post = sim.population("post", 2, neuron("post", "v < 0.2 and v > 0.18", "(1.6 + 0.3 * i - v) / (8 ms)"));
    const counting = defineSynapse({
      name: "counting",
      states: { x: {}, seen: {} },
      onPre: { x: "x + 1" },
      onPost: { seen: "seen + x", x: "x * 0.5" },
    });
    const projection = sim.connect(sim.event(pre, "own"), sim.event(post, "own"), {
      pattern: "all-to-all",
      delay: "(0.5 + 0.1 * i) * (1 ms)",
      synapse: counting,
    });
    await sim.run("60 ms");
    expect([...sim.synapseState(projection, "x")]).toEqual([
      1.703125, 2.45703125, 1.859375, 1.67578125, 1.984375, 1.79296875,
    ]);
    expect([...sim.synapseState(projection, "seen")]).toEqual([
      16.59375, 15.0859375, 20.28125, 20.6484375, 24.03125, 24.4140625,
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import { defineNeuron } from "#spikevine/src/equations/definitions/neuron";
import { defineSynapse } from "#spikevine/src/equations/definitions/synapse";
import { exactLinear } from "#spikevine/src/equations/integrators/index";
import { simulation } from "#spikevine/src/simulation/index";
import { WAYS } from "./ways.js";

/** Brian2 2.5.1: monitors with `when="start"` and `when="after_thresholds"`, and `run_regularly` at the start of a step. */
const BRIAN = {
  v: [
    0.18000000000000002, 0.27754581415222557, 0.36729229563345067, 0.5398767401875972, 0.6086483989168325,
    0.6719213794154594, 0.657121798548154, 0.7165190600043517, 0.9211671786514041, 0.8635072834593213,
    0.9064028726574357, 0.9458687199113948, 0.8839611470214125, 1.075221335585328, 0.1, 0.1835480348836917,
    0.28081016382987606, 0.37029564232177004, 0.40736363129880254, 0.4867304532185296, 0.5597514544326546,
    0.5642406168753162, 0.6310642475820859, 0.6925449557791019,
  ],
  w: [
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.3, 0.2837878406720296, 0.2684517950443109, 0.25394451746718416,
    0.24022122087504233, 0.22723953851908982, 0.21495939317213666, 0.20334287340163498, 0.19235411652898626,
    0.18195919791378992, 0.17212602622122974, 0.16282424434926646, 0.1540251357097775, 0.1457015355743136,
    0.13782774721077787,
  ],
  vBefore: [
    0.27754581415222557, 0.36729229563345067, 0.4498630446528858, 0.6086483989168325, 0.6719213794154594,
    0.7301353317201711, 0.7165190600043517, 0.771167178651404, 0.9594525371770236, 0.9064028726574357,
    0.9458687199113948, 0.9821790522460139, 0.9252213355853279, 1.1011892038145095, 0.20394226098187967,
    0.28081016382987606, 0.37029564232177004, 0.4526262569986695, 0.4867304532185296, 0.5597514544326546,
    0.6269340187503514, 0.6310642475820859, 0.6925449557791019, 0.7491099379632217,
  ],
  wBefore: [
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2837878406720296, 0.2684517950443109, 0.25394451746718416,
    0.24022122087504233, 0.22723953851908982, 0.21495939317213666, 0.20334287340163498, 0.19235411652898626,
    0.18195919791378992, 0.17212602622122974, 0.16282424434926646, 0.1540251357097775, 0.1457015355743136,
    0.13782774721077787, 0.13037946255212335,
  ],
  spikes: [[6.5], [4]],
};

function network(way: object) {
  const cell = defineNeuron({
    ...{ name: "cell", states: { v: {}, w: {} }, integrator: exactLinear },
    dynamics: { v: "(1.4 - v) / (6 ms)", w: "-w / (9 ms)" },
    ...{ spike: "v - 1", reset: { v: "y > 0 ? 0.1 : v", w: "w + 0.3 * y" } },
  });
  const sim = simulation({ dt: "0.5 ms", ...way });
  const cells = sim.population("cells", 2, cell, { initial: { v: [0.2, 0.5] } });
  const spikes = ["1 ms", "3.5 ms", "6 ms"].map((time) => [time, 0] as const);
  const source = sim.source("source", 1, { spikes });
  sim.connect(source, cells, { pattern: "all-to-all", target: "v", weight: 0.15 });
  sim.runRegularly(cells, { v: "0.9 * v + 0.01 * i" }, { every: "1.5 ms", when: "after arrivals" });
  return { sim, cells, source };
}

const close = (found: ArrayLike<number>, expected: readonly number[], error: number): void => {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, k) => {
    expect(Math.abs(found[k]! - value)).toBeLessThan(error);
  });
};

describe.each(WAYS)("moments of a step, %s", (_, way) => {
  it("are those of Brian2", async () => {
    const { sim, cells } = network(way);
    const [v, w] = [sim.monitor.state(cells, "v"), sim.monitor.state(cells, "w")];
    const before = { when: "before reset" } as const;
    const [vBefore, wBefore] = [sim.monitor.state(cells, "v", before), sim.monitor.state(cells, "w", before)];
    const spikes = sim.monitor.spikes(cells);
    await sim.run("12 ms");
    // Weights of listed synapses are in double precision where all are the same.
    close(v.trace(0), BRIAN.v, 1e-14);
    close(w.trace(1), BRIAN.w, 1e-14);
    close(vBefore.trace(0), BRIAN.vBefore, 1e-14);
    close(wBefore.trace(1), BRIAN.wBefore, 1e-14);
    expect(spikes.trains().map((train) => [...train])).toEqual(BRIAN.spikes);
  });

  it("after arrivals: parts may be added and synapses be computed in another way, with nothing lost", async () => {
    const run = async (stop: boolean) => {
      const { sim, cells, source } = network(way);
      const synapse = defineSynapse({
        ...{ name: "s", states: { x: {} }, dynamics: { x: "-x / (4 ms)" } },
        onPre: { x: "x + weight", weight: "0.5 * weight" },
      });
      const learning = sim.connect(source, cells, { pattern: "all-to-all", weight: 1, synapse, delay: "2 ms" });
      const abort = new AbortController();
      const follow = defineSynapse({ name: "f", states: { z: {} }, dynamics: { z: "(x_pre - z) / (3 ms)" } });
      if (!stop) sim.connect(learning, learning, { pattern: "one-to-one", synapse: follow });
      sim.every(
        "3 ms",
        (time) => {
          if (time !== 3 || !stop) return;
          sim.connect(learning, learning, { pattern: "one-to-one", synapse: follow });
          abort.abort();
        },
        { when: "after arrivals" },
      );
      const { stopped } = await sim.run("12 ms", { signal: abort.signal });
      expect([stopped, sim.time]).toEqual(stop ? [true, 3] : [false, 12]);
      if (stop) {
        expect(() => sim.save()).toThrow(/save in the middle of the step at 3 ms/);
        await sim.run("9 ms");
      }
      return [...sim.synapseState(learning, "x"), ...sim.synapseState(learning, "weight"), ...sim.state(cells, "v")];
    };
    const [whole, stopped] = [await run(false), await run(true)];
    close(stopped, whole, 1e-13);
  });

  it("after arrivals: a value that becomes infinite stops the run at its step, and the run goes on", async () => {
    const { sim, cells } = network(way);
    let fault = true;
    sim.every(
      "2 ms",
      (time) => {
        if (time === 4 && fault) sim.set(cells, "w", 1.7e308);
        if (time === 6 && fault) sim.set(cells, "w", "w * 1e300 * 1e300");
      },
      { when: "after arrivals" },
    );
    await expect(sim.run("12 ms")).rejects.toThrow();
    fault = false;
    sim.set(cells, "w", 0);
    await sim.run("2 ms");
    expect(Number.isFinite(sim.state(cells, "w")[0])).toBe(true);
  });
});

describe("moments of a step are refused", () => {
  it("with a reason", () => {
    const sim = simulation();
    const cells = sim.population("cells", 2, cobaLif());
    expect(() => sim.every("1 ms", () => {}, { when: "after_groups" as "start" })).toThrow(
      /when is "after_groups"; give "start" or "after arrivals"/,
    );
    expect(() => sim.monitor.state(cells, "v", { when: "end" as "start" })).toThrow(
      /when is "end"; give "start" or "before reset"/,
    );
    expect(() => sim.monitor.state(cells, "tauE", { when: "before reset" })).toThrow(
      /unknown state in monitor before the reset of population "cells" "tauE"/,
    );
  });
});

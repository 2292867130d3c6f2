import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cobaLif } from "#spikevine/neurons/index";
import { defineSynapse } from "#spikevine/src/equations/definitions/synapse";
import { forwardEuler } from "#spikevine/src/equations/integrators/index";
import { functionTable, simulation, timedArray } from "#spikevine/src/simulation/index";
import { simulateSynapses } from "#spikevine/src/simulation/run-synapses";
import { HOSTILE, mutatedText } from "./mutate.js";
import { CASES, fuzz } from "./run.js";

const about = { name: "any", summary: "Any.", source: "this test" };
const text = fc.oneof(
  mutatedText(
    "x + v_post / mv",
    "weight * (ge_pre - ge_post) / one",
    "0.1 * xi / sqrt(tau) - x / tau",
    "clip(x, 0, xi_1)",
    "rise(x) * stimulus(t - dt, i) + twice(j)",
  ),
  fc.constantFrom(...HOSTILE, ...HOSTILE.map((hostile) => `x + ${hostile}`), "x_pre", "_post", "xi", "xi_shared^2"),
);
const name = fc.oneof(
  fc.constantFrom(
    "x",
    "weight",
    "ge_post",
    "gi_pre",
    "threshold_post",
    "I_post",
    "_post",
    "a b_post",
    "__proto___post",
  ),
  fc.constantFrom(...HOSTILE, ...HOSTILE.map((hostile) => `${hostile}_post`)),
);
const equations = fc.dictionary(name, text, { maxKeys: 2 });
const spec = fc.record({
  dynamics: fc.dictionary(fc.constantFrom("x", "weight"), text, { maxKeys: 2 }),
  onPre: equations,
  onPost: fc.oneof(equations, fc.array(fc.record({ name, changes: equations }), { minLength: 1, maxLength: 2 })),
  summed: fc.dictionary(name, text, { maxKeys: 1 }),
});

describe(`${Math.ceil(CASES / 5)} cases: equations of synapses`, () => {
  it("are refused, or run alone and between neurons", async () => {
    let ran = 0;
    await fuzz({
      name: "synapses",
      input: spec,
      cases: Math.ceil(CASES / 5),
      async read(equations) {
        const synapse = defineSynapse({
          ...about,
          ...equations,
          states: { x: { summary: "a number" } },
          functions: {
            rise: functionTable([0, 1], [0, 2]),
            stimulus: timedArray([[1, 2]], { dt: "1 ms" }),
            "twice(z)": "2 * z",
          },
          parameters: {
            tau: { value: "20 ms", summary: "a time" },
            mv: { value: "1 mV", summary: "a voltage" },
            one: { value: "1 nS", summary: "a conductance" },
          },
          integrator: forwardEuler,
        });
        const neurons = Object.fromEntries(
          ["v_post", "ge_pre", "ge_post"]
            .filter((each) => JSON.stringify(equations).includes(each))
            .map((each) => [each, () => 1]),
        );
        const { values } = simulateSynapses(synapse, { dt: 1, duration: 3, pre: [[1]], post: [[2]], neurons });
        expect(values.x!.length).toBe(4);
        const sim = simulation({ executor: "javascript" });
        const cells = sim.population("cells", 2, cobaLif());
        sim.connect(cells, cells, { pattern: "all-to-all", weight: 1, synapse });
        await sim.run("0.3 ms");
        ran++;
      },
    });
    expect(ran).toBeGreaterThan(0);
  }, 600_000);
});

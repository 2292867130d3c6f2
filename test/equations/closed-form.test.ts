import { describe, expect, it } from "vitest";
import { bioAdamDynamics, stdp, synapticScaling, tripletStdp } from "#spikevine/plasticity/index";
import { type ClosedForm, closedForm, ELAPSED } from "#spikevine/src/equations/analysis/closed-form";
import { defineSynapse, type SynapseDefinition, type SynapseSpec } from "#spikevine/src/equations/definitions/synapse";
import { exactLinear, forwardEuler, rk4 } from "#spikevine/src/equations/integrators/index";
import { evaluate } from "#spikevine/src/equations/language/expression";

const synapse = (spec: Partial<SynapseSpec>): SynapseDefinition =>
  defineSynapse({ name: "test", summary: "A synapse of the test.", source: "none", ...spec });

const tau = { value: "20 ms", summary: "time constant" };
const x = { x: { summary: "state" }, z: { summary: "state" } };

/** The variables after `elapsed` steps; other symbols have their values in `symbols`. */
function valuesAfter(
  { values, powers }: ClosedForm,
  elapsed: number,
  symbols: Readonly<Record<string, number>>,
): Record<string, number> {
  const growths = evaluate(powers, symbols);
  const grown = Object.fromEntries(Object.entries(growths).map(([name, g]) => [name, Math.exp(g * elapsed)]));
  return evaluate(values, { ...symbols, ...grown, [ELAPSED]: elapsed });
}

/** The shape of an alpha function: z decays and drives x. */
const alpha = (slow: string) =>
  synapse({
    parameters: { tau, slow: { value: slow, summary: "time constant" } },
    states: x,
    dynamics: { x: "(z - x) / tau", z: "-z / slow" },
    integrator: exactLinear,
  });

const shortTerm = synapse({
  parameters: { facilitation: tau, recovery: { value: "200 ms", summary: "time constant" } },
  states: x,
  dynamics: { x: "(1 - x) / recovery", z: "-z / facilitation" },
});

/** Symbols that are neither variables nor steps. */
const FIXED = { signal: 0.3, recovery: 150 };
const START = { weight: 0.4, pre: 1.5, post: 0.2, r1: 0.3, r2: 2, o1: 1, o2: 0.7, x: 0.9, z: 0.35 };
const START_OF_ADAM = { mPlus: 0.8, mMinus: 1.1, rho: 0.4, weight: 0.4 };

const linear: readonly (readonly [string, SynapseDefinition, readonly string[]])[] = [
  ["pair STDP", stdp(), []],
  ["triplet STDP", tripletStdp(), []],
  ["short-term plasticity", shortTerm, []],
  ["with a parameter per synapse", shortTerm, ["recovery"]],
  ["Bio-Adam without learning", bioAdamDynamics({ rhoRest: 10 }), []],
  ["Bio-Adam with learning: the weight integrates m rho", bioAdamDynamics({ rhoRest: 10, learningRate: "3 Hz" }), []],
  ["two time constants in a row", alpha("7 ms"), []],
  ["twice the same time constant", alpha("20 ms"), []],
  [
    "forward Euler",
    synapse({ parameters: { tau }, states: x, dynamics: { x: "-x / tau" }, integrator: forwardEuler }),
    [],
  ],
  [
    "a system of rk4",
    synapse({ parameters: { tau }, states: x, dynamics: { x: "(z * z - x) / tau", z: "-z / tau / 3" } }),
    [],
  ],
  ["a constant rate", synapse({ parameters: { tau }, states: x, dynamics: { x: "2 / tau" } }), []],
  ["a weight that decays", synapse({ parameters: { tau }, dynamics: { weight: "-weight / tau" } }), []],
];

describe("closed form", () => {
  it.each(linear)("%s: n steps as one formula", (_, definition, perSynapse) => {
    const kernel = definition.kernel({ dt: 0.1, perSynapse });
    const form = closedForm(kernel.step, kernel.growths)!;
    let values: Record<string, number> = { ...START, ...START_OF_ADAM, ...FIXED };
    const start = values;
    for (let n = 1; n <= 400; n++) {
      values = { ...values, ...evaluate(kernel.step, values) };
      if (![1, 2, 7, 150, 400].includes(n)) continue;
      for (const [name, value] of Object.entries(valuesAfter(form, n, start))) {
        expect(Math.abs(value - values[name]!), `${name} after ${n} steps`).toBeLessThan(
          1e-12 * Math.abs(values[name]!),
        );
      }
    }
  });

  it("a trace decays exactly over any time", () => {
    const kernel = stdp({ tauPlus: "17 ms" }).kernel({ dt: 0.1 });
    const form = closedForm(kernel.step, kernel.growths)!;
    for (const n of [1, 1000, 50_000]) {
      const { pre } = valuesAfter(form, n, { ...START });
      expect(Math.abs(pre! / (1.5 * Math.exp((-n * 0.1) / 17)) - 1)).toBeLessThan(1e-12);
    }
  });

  const others: readonly (readonly [string, Partial<SynapseSpec>])[] = [
    ["a state squared", { states: x, dynamics: { x: "-x * x / tau" }, integrator: forwardEuler }],
    ["a threshold", { states: x, dynamics: { x: "-step(x - 1) * z / tau" }, integrator: forwardEuler }],
    ["a rotation", { states: x, dynamics: { x: "z / tau", z: "-x / tau" }, integrator: rk4 }],
    [
      "a factor that is another state",
      { states: x, dynamics: { x: "-x * z / tau", z: "-z / tau" }, integrator: forwardEuler },
    ],
    ["a factor below 0", { states: x, dynamics: { x: "-300 * x / tau" }, integrator: forwardEuler }],
  ];
  it("the product of a weight and a rate has none", () => {
    const kernel = synapticScaling().kernel({ dt: 0.1 });
    expect(closedForm(kernel.step, kernel.growths)).toBeUndefined();
  });

  it.each(others)("%s has none", (_, spec) => {
    const kernel = synapse({ parameters: { tau }, ...spec }).kernel({ dt: 0.1 });
    expect(closedForm(kernel.step, kernel.growths)).toBeUndefined();
  });
});

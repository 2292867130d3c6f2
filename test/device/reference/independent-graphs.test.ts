import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import type { GraphSpec } from "../conformance/graph.js";
import { graphCase } from "../conformance/graph-case.js";
import { graphs } from "../conformance/graph-cases.js";
import { descent } from "../conformance/kernels.js";
import { observe } from "../conformance/observe.js";
import { graphOf, randomGraph } from "../conformance/random-graph.js";
import { graphOnTape } from "./graph-on-tape.js";

vi.setConfig({ testTimeout: 120_000 });

/**
 * Gradients of the reference in double precision and of a tape, which slides windows over padded planes instead of testing
 * bounds: they agree to rounding.
 */
async function expectExact(spec: GraphSpec): Promise<ReadonlyMap<string, Float64Array>> {
  const what = graphCase("graph", { ...spec, updates: 1, visible: true, rule: descent(), scalars: { rate: 0 } });
  const { arrays } = await observe(await referenceDevice(), what);
  const exact = graphOnTape(spec, what.tensors, what.runs[0]!.inputs, (name) => arrays.get(`run 0: ${name}`)!);
  expectClose("readout", arrays.get("run 0: readout")!, exact.readout);
  for (const name of Object.keys(what.plan.tensors)) {
    const found = arrays.get(`tensor ${name}.gradient`);
    if (found !== undefined) expectClose(name, found, exact.gradients.get(name)!);
  }
  return exact.gradients;
}

function expectClose(name: string, found: ArrayLike<number>, wanted: Float64Array): void {
  expect(found.length).toBe(wanted.length);
  const largest = Math.max(1e-3, ...wanted.map(Math.abs));
  for (const [n, value] of wanted.entries()) {
    expect(Math.abs(value - found[n]!), `${name}[${n}] is ${found[n]}, right is ${value}`).toBeLessThan(
      1e-10 * largest,
    );
  }
}

// The tape has one surrogate.
const { "spikes of bounded support": _, ...GRAPHS } = graphs(true);

test.each(Object.entries(GRAPHS))("gradients of %s", async (_, spec) => {
  const gradients = await expectExact(spec);
  const weights = [...gradients].filter(([name]) => name.endsWith(".weights"));
  expect(weights.length).toBeGreaterThan(0);
  for (const [name, values] of weights) expect(Math.max(...values.map(Math.abs)), name).toBeGreaterThan(0.01);
});

test("gradients of random graphs", async () => {
  const property = fc.asyncProperty(randomGraph, async (choice) => {
    await expectExact(graphOf(choice));
  });
  await fc.assert(property, { numRuns: 60, seed: 1, endOnFailure: true });
});

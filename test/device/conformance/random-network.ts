import fc from "fast-check";
import { adaptive, bernoulli, constantCurrent, descent, latency, noisyCurrent } from "./kernels.js";
import type { LayerSpec, NetworkSpec } from "./network-case.js";
import { integrator, relu, snu } from "./network-cases.js";

const units = fc.constantFrom(1, 2, 3, 5, 8, 33);
const often = fc.boolean();

const layer: fc.Arbitrary<LayerSpec> = fc
  .record({
    make: fc.constantFrom(snu, integrator, relu),
    units,
    bias: often,
    recurrent: often,
    factor: often,
    keep: fc.constantFrom(undefined, 0.5, 0.9),
    gain: fc.constantFrom(0, 1, 2),
    bound: fc.constantFrom("fixed", "layer", "unit"),
  })
  .map(({ make, keep, bound, ...rest }) => {
    const made = make(rest.units, rest);
    const parameters = Object.fromEntries(
      Object.entries(made.parameters).map(([name, [value]]) => [name, [value, bound] as const]),
    );
    const masked = keep !== undefined && made.neuron.output === "values";
    return { ...made, parameters, ...(masked ? { keep } : {}) };
  });

/** Networks of every kind of layer, size and option; stateless last layers are not read by their state. */
export const randomNetwork: fc.Arbitrary<NetworkSpec> = fc
  .record({
    seed: fc.nat(1e6),
    inputs: fc.constantFrom(1, 3, 5, 33, 784),
    layers: fc.array(layer, { minLength: 1, maxLength: 3 }),
    encoder: fc.constantFrom(bernoulli(0.3), bernoulli(1), latency(6), constantCurrent(), noisyCurrent()),
    batch: fc.integer({ min: 1, max: 6 }),
    missing: fc.nat(2),
    steps: fc.integer({ min: 1, max: 12 }),
    readout: fc.constantFrom("sum" as const, "last" as const, "lastState" as const),
    loss: fc.constantFrom("cross-entropy", "mean-squared-error"),
    reduction: fc.constantFrom("mean" as const, "batch" as const, "sum" as const),
    truncate: fc.constantFrom(undefined, 1, 2, 5, 20),
    updates: fc.integer({ min: 1, max: 3 }),
    rule: fc.constantFrom(descent(), adaptive()),
    visible: often,
  })
  .map(({ missing, truncate, ...spec }) => {
    const stateless = spec.layers.at(-1)!.neuron.states.length === 0;
    return {
      ...spec,
      ...(truncate === undefined ? {} : { truncate }),
      samples: Math.max(1, spec.batch - missing),
      readout: stateless && spec.readout === "lastState" ? "last" : spec.readout,
      scalars: { rate: 0.02, keep: 0.9 },
    };
  });

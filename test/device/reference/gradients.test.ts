import { describe, expect, test, vi } from "vitest";
import { li, lif, linear, type NeuronDefinition, relu, snu, ssnu, surrogates, tanh } from "#spikevine/neurons/index";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { descent, noisyCurrent } from "../conformance/kernels.js";
import { type LayerSpec, networkCase } from "../conformance/network-case.js";
import { observe } from "../conformance/observe.js";
import { type CheckedNetwork, gradients, relativeError } from "./finite-differences.js";

vi.setConfig({ testTimeout: 60_000 });

function layer(definition: NeuronDefinition, units: number, bound: "unit" | "layer", more: Partial<LayerSpec> = {}) {
  const kernel = definition.kernel({ dt: 1, smooth: true });
  const values = Object.fromEntries(kernel.parameters.map((name) => [name, definition.parameters[name]!.value]));
  const parameters: LayerSpec["parameters"] = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, [value, bound]]),
  );
  return { units, neuron: kernel, parameters, gain: 2, ...more };
}

/** Two layers of one neuron: the first recurrent with biases and parameters per unit, the second with fewer. */
const network = (definition: NeuronDefinition, more: Partial<CheckedNetwork> = {}): CheckedNetwork => ({
  seed: 7,
  inputs: 3,
  encoder: noisyCurrent(),
  layers: [layer(definition, 4, "unit", { recurrent: true, bias: true }), layer(definition, 2, "layer")],
  batch: 2,
  samples: 2,
  steps: 5,
  readout: "sum",
  loss: "mean-squared-error",
  reduction: "mean",
  ...more,
});

async function expectExact(spec: CheckedNetwork): Promise<void> {
  const pairs = await gradients(spec);
  // The check is meaningful only if there are gradients.
  for (const name of ["l0.weights", "l1.weights"]) {
    expect(Math.hypot(...pairs.find(({ tensor }) => tensor === name)!.exact), name).toBeGreaterThan(1e-4);
  }
  for (const pair of pairs) {
    expect(relativeError(pair), `${pair.tensor}: ${pair.exact} and by differences ${pair.numeric}`).toBeLessThan(1e-6);
  }
}

const READOUTS = ["sum", "last", "lastState"] as const;
const RESETS = ["zero", "subtract", "proportional"] as const;
const ACTIVATIONS = ["identity", "relu", "leakyRelu"] as const;

describe.each(Object.entries(surrogates))("with the surrogate %s", (_, surrogate) => {
  describe.each(READOUTS)("read by %s", (readout) => {
    test.each(RESETS)("snu, reset %s", async (reset) => {
      for (const activation of ACTIVATIONS) {
        await expectExact(network(snu({ surrogate: surrogate(), reset, activation, threshold: 0.6 }), { readout }));
      }
    });

    test.each(["zero", "subtract", "soft"] as const)("lif, reset %s", async (reset) => {
      const neuron = lif({ surrogate: surrogate(), reset, tau: "3 ms", threshold: 0.4, resistance: 2, rest: 0.12 });
      await expectExact(network(neuron, { readout }));
    });
  });
});

describe.each(READOUTS)("graded units read by %s", (readout) => {
  test.each(RESETS)("ssnu, reset %s", async (reset) => {
    for (const activation of ACTIVATIONS) await expectExact(network(ssnu({ reset, activation }), { readout }));
  });

  test("li", async () => {
    await expectExact(network(li({ tau: "3 ms", rest: 0.2 }), { readout }));
  });

  if (readout === "lastState") return;
  test.each(Object.entries({ relu, tanh, linear }))("%s", async (_, make) => {
    await expectExact(network(make(), { readout }));
  });
});

test("lif in millivolts with a refractory time", async () => {
  const neuron = lif({ threshold: "-50 mV", rest: "-65 mV", resistance: "100 MOhm", refractory: "2 ms", tau: "5 ms" });
  const spec = network(neuron, { steps: 7 });
  // Currents of some 100 pA, which 100 MOhm turn into 10 mV.
  await expectExact({ ...spec, layers: spec.layers.map((each) => ({ ...each, gain: 600 })) });
});

describe.each(["cross-entropy", "mean-squared-error"])("loss %s", (loss) => {
  test.each(["mean", "batch", "sum"] as const)("reduction %s", async (reduction) => {
    await expectExact(network(snu({ activation: "identity" }), { loss, reduction }));
  });
});

test("graded units with dropout", async () => {
  const hidden = layer(ssnu(), 6, "unit", { recurrent: true, bias: true, keep: 0.6 });
  await expectExact({ ...network(ssnu()), layers: [hidden, layer(li(), 2, "layer", { keep: 0.8 })] });
});

describe("truncation", () => {
  const spec = network(snu({ activation: "identity" }), { steps: 6 });
  const exact = async (truncate?: number): Promise<Record<string, number[]>> => {
    const pairs = await gradients({ ...spec, ...(truncate === undefined ? {} : { truncate }) }, "exact only");
    return Object.fromEntries(pairs.map(({ tensor, exact }) => [tensor, [...exact]]));
  };

  test.each([6, 7, 100])("at %i steps of 6 is none", async (truncate) => {
    expect(await exact(truncate)).toEqual(await exact());
  });

  test.each([1, 2, 4, 5])("at %i steps of 6 changes the gradient", async (truncate) => {
    expect(await exact(truncate)).not.toEqual(await exact());
  });

  test("at 3 steps of 6 lets the error at the end reach the last three steps and no others", async () => {
    const errors = async (truncate?: number): Promise<Float64Array[]> => {
      const cut = truncate === undefined ? {} : { truncate };
      const rest = { rule: descent(), scalars: { rate: 0 }, updates: 1, visible: true };
      const device = await referenceDevice();
      const { arrays } = await observe(device, networkCase("errors", { ...spec, readout: "last", ...cut, ...rest }));
      return ["l0.error", "l1.error"].map((name) => Float64Array.from(arrays.get(`run 0: ${name}`)!));
    };
    const whole = await errors();
    const cut = await errors(3);
    whole.forEach((wanted, layer) => {
      const units = spec.layers[layer]!.units;
      wanted.forEach((value, n) => {
        const step = Math.floor(n / units) % 6;
        expect(cut[layer]![n], `layer ${layer}, step ${step}`).toBe(step < 3 ? 0 : value);
      });
      expect(wanted.slice(0, 3 * units).some((value) => value !== 0)).toBe(true);
    });
  });
});

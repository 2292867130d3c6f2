import { constantCurrent, latency, poisson, rate } from "#spikevine/encoders/index";
import { li, lif, linear, type NeuronDefinition, relu, snu, ssnu, surrogates, tanh } from "#spikevine/neurons/index";
import { optimizers } from "#spikevine/plasticity/index";
import type { EncoderKernel } from "#spikevine/src/equations/kernels/kernels";
import { type ConformanceCase, numbers } from "./case.js";
import { descent, noisyCurrent } from "./kernels.js";
import { type LayerSpec, type NetworkSpec, networkCase } from "./network-case.js";
import { rulePlan } from "./rule-plan.js";
import { trainingCases } from "./training-cases.js";

const DT = 1;
const RESETS = ["zero", "subtract", "proportional"] as const;
const ACTIVATIONS = ["identity", "relu", "leakyRelu"] as const;

/** Every neuron with every variant that it has; each surrogate once. */
function neurons(): readonly (readonly [name: string, neuron: NeuronDefinition, gain: number])[] {
  const units = RESETS.flatMap((reset) =>
    ACTIVATIONS.flatMap((activation) => [
      [`snu, ${reset}, ${activation}`, snu({ reset, activation, threshold: 0.5 }), 2] as const,
      [`ssnu, ${reset}, ${activation}`, ssnu({ reset, activation }), 2] as const,
    ]),
  );
  const fire = (["zero", "subtract", "soft"] as const).map(
    (reset) => [`lif, ${reset}`, lif({ reset, tau: "3 ms", threshold: 0.4, resistance: 2 }), 2] as const,
  );
  const bySurrogate = Object.entries(surrogates).map(
    ([name, surrogate]) => [`snu with ${name}`, snu({ surrogate: surrogate(), threshold: 0.5 }), 2] as const,
  );
  const inVolts = lif({ threshold: "-50 mV", rest: "-65 mV", resistance: "100 MOhm", refractory: "2 ms", tau: "5 ms" });
  return [
    ...units,
    ...fire,
    ...bySurrogate,
    ["lif in mV, refractory", inVolts, 900],
    ["li", li({ tau: "3 ms", rest: 0.2 }), 2],
    ["relu", relu(), 2],
    ["tanh", tanh(), 2],
    ["linear", linear(), 2],
  ];
}

function layer(neuron: NeuronDefinition, units: number, gain: number, more: Partial<LayerSpec>): LayerSpec {
  const kernel = neuron.kernel({ dt: DT });
  const parameters = Object.fromEntries(
    kernel.parameters.map((name) => {
      const { value, train } = neuron.parameters[name]!;
      return [name, [value, train ?? "fixed"] as const];
    }),
  );
  return { units, neuron: kernel, parameters, gain, ...more };
}

const network = (layers: readonly LayerSpec[], encoder: EncoderKernel): NetworkSpec => ({
  seed: 17,
  inputs: 19,
  encoder,
  layers,
  batch: 4,
  samples: 3,
  steps: 8,
  readout: "sum",
  loss: "mean-squared-error",
  reduction: "batch",
  updates: 2,
  rule: descent(),
  scalars: { rate: 0.01 },
  visible: false,
});

function neuronCases(): ConformanceCase[] {
  return neurons().map(([name, neuron, gain]) => {
    const hidden = layer(neuron, 13, gain, { recurrent: true, bias: true });
    return networkCase(name, network([hidden, layer(neuron, 5, gain, {})], noisyCurrent()));
  });
}

function encoderCases(): ConformanceCase[] {
  const encoders = { rate: rate(), poisson: poisson(), latency: latency(), constantCurrent: constantCurrent() };
  return Object.entries(encoders).map(([name, encoder]) => {
    const spec = network([layer(snu({ threshold: 0.3 }), 9, 2, {})], encoder.kernel({ dt: DT }));
    return networkCase(`encoder ${name}`, { ...spec, inputs: 131, visible: true });
  });
}

/** Twelve updates with one gradient, a third of it zero, as for synapses with silent inputs. */
function ruleCases(): ConformanceCase[] {
  const shape = { rows: 33, columns: 5 };
  const length = shape.rows * shape.columns;
  return Object.entries(optimizers).map(([name, rule]) => {
    const { kernel, uniforms } = rule.compile();
    const states = Object.entries(rule.states);
    return {
      name: `rule ${name}`,
      plan: rulePlan(kernel, shape),
      tensors: {
        w: numbers(length, 1, "weights"),
        g: numbers(length, 2, "gradient", -0.1, 0.1).map((value, n) => (n % 3 === 0 ? 0 : value)),
        ...Object.fromEntries(states.map(([state, { initial }]) => [state, new Float32Array(length).fill(initial)])),
      },
      runs: Array.from({ length: 12 }, (_, k) => ({
        procedure: "update",
        inputs: { samples: 1, scalars: uniforms(k + 1) },
      })),
      compareTensors: ["w", ...kernel.states],
      compareSignals: false,
    };
  });
}

/** The package's neurons, encoders and optimizers, as derived from their equations, and the plans of training. */
export const libraryCases = (): ConformanceCase[] => [
  ...neuronCases(),
  ...encoderCases(),
  ...ruleCases(),
  ...trainingCases(),
];

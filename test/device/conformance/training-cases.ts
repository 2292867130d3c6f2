import { constantCurrent, rate } from "#spikevine/encoders/index";
import { dense, type Network, network } from "#spikevine/networks/index";
import { lif, snu, tanh } from "#spikevine/neurons/index";
import { grapes, momentum } from "#spikevine/plasticity/index";
import { dataset } from "#spikevine/src/data/dataset";
import type { TrainingOptions } from "#spikevine/src/training/index";
import { checkOptions } from "#spikevine/src/training/options";
import { trainingPlan } from "#spikevine/src/training/plan/training-plan";
import { type ConformanceCase, identities, numbers } from "./case.js";

const SAMPLES = 3;
const INPUTS = 19;
const OUTPUTS = 5;
const SEED = 23;

const spiking = (): Network =>
  network({
    inputs: INPUTS,
    encoder: rate({ maxRate: 0.6 }),
    steps: 7,
    layers: [
      dense(13, snu({ threshold: 0.1, activation: "identity" }), { recurrent: true }),
      dense(9, lif({ tau: "3 ms", threshold: 0.1, resistance: 2 }), { bias: true }),
      dense(6, snu({ threshold: 0.1, activation: "identity" })),
      dense(OUTPUTS, snu({ threshold: 0.1, activation: "identity" })),
    ],
    seed: SEED,
  });

const ordinary = (): Network =>
  network({
    inputs: INPUTS,
    encoder: constantCurrent(),
    steps: 1,
    layers: [dense(13, tanh(), { dropout: 0.3 }), dense(9, tanh()), dense(6, tanh()), dense(OUTPUTS, tanh())],
    seed: SEED,
  });

/** Two updates of a network by the plan that `train` would run. */
function trainingCase(name: string, net: Network, options: Partial<TrainingOptions>): ConformanceCase {
  const data = dataset({ images: new Float32Array(SAMPLES * INPUTS), labels: new Uint8Array(SAMPLES) });
  const rule = [grapes(), momentum({ learningRate: 0.05 })];
  const checked = checkOptions({ data, epochs: 1, batchSize: 4, optimizer: rule, ...options }, net);
  const { plan, updates, feedback, modulation, state } = trainingPlan(net, {
    ...checked,
    batchSize: 4,
    microBatchSize: 4,
  });
  const targets = Float32Array.from({ length: SAMPLES * OUTPUTS }, (_, i) => (i % (OUTPUTS + 1) === 0 ? 1 : 0));
  // The host computes these between two updates.
  const factors = Object.entries(modulation.tensors).map(
    ([tensor, { rows, columns }]) => [tensor, numbers(rows * columns, SEED, tensor, 1, 2)] as const,
  );
  return {
    name,
    plan,
    tensors: {
      ...Object.fromEntries([...net.parameters, ...feedback].map(([tensor, { data: values }]) => [tensor, values])),
      ...Object.fromEntries(updates.initial),
      ...Object.fromEntries(factors),
    },
    runs: [1, 2].map((k) => ({
      procedure: "train",
      inputs: {
        samples: SAMPLES,
        signals: { pixels: numbers(SAMPLES * INPUTS, k, "pixels", 0, 1), target: targets },
        sampleIds: identities(SAMPLES, SEED),
        seed: SEED,
        epoch: k,
        scalars: updates.scalars(k, 1, 1),
      },
    })),
    compareTensors: [...state, ...modulation.layers.flatMap((layer) => `${layer}.weights.gradient`)],
    compareSignals: true,
  };
}

/** Plans of credit assignment, of GRAPES by outgoing importance and of hardware constraints. */
export const trainingCases = (): ConformanceCase[] =>
  Object.entries({ spiking, ordinary }).flatMap(([kind, make]) => [
    ...(["feedback-alignment", "direct-feedback-alignment", "indirect-feedback-alignment"] as const).map((credit) =>
      trainingCase(`${credit}, ${kind}`, make(), { credit }),
    ),
    trainingCase(`outgoing importance, ${kind}`, make(), {
      credit: "direct-feedback-alignment",
      optimizer: [grapes({ grouping: "outgoing" }), momentum({ learningRate: 0.05 })],
    }),
    trainingCase(`noise on updates and activations, ${kind}`, make(), {
      hardware: { updateNoise: 0.2, activationNoise: 0.1 },
    }),
    trainingCase(`weights of three bits, ${kind}`, make(), { hardware: { weightBits: 3 } }),
  ]);

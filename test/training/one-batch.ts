import type { Network } from "#spikevine/networks/index";
import { sgd } from "#spikevine/plasticity/index";
import { dataset } from "#spikevine/src/data/dataset";
import type { Plan, Program } from "#spikevine/src/device/contract";
import { checkOptions, type TrainingOptions } from "#spikevine/src/training/options";
import { uploadParameters } from "#spikevine/src/training/plan/parameters";
import { trainingPlan } from "#spikevine/src/training/plan/training-plan";

/** Samples as rows of pixels, and their classes. */
export interface Samples {
  readonly pixels: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

/** One update of a network on a device, by an optimizer that keeps the weights, unless options say otherwise. */
export async function oneBatch<P extends Program>(
  network: Network,
  device: { compile(plan: Plan): Promise<P> },
  { pixels, labels }: Samples,
  options: Partial<TrainingOptions> = {},
  tensors: Readonly<Record<string, readonly number[] | Float32Array>> = {},
  epoch = 1,
) {
  const count = labels.length;
  const data = dataset({ images: Float32Array.from(pixels.flat()), labels: Uint8Array.from(labels) });
  const given = { data, epochs: 1, batchSize: count, optimizer: sgd({ learningRate: 0 }), ...options };
  const { plan, updates, feedback } = trainingPlan(network, checkOptions(given, network));
  const program = await device.compile(plan);
  await uploadParameters(network, program);
  for (const [tensor, { data: values }] of feedback) await program.writeTensor(tensor, values);
  for (const [tensor, values] of updates.initial) await program.writeTensor(tensor, values);
  for (const [tensor, values] of Object.entries(tensors)) await program.writeTensor(tensor, Float32Array.from(values));
  const target = new Float32Array(count * network.outputs);
  labels.forEach((label, sample) => {
    target[sample * network.outputs + label] = 1;
  });
  await program.run("train", {
    samples: count,
    signals: { pixels: Float32Array.from(pixels.flat()), target },
    sampleIds: Uint32Array.from({ length: count }, (_, i) => i),
    seed: options.seed ?? network.seed,
    epoch,
    scalars: updates.scalars(1, 1, 1),
  });
  return program;
}

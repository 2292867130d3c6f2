import type { Network } from "../../networks/index.js";
import { adam, sgd } from "../../plasticity/index.js";
import { type Dataset, dataset } from "../../src/data/dataset.js";
import type { Device } from "../../src/device/contract.js";
import { openDevice } from "../../src/device/open.js";
import { evaluationProcedure, stepsPerRun } from "../../src/training/evaluate.js";
import type { Batch } from "../../src/training/loop/batches.js";
import { Trainer } from "../../src/training/loop/trainer.js";
import { type CheckedOptions, checkOptions } from "../../src/training/options.js";
import { parameterTensors, uploadParameters } from "../../src/training/plan/parameters.js";
import { type Images, imagesFor, oneHot } from "../images.js";
import { modelFor } from "../model.js";
import { packTrains } from "../spike-trains.js";
import { LEARNING_RATE, SIDE, type Workload } from "../workloads.js";
import type { Contestant, Job } from "./contestant.js";

/** The package itself: a whole update of its training loop, or its evaluation of one batch. */
export async function spikevine(job: Job): Promise<Contestant> {
  const { workload } = job;
  const { device } = await openDevice(job.device, { threads: job.threads });
  const batches = imagesFor(workload).map((images) => batchOf(images, job));
  const step = workload.mode === "train" ? await training(job, device, batches) : await inference(job, device, batches);
  return { step, executor: `${device.report.name}: ${device.report.executor}`, close: () => device.dispose() };
}

type Step = Contestant["step"];

function batchOf({ probabilities, labels }: Images, { workload, input }: Pick<Job, "workload" | "input">): Batch {
  const { sizes, batch } = workload;
  const pixels = input === "precomputed" ? packTrains(probabilities, sizes[0]!) : probabilities;
  return {
    samples: batch,
    pixels,
    window: () => pixels,
    target: oneHot(labels, sizes.at(-1)!),
    labels,
    sampleIds: Uint32Array.from({ length: batch }, (_, i) => i),
  };
}

/** Options of the training loop; of the data set, only the size is used. */
export function trainingOptions({ connections, sizes, batch, rule }: Workload, network: Network): CheckedOptions {
  const unused: Dataset = dataset({
    images: new Uint8Array(batch * sizes[0]!),
    ...(connections === "convolutions" ? { shape: [SIDE, SIDE] } : {}),
    labels: new Uint8Array(batch),
    classes: sizes.at(-1)!,
  });
  const learningRate = LEARNING_RATE[rule];
  return checkOptions(
    {
      data: unused,
      epochs: 1,
      batchSize: batch,
      loss: "cross-entropy",
      optimizer: rule === "sgd" ? sgd({ learningRate }) : adam({ learningRate }),
    },
    network,
  );
}

async function training({ workload, surrogate, input }: Job, device: Device, batches: readonly Batch[]): Promise<Step> {
  const model = modelFor(workload, surrogate, input);
  const trainer = await Trainer.create(model, trainingOptions(workload, model), device);
  return async (k) => {
    // Every step is a separate epoch, so that no spikes are drawn twice.
    await trainer.update(batches[k % batches.length]!, k + 1, 0, 1);
  };
}

async function inference(
  { workload, surrogate, input }: Job,
  device: Device,
  batches: readonly Batch[],
): Promise<Step> {
  const model = modelFor(workload, surrogate, input);
  const { batch, steps } = workload;
  const program = await device.compile({
    tensors: parameterTensors(model),
    procedures: { evaluate: evaluationProcedure(model, batch, steps) },
  });
  await uploadParameters(model, program);
  const run = stepsPerRun(steps);
  return async (k) => {
    const { samples, pixels, sampleIds } = batches[k % batches.length]!;
    for (let firstStep = 0; firstStep < steps; firstStep += run) {
      await program.run("evaluate", { samples, signals: { pixels }, sampleIds, seed: 1, epoch: k, firstStep });
    }
    await program.readSignal("evaluate", "readout");
  };
}

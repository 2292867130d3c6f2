import { neuronsOf } from "../../networks/graph.js";
import { NETWORK, type Network } from "../../networks/network.js";
import { choice, fields, optional, signature, whole } from "../arguments/index.js";
import type { Dataset } from "../data/dataset.js";
import { DATA, type StreamedDataset } from "../data/streamed/streamed-dataset.js";
import type { Device, Plan, Program } from "../device/contract.js";
import { DEVICE, openDevice } from "../device/open.js";
import { DivergenceError } from "../errors.js";
import { SEED } from "../random/seed.js";
import { routes } from "./credit/credit-assignment.js";
import { batchesOf, checkFit, shuffledOrder } from "./loop/batches.js";
import { type InputForm, inputForm } from "./loop/check-input.js";
import {
  defaultLoss,
  LOSS,
  type LossOption,
  type NetworkLoss,
  networkLoss,
  type Reduction,
  rowsOfTargets,
} from "./losses/index.js";
import { effectSizes } from "./neighborhood/neighbor-errors.js";
import { type NeighborhoodAggregation, SPIKE_GRADIENT } from "./neighborhood/neighborhood-aggregation.js";
import { backward, gradientOf } from "./plan/backward.js";
import { forward } from "./plan/forward.js";
import { batchStatistics, parameterTensors, trainedArrays, uploadParameters } from "./plan/parameters.js";

export interface GradientOptions {
  /** As in `train`, with its default. */
  loss?: LossOption;
  /** As in `train`. Default: "mean". */
  reduction?: Reduction;
  /** Truncated BPTT: errors propagate back at most this many steps. Default: through all steps. */
  truncationSteps?: number;
  /** As in `train`. Default: by the surrogates of the neurons. */
  spikeGradient?: NeighborhoodAggregation;
  /** Default: "auto". A device passed as an object stays open. */
  device?: string | Device;
  /** Seed of the encoder's draws and of dropout. Default: the network's. */
  seed?: number;
}

export interface Gradients {
  /** Loss of the batch, reduced as the option says; the gradients are derivatives of this number. */
  readonly loss: number;
  /**
   * dLoss/d of every trained array by the array's name (`layer1.weights`, `layer2.threshold` ...), in its shape, row by
   * row: weights `[inputs, units]`, recurrent `[units, units]`, the others `[1, units]` or `[1, 1]`; per internal unit
   * (mV, ms, pA).
   */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

const check = signature("gradients", {
  network: NETWORK,
  data: DATA,
  options: fields<GradientOptions>(
    {
      loss: optional(LOSS),
      reduction: optional(choice(["mean", "batch", "sum"])),
      truncationSteps: optional(whole(1)),
      spikeGradient: optional(SPIKE_GRADIENT),
      device: optional(DEVICE),
      seed: optional(SEED),
    },
    {
      root: "options",
      excludes: { spikeGradient: ["truncationSteps", "since it propagates no error through a membrane"] },
    },
  ),
});

/** Training counts its epochs from 1; the draws are those of the first epoch. */
const FIRST_EPOCH = 1;

/**
 * Loss and gradients of a network on all samples of a data set as one batch, by backpropagation through time. They are
 * bit-identical to those of the first update of `train` with the same options, seed and device and a batch of all
 * samples: the order of the samples and the draws of the encoder and of dropout are the same. The network does not
 * change.
 * @throws SpikevineError if the data or an option do not fit, or a device cannot hold the batch.
 * @throws DivergenceError if the loss or a gradient is not finite, naming the array.
 */
export async function gradients(
  network: Network,
  data: Dataset | StreamedDataset,
  options: GradientOptions = {},
): Promise<Gradients> {
  check([network, data, options]);
  checkFit(data, network);
  const {
    loss: option = defaultLoss(network, network.steps),
    reduction = "mean",
    truncationSteps,
    spikeGradient,
  } = options;
  const loss = networkLoss(network, option, reduction, rowsOfTargets(data));
  const plan = gradientPlan(network, data.count, {
    loss,
    truncate: truncationSteps,
    input: inputForm(data),
    neighborhood: spikeGradient,
  });
  const given = typeof options.device === "object" ? options.device : undefined;
  const device = given ?? (await openDevice(options.device as string | undefined)).device;
  try {
    const program = await device.compile(plan);
    try {
      return await run(network, program, data, loss, options.seed ?? network.seed);
    } finally {
      await program.dispose();
    }
  } finally {
    if (given === undefined) await device.dispose();
  }
}

/** Procedure from pixels to the gradients of all trained arrays. */
function gradientPlan(
  network: Network,
  batch: number,
  given: {
    loss: NetworkLoss;
    truncate: number | undefined;
    input: InputForm;
    neighborhood: NeighborhoodAggregation | undefined;
  },
): Plan {
  const { steps } = network;
  const { loss, truncate, input } = given;
  const spikes = given.neighborhood === undefined ? {} : { neighborhood: given.neighborhood };
  const pass = forward(network, {
    steps,
    store: "adjoint",
    states: loss.states,
    dropout: true,
    stream: false,
    input,
    ...spikes,
  });
  const back = backward(network, pass, {
    loss: loss.plan,
    ...(truncate === undefined ? {} : { truncate }),
    factor: () => undefined,
    routes: routes("backpropagation", network),
    ...spikes,
  });
  const tensors = {
    ...parameterTensors(network),
    ...batchStatistics(network),
    ...pass.scaled.tensors(network),
    ...(given.neighborhood?.rescaled ? effectSizes(neuronsOf(network).map(({ name }) => name)) : {}),
  };
  const results = trainedArrays(network).map((name) => [gradientOf(name), tensors[name]!] as const);
  return {
    tensors: { ...tensors, ...Object.fromEntries(results) },
    procedures: {
      gradients: {
        batch,
        steps,
        signals: pass.signals,
        operations: [...pass.operations, ...back, ...loss.penalties.operations],
      },
    },
  };
}

async function run(
  network: Network,
  program: Program,
  data: Dataset | StreamedDataset,
  lossOf: NetworkLoss,
  seed: number,
): Promise<Gradients> {
  await uploadParameters(network, program);
  const order = shuffledOrder(data.count, seed, FIRST_EPOCH);
  for await (const { samples, pixels, target, sampleIds } of batchesOf(data, data.count, network, order)) {
    const signals = { pixels, ...(lossOf.usesTargets ? { target } : {}) };
    await program.run("gradients", { samples, signals, sampleIds, seed, epoch: FIRST_EPOCH });
  }
  let loss = lossOf.penalties
    .values((name) => network.parameters.get(name)!.data)
    .reduce((sum, value) => sum + value, 0);
  for (const signal of lossOf.values) {
    loss = (await program.readSignal("gradients", signal)).reduce((sum, value) => sum + value, loss);
  }
  if (!Number.isFinite(loss)) {
    throw new DivergenceError(
      `gradients: the loss is ${loss}, from the output of ${network.layerNames.at(-1)}; give smaller weights or bounded outputs.`,
    );
  }
  const found = new Map<string, Float32Array>();
  for (const name of trainedArrays(network)) {
    const values = await program.readTensor(gradientOf(name));
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new DivergenceError(
        `gradients: the gradient of ${name} is ${values[bad]} at value ${bad}; look for an equation without a finite derivative there, or give smaller weights.`,
      );
    }
    found.set(name, values);
  }
  return { loss, gradients: found };
}

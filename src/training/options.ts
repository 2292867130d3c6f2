import { NETWORK, type Network } from "../../networks/network.js";
import { OPTIMIZER, type Optimizer, optimizerChain } from "../../plasticity/optimizer.js";
import {
  callback,
  choice,
  fields,
  flag,
  made,
  number,
  optional,
  signal,
  signature,
  whole,
} from "../arguments/index.js";
import { AUGMENTATIONS, type Augmentation } from "../data/augmentation/augmentation.js";
import { imageShape } from "../data/channels-last.js";
import type { Dataset } from "../data/dataset.js";
import { DATA, type StreamedDataset } from "../data/streamed/streamed-dataset.js";
import type { Device } from "../device/contract.js";
import { DEVICE, THREADS } from "../device/open.js";
import { SpikevineError } from "../errors.js";
import { SEED } from "../random/seed.js";
import { CREDIT, type Credit } from "./credit/credit-assignment.js";
import { TRAINING_DEFAULTS } from "./defaults.js";
import { HARDWARE, type Hardware } from "./hardware/options.js";
import { inputForm } from "./loop/check-input.js";
import type { BatchReport, EpochReport } from "./loop/reports.js";
import { constantSchedule, cosineDecay, SCHEDULE, type Schedule } from "./loop/schedules.js";
import type { SnapshotSink, TrainingPosition, TrainingSnapshot } from "./loop/snapshot.js";
import { defaultLoss, LOSS, type LossOption, type Reduction } from "./losses/index.js";
import { type NeighborhoodAggregation, SPIKE_GRADIENT } from "./neighborhood/neighborhood-aggregation.js";
import { ARRAY_SETTINGS, type ArraySettings } from "./plan/array-settings.js";

export interface TrainingOptions extends ArraySettings {
  data: Dataset | StreamedDataset;
  /**
   * Data set evaluated after every epoch; early stopping and the choice of the best epoch use its accuracy, or
   * its loss if the data have targets without labels.
   */
  validation?: Dataset | StreamedDataset;
  epochs: number;
  /** Samples per update. Default: 32. */
  batchSize?: number;
  /**
   * Samples of a batch that are computed together, at most `batchSize`; the gradients of a batch add up from micro-batch to
   * micro-batch. Signals take the memory of one micro-batch, and results are those of the whole batch up to rounding. Not
   * for networks with `batchNorm`, whose statistics are those of the whole batch. Default: `batchSize`.
   */
  microBatchSize?: number;
  /**
   * Loss that training minimizes: a name such as "mean-squared-error", a loss such as `crossEntropy({ of: everyState("v") })`,
   * or a list of losses and penalties that add up. Default: the cross-entropy of the network's read-out; a spike count of
   * more than 20 steps is compared as 20 times the rate, `crossEntropy({ scale: 20 / steps })`.
   */
  loss?: LossOption;
  /**
   * Reduction of the losses of a batch: `mean` over samples, and over the outputs and steps of which a loss has one value
   * each; `batch`: sum over outputs and steps, mean over samples; `sum`: sum over all. Default: "mean".
   */
  reduction?: Reduction;
  /** An optimizer, optionally preceded by modulations and gradient transforms: `[grapes(), sgd()]`. */
  optimizer: Optimizer;
  /** Method by which errors reach the hidden layers. Default: "backpropagation". */
  credit?: Credit;
  /**
   * Gradients of spikes: `neighborhoodAggregation()`, which compares each spike train with those that differ from it in one
   * spike. Default: by the surrogates of the neurons.
   */
  spikeGradient?: NeighborhoodAggregation;
  /** Hardware constraints: noise on updates and activations, quantized weights. Default: none. */
  hardware?: Hardware;
  /** Factor of the learning rate over training. Default: half a cosine for a default learning rate, constant for a given one. */
  schedule?: Schedule;
  /** Largest global norm of the gradient; longer gradients are scaled down to it. */
  maxGradNorm?: number;
  /** Largest size of a weight: after every update, weights and recurrent weights are cut to it. Default: none. */
  weightLimit?: number;
  /** Truncated BPTT: errors propagate back at most this many steps. */
  truncationSteps?: number;
  /** Stops when the validation accuracy has not risen for this many epochs. */
  patience?: number;
  /**
   * Gives back the network with the arrays of the epoch of the best validation accuracy (the first of several) instead of
   * those of the last epoch. Snapshots hold both. Default: false.
   */
  keepBest?: boolean;
  /** Default: "auto". A device passed as an object stays open. */
  device?: string | Device;
  threads?: number;
  /** Seed of the data order, the encoder's draws and dropout. Default: the network's. */
  seed?: number;
  /**
   * Draws new spike trains, dropout masks and augmentations in every epoch. Default: true. With false, every epoch
   * presents those of the first epoch, like code that encodes its data set once, e.g. that of the SNU authors.
   */
  resampleEachEpoch?: boolean;
  /**
   * Augments the images differently in every epoch: `[randomAffine({ rotation: 15 }), elasticTransform()]`, at most one
   * of each kind. The affine map is applied before the elastic field, in any order of the list. All channels of an image
   * change alike. Validation images are not augmented.
   */
  augment?: readonly Augmentation[];
  /**
   * Number of worker threads that augment during training; 0 augments in the calling thread, as browsers always do.
   * Default: 1.
   */
  augmentWorkers?: number;
  /**
   * Called once, when the device has compiled the plan and loaded the snapshot, before the first batch, with the memory that
   * the network takes on the device: tensors and signals, in bytes.
   */
  onBegin?(start: { readonly memoryBytes: number }): void | Promise<void>;
  onBatch?(report: BatchReport): void;
  onEpoch?(report: EpochReport): void | Promise<void>;
  /**
   * Action when every gradient of a layer is exactly 0 for a whole epoch: `stop` with an error that names the layer, or
   * `continue`. Default: "stop".
   */
  onZeroGradient?: "stop" | "continue";
  /**
   * Called with one sentence about each allowed but doubtful condition: pixels outside [0, 1], layers that are silent
   * or saturated when training starts and ends, layers without any gradient in the first batch of an epoch. Layers are
   * measured, on a few samples, only if this option is given. Default: ignored.
   */
  onWarning?(message: string): void;
  /** Stops after the current batch; the result reports it. */
  signal?: AbortSignal;
  /** Resumes from this snapshot instead of starting from the network's arrays. The data must be those of the snapshot. */
  resume?: TrainingSnapshot;
  /** Called with a snapshot when one is due, when training is stopped, and at its end. */
  onSnapshot?: SnapshotSink;
  /**
   * Returns true if a snapshot is due; called after every batch and every epoch. Default: never before training stops
   * or ends.
   */
  snapshotDue?(at: TrainingPosition): boolean;
}

export interface TrainingResult {
  readonly epochs: readonly EpochReport[];
  readonly final: EpochReport | undefined;
  /** Epoch of the best validation accuracy (of the best training accuracy without a validation set), or of the least loss. */
  readonly best: EpochReport | undefined;
  readonly stopped: "finished" | "early" | "aborted";
  /** Updates made. */
  readonly updates: number;
  /** Modulation factors `[units]` of each layer at the end, if the optimizer modulates. */
  readonly factors?: Readonly<Record<string, Float32Array>>;
  /** The device that ran, and why it was selected. */
  readonly device: string;
}

/** Options with their defaults, checked. */
export type CheckedOptions = TrainingOptions &
  Required<
    Pick<
      TrainingOptions,
      | "batchSize"
      | "microBatchSize"
      | "loss"
      | "reduction"
      | "credit"
      | "hardware"
      | "schedule"
      | "seed"
      | "onZeroGradient"
    >
  >;

/** The arguments of `train`. */
export const checkTraining = signature("train", {
  network: NETWORK,
  options: fields<TrainingOptions>(
    {
      data: DATA,
      validation: optional(DATA),
      epochs: whole(1),
      batchSize: optional(whole(1)),
      microBatchSize: optional(whole(1)),
      loss: optional(LOSS),
      reduction: optional(choice(["mean", "batch", "sum"])),
      optimizer: OPTIMIZER,
      frozen: optional(ARRAY_SETTINGS.frozen),
      learningRates: optional(ARRAY_SETTINGS.learningRates),
      weightDecays: optional(ARRAY_SETTINGS.weightDecays),
      credit: optional(CREDIT),
      spikeGradient: optional(SPIKE_GRADIENT),
      hardware: optional(HARDWARE),
      schedule: optional(SCHEDULE),
      maxGradNorm: optional(number({ above: 0 }, "the largest gradient norm, a number above 0")),
      weightLimit: optional(number({ above: 0 }, "the largest size of a weight, a number above 0")),
      truncationSteps: optional(whole(1)),
      patience: optional(whole(1)),
      keepBest: optional(flag),
      device: optional(DEVICE),
      threads: optional(THREADS),
      seed: optional(SEED),
      resampleEachEpoch: optional(flag),
      augment: optional(AUGMENTATIONS),
      augmentWorkers: optional(whole(0, 64)),
      onBegin: optional(callback()),
      onBatch: optional(callback()),
      onEpoch: optional(callback()),
      onZeroGradient: optional(choice(["stop", "continue"])),
      onWarning: optional(callback()),
      signal: optional(signal),
      resume: optional(made("a snapshot of a training", "progress", "tensors")),
      onSnapshot: optional(callback()),
      snapshotDue: optional(callback()),
    },
    {
      root: "options",
      needs: {
        patience: ["validation", "a validation set to watch"],
        keepBest: ["validation", "a validation set to choose by"],
      },
      excludes: { spikeGradient: ["truncationSteps", "since it propagates no error through a membrane"] },
    },
  ),
});

/**
 * Fills in defaults.
 * @throws SpikevineError if options conflict.
 */
export function checkOptions(
  options: TrainingOptions,
  network: Pick<Network, "seed" | "steps" | "readout">,
): CheckedOptions {
  const { batchSize = TRAINING_DEFAULTS.batch, microBatchSize = batchSize } = options;
  const checked = {
    ...options,
    batchSize: Math.min(batchSize, options.data.count),
    microBatchSize: Math.min(microBatchSize, options.data.count),
    loss: options.loss ?? defaultLoss(network, network.steps),
    reduction: options.reduction ?? TRAINING_DEFAULTS.reduction,
    credit: options.credit ?? TRAINING_DEFAULTS.credit,
    hardware: options.hardware ?? {},
    schedule: options.schedule ?? defaultSchedule(options.optimizer),
    seed: options.seed ?? network.seed,
    onZeroGradient: options.onZeroGradient ?? TRAINING_DEFAULTS.onZeroGradient,
  } as const;
  checkAugmentation(checked);
  return checked;
}

/**
 * A given learning rate is constant. The default learning rate decays, so that a short training ends with small steps.
 */
function defaultSchedule(optimizer: Optimizer): Schedule {
  return optimizerChain(optimizer).optimizer.hasDefaultRate ? cosineDecay() : constantSchedule();
}

function checkAugmentation({ augment = [], data }: TrainingOptions): void {
  const kinds = augment.map(({ kind }) => kind);
  const twice = kinds.find((kind, i) => kinds.indexOf(kind) !== i);
  if (twice !== undefined) throw new SpikevineError(`train: augment has ${twice} twice; give one with both changes.`);
  if (augment.length > 0 && inputForm(data) !== "image") {
    throw new SpikevineError(
      `train: augment changes still images, but "${data.name}" has samples in time; leave it out.`,
    );
  }
  if (augment.length === 0) return;
  const shape = data.shape && imageShape(data.shape);
  if (shape === undefined || shape.channels * shape.height * shape.width !== data.pixels) {
    const found = shape === undefined ? "no shape" : `the shape ${data.shape!.join(" x ")}`;
    throw new SpikevineError(
      `train: augment needs images, but "${data.name}" has ${found} for its ${data.pixels} values; give shape: [height, width] or [channels, height, width].`,
    );
  }
}

import { NETWORK } from "../../networks/network.js";
import { OPTIMISER, type Optimizer } from "../../plasticity/optimizer.js";
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
import { DATASET, type Dataset } from "../data/dataset.js";
import type { Device } from "../device/contract.js";
import { DEVICE, THREADS } from "../device/open.js";
import { SpikevineError } from "../errors.js";
import { SEED } from "../random/seed.js";
import { CREDIT, type Credit } from "./credit/credit-assignment.js";
import type { WeightAlignment } from "./credit/weight-alignment.js";
import { TRAINING_DEFAULTS } from "./defaults.js";
import type { EvaluationResult } from "./evaluate.js";
import { HARDWARE, type Hardware } from "./hardware/options.js";
import { constantSchedule, SCHEDULE, type Schedule } from "./loop/schedules.js";
import type { SnapshotSink, TrainingPosition, TrainingSnapshot } from "./loop/snapshot.js";
import { LOSS } from "./losses/index.js";
import type { FactorStatistics } from "./modulation/factor-statistics.js";

export interface TrainingOptions {
  data: Dataset;
  /** Evaluated after every epoch; early stopping and the best epoch go by it. */
  validation?: Dataset;
  epochs: number;
  /** Samples per update. Default: 32. */
  batchSize?: number;
  /** "cross-entropy" or "mean-squared-error" on the network's read-out. Default: "cross-entropy". */
  loss?: string;
  /**
   * How the loss of a batch is made from its samples: `mean` over the batch, and over outputs for a squared error;
   * `batch`: summed over outputs, mean over the batch; `sum`: neither. Default: "mean".
   */
  reduction?: "mean" | "batch" | "sum";
  /** An optimizer, with modulations and gradient transforms in front of it where wanted: `[grapes(), sgd()]`. */
  optimizer: Optimizer;
  /** How errors reach the hidden layers. Default: "backpropagation". */
  credit?: Credit;
  /** Constraints of hardware: noise on updates and activations, quantized weights. Default: none. */
  hardware?: Hardware;
  /** Multiplies the learning rate over training. Default: constant. */
  schedule?: Schedule;
  /** Largest global norm of the gradient; longer ones are scaled down to it. */
  maxGradNorm?: number;
  /** Truncated BPTT: errors go back at most this many steps. */
  truncationSteps?: number;
  /** Stops when the validation accuracy has not risen for this many epochs. */
  patience?: number;
  /** Default: "auto". A device given as an object stays open. */
  device?: string | Device;
  threads?: number;
  /** Of the data order, the encoder's draws and dropout. Default: the network's. */
  seed?: number;
  /**
   * Whether every epoch draws new spike trains (and dropout masks and augmentations). Default: true. With false every epoch presents those
   * of the first, as code does that encodes its data set once, the SNU authors' among it.
   */
  resampleEachEpoch?: boolean;
  /**
   * Changes the images of every epoch anew: `[randomAffine({ rotation: 15 }), elasticTransform()]`, at most one of a kind. The elastic field bends
   * the plane of the result, the affine map stands behind it, whatever their order. Images of validation stay as they are.
   */
  augment?: readonly Augmentation[];
  /** Worker threads that augment while training goes on; 0 augments in the calling thread, as browsers always do. Default: 1. */
  augmentWorkers?: number;
  /** Called once: the device has taken the plan and the snapshot, and the first batch is next. */
  onBegin?(): void | Promise<void>;
  onBatch?(report: BatchReport): void;
  onEpoch?(report: EpochReport): void | Promise<void>;
  /**
   * What to do when every gradient of a layer is exactly 0 for a whole epoch: `stop` with an error that names the layer, or
   * `continue`. Default: "stop".
   */
  onZeroGradient?: "stop" | "continue";
  /**
   * Called with one sentence about what is allowed but doubtful: pixels outside [0, 1], layers that are silent or saturated as
   * training begins and ends, layers without any gradient in the first batch of an epoch. Only where it is given are layers
   * measured, on a few samples. Default: ignored.
   */
  onWarning?(message: string): void;
  /** Stops after the batch in hand; the result says so. */
  signal?: AbortSignal;
  /** Goes on from here instead of from the network's arrays. */
  resume?: TrainingSnapshot;
  /** Called with a snapshot when one is due, when training is stopped, and at its end. */
  onSnapshot?: SnapshotSink;
  /** Whether a snapshot is due, asked after every batch and every epoch. Default: never before training stops or ends. */
  snapshotDue?(at: TrainingPosition): boolean;
}

export interface BatchReport {
  /** From 1. */
  readonly epoch: number;
  /** From 1. */
  readonly batch: number;
  readonly batches: number;
  /** Means over the epoch so far. */
  readonly loss: number;
  readonly accuracy: number;
  /** Training samples a second over the epoch so far. */
  readonly samplesPerSecond: number;
}

export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly validation?: EvaluationResult;
  /** Seconds of training and of validation. */
  readonly trainingSeconds: number;
  readonly validationSeconds: number;
  /** How the modulation factors of each layer are spread after the epoch's last update, where the rule modulates. */
  readonly modulation?: Readonly<Record<string, FactorStatistics>>;
  /** How alike forward and feedback weights of each layer are, where errors go down through weights of their shape. */
  readonly symmetry?: Readonly<Record<string, WeightAlignment>>;
}

export interface TrainingResult {
  readonly epochs: readonly EpochReport[];
  readonly final: EpochReport | undefined;
  /** The epoch of the best validation accuracy (training accuracy where there is no validation set). */
  readonly best: EpochReport | undefined;
  readonly stopped: "finished" | "early" | "aborted";
  /** Updates made. */
  readonly updates: number;
  /** The modulation factors `[units]` of each layer at the end, where the rule modulates. */
  readonly factors?: Readonly<Record<string, Float32Array>>;
  /** The device that ran, and why it. */
  readonly device: string;
}

/** Options with their defaults, checked. */
export type CheckedOptions = TrainingOptions &
  Required<
    Pick<
      TrainingOptions,
      "batchSize" | "loss" | "reduction" | "credit" | "hardware" | "schedule" | "seed" | "onZeroGradient"
    >
  >;

/** The arguments of `train`. */
export const checkTraining = signature("train", {
  network: NETWORK,
  options: fields<TrainingOptions>(
    {
      data: DATASET,
      validation: optional(DATASET),
      epochs: whole(1),
      batchSize: optional(whole(1)),
      loss: optional(LOSS),
      reduction: optional(choice(["mean", "batch", "sum"])),
      optimizer: OPTIMISER,
      credit: optional(CREDIT),
      hardware: optional(HARDWARE),
      schedule: optional(SCHEDULE),
      maxGradNorm: optional(number({ above: 0 }, "the largest gradient norm, a number above 0")),
      truncationSteps: optional(whole(1)),
      patience: optional(whole(1)),
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
    { root: "options", needs: { patience: ["validation", "a validation set to watch"] } },
  ),
});

/**
 * Fills in defaults.
 * @throws SpikevineError where options do not go together.
 */
export function checkOptions(options: TrainingOptions, networkSeed: number): CheckedOptions {
  const checked = {
    ...options,
    batchSize: Math.min(options.batchSize ?? TRAINING_DEFAULTS.batch, options.data.count),
    loss: options.loss ?? TRAINING_DEFAULTS.loss,
    reduction: options.reduction ?? TRAINING_DEFAULTS.reduction,
    credit: options.credit ?? TRAINING_DEFAULTS.credit,
    hardware: options.hardware ?? {},
    schedule: options.schedule ?? constantSchedule(),
    seed: options.seed ?? networkSeed,
    onZeroGradient: options.onZeroGradient ?? TRAINING_DEFAULTS.onZeroGradient,
  } as const;
  checkAugmentation(checked);
  return checked;
}

function checkAugmentation({ augment = [], data }: TrainingOptions): void {
  const kinds = augment.map(({ kind }) => kind);
  const twice = kinds.find((kind, i) => kinds.indexOf(kind) !== i);
  if (twice !== undefined) throw new SpikevineError(`train: augment has ${twice} twice; give one with both changes.`);
  const [height = 0, width = 0] = data.shape ?? [];
  if (augment.length > 0 && height * width !== data.pixels) {
    const shape = data.shape === undefined ? "no shape" : `the shape ${height} x ${width}`;
    throw new SpikevineError(
      `train: augment needs images, but "${data.name}" has ${shape} for its ${data.pixels} values; give shape: [height, width].`,
    );
  }
}

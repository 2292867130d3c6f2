import type { Optimiser } from "../../plasticity/optimiser.js";
import type { Augmentation } from "../data/augmentation/index.js";
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/contract.js";
import { SpikevineError } from "../errors.js";
import { checkSeed } from "../random/seed.js";
import type { EvaluationResult } from "./evaluate.js";
import type { FactorStatistics } from "./factor-statistics.js";
import type { Credit } from "./feedback.js";
import { checkHardware, type Hardware } from "./hardware/options.js";
import { lossByName } from "./losses/index.js";
import { constant, type Schedule } from "./schedules.js";
import type { SnapshotKeeper, TrainingSnapshot } from "./snapshot.js";
import type { Symmetry } from "./symmetry.js";

export interface TrainingOptions {
  data: Dataset;
  /** Evaluated after every epoch; early stopping and the best epoch go by it. */
  validation?: Dataset;
  epochs: number;
  /** Samples an update. Default: 64. */
  batch?: number;
  /** "cross-entropy" or "mean-squared-error" on the network's read-out. Default: "cross-entropy". */
  loss?: string;
  /**
   * How the loss of a batch is made from its samples: `mean` over the batch, and over outputs for a squared error;
   * `batch`: summed over outputs, mean over the batch; `sum`: neither. Default: "mean".
   */
  reduction?: "mean" | "batch" | "sum";
  /** An optimiser, with modulations and gradient transforms in front of it where wanted: `[grapes(), sgd()]`. */
  rule: Optimiser;
  /** How errors reach the hidden layers. Default: "backpropagation". */
  credit?: Credit;
  /** Constraints of hardware: noise on updates and activations, quantised weights. Default: none. */
  hardware?: Hardware;
  /** Multiplies the learning rate over training. Default: constant. */
  schedule?: Schedule;
  /** Largest global norm of the gradient; longer ones are scaled down to it. */
  clip?: number;
  /** Truncated BPTT: errors go back at most this many steps. */
  truncate?: number;
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
  redraw?: boolean;
  /**
   * Changes the images of every epoch anew: `[affine({ rotation: 15 }), elastic()]`, at most one of a kind. The elastic field bends
   * the plane of the result, the affine map stands behind it, whatever their order. Images of validation stay as they are.
   */
  augment?: readonly Augmentation[];
  /** Worker threads that augment while training goes on; 0 augments in the calling thread, as browsers always do. Default: 1. */
  augmentWorkers?: number;
  /** Called once: the device has taken the plan and the snapshot, and the first batch is next. */
  onBegin?(): void | Promise<void>;
  onBatch?(report: BatchReport): void;
  onEpoch?(report: EpochReport): void | Promise<void>;
  /** Stops after the batch in hand; the result says so. */
  signal?: AbortSignal;
  /** Goes on from here instead of from the network's arrays. */
  resume?: TrainingSnapshot;
  /** Gets a snapshot whenever it wants one, when training is stopped, and at the end. */
  snapshots?: SnapshotKeeper;
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
  readonly symmetry?: Readonly<Record<string, Symmetry>>;
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
  Required<Pick<TrainingOptions, "batch" | "loss" | "reduction" | "credit" | "hardware" | "schedule" | "seed">>;

/**
 * Fills in defaults.
 * @throws SpikevineError naming the option that is out of range.
 */
export function checkOptions(options: TrainingOptions, networkSeed: number): CheckedOptions {
  const checked = {
    ...options,
    batch: Math.min(options.batch ?? 64, options.data.count),
    loss: options.loss ?? "cross-entropy",
    reduction: options.reduction ?? "mean",
    credit: options.credit ?? "backpropagation",
    hardware: options.hardware ?? {},
    schedule: options.schedule ?? constant(),
    seed: options.seed ?? networkSeed,
  } as const;
  const whole: Record<string, number | undefined> = {
    epochs: checked.epochs,
    batch: checked.batch,
    truncate: checked.truncate,
    patience: checked.patience,
  };
  for (const [field, value] of Object.entries(whole)) {
    if (value !== undefined && (!Number.isInteger(value) || value < 1)) {
      throw new SpikevineError(`train: ${field} is ${value}; give a whole number of at least 1.`);
    }
  }
  if (checked.clip !== undefined && !(checked.clip > 0 && Number.isFinite(checked.clip))) {
    throw new SpikevineError(`train: clip is ${checked.clip}; give the largest gradient norm, a number above 0.`);
  }
  if (checked.patience !== undefined && checked.validation === undefined) {
    throw new SpikevineError("train: patience needs a validation set to watch; give validation.");
  }
  checkSeed(checked.seed, "train: seed");
  checkAugmentation(checked);
  checkHardware(checked.hardware);
  lossByName(checked.loss);
  return checked;
}

function checkAugmentation({ augment = [], augmentWorkers = 1, data }: TrainingOptions): void {
  if (!Number.isInteger(augmentWorkers) || augmentWorkers < 0 || augmentWorkers > 64) {
    throw new SpikevineError(`train: augmentWorkers is ${augmentWorkers}; give a whole number from 0 to 64.`);
  }
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

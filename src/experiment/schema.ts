import { z } from "zod";
import { encoders } from "../../encoders/index.js";
import { neurons, surrogates } from "../../neurons/index.js";
import { INTERVAL_PATTERN } from "../checkpoint/interval.js";
import { datasetNames } from "../data/index.js";
import { deviceNames } from "../device/index.js";
import { LARGEST_SEED } from "../random/seed.js";
import { count, field, names, oneOf, quantity } from "./schema-field.js";
import { hardware, training } from "./training-schema.js";

/** Form of the name of data. */
const DATA_FORM = `one of ${datasetNames.join(", ")}, or a path such as ./my-data`;

/** Default of the field of the rate encoder; the other encoders ignore it. */
export const MAX_RATE = encoders.rate!().parameters.maxRate!.value;

const THE_ENCODERS = "the encoder's";
const THE_NEURONS = "the neuron's";

const data = z
  .strictObject({
    name: field(
      z.string().min(1).max(4096).default("digits"),
      "data",
      `data set: ${datasetNames.join(", ")}; digits are synthetic, the others are read from files or downloaded. Or a path: a file (CSV, .npy, .npz, IDX, .safetensors), a folder (N-MNIST, CIFAR-10, pictures by class), or an archive (N-MNIST)`,
    ).meta({ expects: DATA_FORM }),
    dir: field(
      z.string().min(1).nullable().default(null),
      "data-dir",
      "folder with the files of the data set, as they are published",
      "search",
    ),
    images: field(
      z.string().min(1).nullable().default(null),
      "images",
      "array with the samples in an .npz or .safetensors file",
      "the only one beside the labels",
    ),
    labels: field(
      z.string().min(1).nullable().default(null),
      "labels",
      "labels of the samples: a column of a CSV file (name, or number from 1), an array of an .npz or .safetensors file, or the file of labels for .npy and IDX",
      "none",
    ),
    shape: field(
      z.array(count).min(2).max(3).nullable().default(null),
      "shape",
      "shape of an image whose values are a row, e.g. 28,28 or 3,32,32",
      "the file's",
    ).meta({ expects: "[height, width] or [channels, height, width], e.g. 28,28" }),
    scale: field(
      z.number().gt(0).nullable().default(null),
      "scale",
      "value that is read as 1, e.g. 16; 255 for bytes and 1 for other numbers if it is left out",
      "by type",
    ),
    testData: field(
      z.string().min(1).max(4096).nullable().default(null),
      "test-data",
      "file of the test samples, of the same form as --data",
      "none",
    ),
    testLabels: field(
      z.string().min(1).nullable().default(null),
      "test-labels",
      "labels of the test samples, if they are called otherwise than those of --data",
      "as --labels",
    ),
    testShare: field(
      z.number().gt(0).max(1).nullable().default(null),
      "test-share",
      "share of the samples of every class that is kept for the test; it does not depend on the seed; 0.2 for a file without test samples",
      "default",
    ),
    classes: field(
      z
        .array(z.union([z.int().min(0).max(255), z.string().min(1)]))
        .min(1)
        .nullable()
        .default(null),
      "classes",
      "classes to use, by number or name, e.g. 3,5; the first becomes class 0",
      "all",
    ).meta({ expects: "numbers or names of classes, e.g. 3,5" }),
    balance: field(
      z.boolean().default(false),
      "balance",
      "train on as many samples of every class as the smallest class has",
    ),
    normalize: field(
      names("off", "standard", "range").default("off"),
      "normalize",
      "shift and scale every value by the training samples: to mean 0 and deviation 1 (standard), or to 0 to 1 (range)",
    ),
    train: field(count.nullable().default(null), "train-samples", "number of training samples to use", "all"),
    test: field(count.nullable().default(null), "test-samples", "number of test samples to use", "all"),
    validation: field(
      z.int().min(0).default(0),
      "validation-samples",
      "training samples held out for validation after each epoch; with 0, the test set is used instead",
    ),
    events: field(
      names("spikes", "counts").default("spikes"),
      "events",
      "input of a pixel from the events of a step: spikes (1 if there is any) or counts; a step is as long as --dt",
    ),
  })
  .prefault({})
  .meta({ title: "Data" });

const augmentation = z
  .strictObject({
    rotation: field(
      z.number().min(0).max(180).default(0),
      "augment-rotation",
      "rotate training images by a random angle of up to this many degrees",
    ),
    scale: field(
      z.number().min(0).max(0.9).default(0),
      "augment-scale",
      "scale training images by a random fraction of up to this, e.g. 0.15 for 15 %, in width and height",
    ),
    shear: field(
      z.number().min(0).max(80).default(0),
      "augment-shear",
      "shear training images by a random angle of up to this many degrees",
    ),
    translation: field(
      z.number().min(0).max(1e4).default(0),
      "augment-translation",
      "shift training images by a random distance of up to this many pixels",
    ),
    alpha: field(
      z.number().min(0).max(1e6).default(0),
      "augment-alpha",
      "strength of elastic deformation of training images (Simard et al. 2003), e.g. 34; 0 is none",
    ),
    sigma: field(
      z.number().min(0.5).max(1e4).default(4),
      "augment-sigma",
      "smoothness of the elastic deformation: standard deviation of its filter, pixels",
    ),
  })
  .prefault({})
  .meta({ title: "Augmentation" });

const encoder = z
  .strictObject({
    name: field(
      oneOf(encoders).default("rate"),
      "encoder",
      "encoding of a pixel's intensity as spikes or as a current",
    ),
    maxRate: field(
      z.number().gt(0).max(1).default(MAX_RATE),
      "max-rate",
      "rate encoder: probability of a spike per step at full intensity",
    ),
    rate: field(
      quantity.nullable().default(null),
      "frequency",
      'poisson encoder: firing rate at full intensity, e.g. "100 Hz"',
      THE_ENCODERS,
    ),
    gain: field(
      z.number().nullable().default(null),
      "gain",
      "constantCurrent encoder: current at full intensity",
      THE_ENCODERS,
    ),
    window: field(
      quantity.nullable().default(null),
      "window",
      "latency encoder: time within which every pixel above the minimum fires",
      THE_ENCODERS,
    ),
    minimum: field(
      z.number().nullable().default(null),
      "minimum",
      "latency encoder: pixels of this intensity or less do not fire",
      THE_ENCODERS,
    ),
  })
  .prefault({})
  .meta({ title: "Encoder" });

const network = z
  .strictObject({
    neuron: field(oneOf(neurons).default("snu"), "neuron", "neuron model of every layer"),
    outputNeuron: field(
      oneOf(neurons).nullable().default(null),
      "output-neuron",
      "neuron model of the last layer, with its own defaults; same: that of --neuron",
      "same",
    ),
    hidden: field(
      z.array(count).max(64).default([256, 256, 256]),
      "hidden",
      "number of units of each hidden layer, from input to output",
    ),
    layers: field(
      z.string().min(1).max(1000).nullable().default(null),
      "layers",
      'hidden layers in short form, e.g. "15C5-AP2-40C5-AP2-300": convolution to 15 channels with 5 x 5 pixels, average pooling (SP: sum, MP: maximum), dense; 96C3s2p1 has stride 2 and padding 1. The output layer is added',
      "those of hidden",
    ),
    steps: field(count.default(20), "steps", "time steps per sample in training"),
    dt: field(z.number().gt(0).default(1), "dt", "length of a time step, ms"),
    decay: field(
      z.number().min(0).max(1).nullable().default(null),
      "decay",
      "snu, ssnu: factor by which the state decays per step",
      THE_NEURONS,
    ),
    tau: field(
      quantity.nullable().default(null),
      "tau",
      'lif, li, alif: membrane time constant, e.g. "20 ms"',
      THE_NEURONS,
    ),
    beta: field(
      z.number().nullable().default(null),
      "beta",
      "leaky, synaptic, alpha, rLeaky: factor by which the potential decays per step; alif: increase of the threshold",
      THE_NEURONS,
    ),
    alpha: field(
      z.number().min(0).max(1).nullable().default(null),
      "alpha",
      "synaptic, alpha: factor by which the synaptic current decays per step",
      THE_NEURONS,
    ),
    threshold: field(quantity.nullable().default(null), "threshold", "state above which a neuron fires", THE_NEURONS),
    trainableThreshold: field(
      names("unit", "channel", "layer", "fixed").nullable().default(null),
      "trainable-threshold",
      "train one threshold per unit, per channel of an image, one per layer, or none",
      THE_NEURONS,
    ),
    activation: field(
      z.string().nullable().default(null),
      "activation",
      "snu, ssnu: activation function of the state (relu, identity, leakyRelu)",
      THE_NEURONS,
    ),
    reset: field(
      z.string().nullable().default(null),
      "reset",
      "reset of the state after a spike (zero, subtract; snu: proportional; lif: soft; leaky and its kin: none)",
      THE_NEURONS,
    ),
    detachReset: field(
      z.boolean().nullable().default(null),
      "detach-reset",
      "keep derivatives from passing through the reset",
      THE_NEURONS,
    ),
    surrogate: field(
      oneOf(surrogates).nullable().default(null),
      "surrogate",
      "surrogate gradient: derivative that replaces that of the spike",
      THE_NEURONS,
    ),
    initializer: field(
      names("firing", "glorot", "he").default("firing"),
      "initializer",
      "distribution of the initial weights and of random feedback; firing makes every layer fire, glorot and he are uniform",
    ),
    bias: field(z.boolean().default(false), "bias", "train a bias (a constant input current) for every unit"),
    recurrent: field(
      z.boolean().default(false),
      "recurrent",
      "connect every hidden layer to itself, with a delay of one step",
    ),
    dropout: field(z.number().min(0).lt(1).default(0), "dropout", "probability of dropping a hidden unit in training"),
    readout: field(
      names("count", "rate", "last-output", "last-state").default("count"),
      "readout",
      "value that is read out of the output layer: spike count or rate, or the output or state of the last step",
    ),
    unitsPerClass: field(
      count.max(10000).default(1),
      "units-per-class",
      "population coding: output units per class, whose spike counts or rates are summed",
    ),
  })
  .prefault({})
  .meta({ title: "Network" });

const evaluation = z
  .strictObject({
    steps: field(
      count.nullable().default(null),
      "test-steps",
      "time steps per sample in the final test",
      "as in training",
    ),
  })
  .prefault({})
  .meta({ title: "Test" });

const checkpoint = z
  .strictObject({
    every: field(
      z.string().regex(INTERVAL_PATTERN).nullable().default("30 s"),
      "checkpoint-every",
      "time, batches or epochs between checkpoints for --resume; off: only at the end and when stopped",
      "off",
    ).meta({ expects: 'a time, batches or epochs, e.g. "30 s", "500 batches" or "1 epoch"' }),
    keep: field(count.max(1000).default(3), "keep-checkpoints", "number of newest checkpoints to keep"),
  })
  .prefault({})
  .meta({ title: "Checkpoints" });

const run = {
  module: field(
    z.string().min(1).max(4096).nullable().default(null),
    "module",
    "TypeScript or JavaScript file that exports data, neuron, outputNeuron, encoder, loss or layers; it is run",
    "none",
  ),
  moduleHash: field(
    z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .nullable()
      .default(null),
    "module-hash",
    "SHA-256 of the module; another one is refused",
    "none",
  ).meta({ expects: "64 hexadecimal digits" }),
  device: field(
    z.enum(["auto", ...deviceNames]).default("auto"),
    "device",
    "device that computes; `spikevine doctor` lists them",
  ),
  threads: field(count.max(64).nullable().default(null), "threads", "threads of the simd device", "one per core"),
  seed: field(
    z.int().min(0).max(LARGEST_SEED).default(1),
    "seed",
    "seed of the random weights, spikes and sample order; the same seed gives the same results",
  ),
  out: field(z.string().min(1).default("runs"), "out", "folder in which the run folder is created"),
  logLevel: field(
    names("silent", "error", "warn", "info", "debug", "trace").default("info"),
    "log-level",
    "verbosity of the terminal and the log; debug shows the log beside the progress",
  ),
};

/**
 * The one schema of an experiment. A flag, a field of an experiment file and a field given to the API are the same thing:
 * `meta.flag` is the field's name on the command line, the description is its line of help, and its default lives here.
 * A field that may be left out is null by default. `meta.absent` is the word for null on the command line, and `meta.expects`
 * describes valid values if the type does not.
 */
export const experimentSchema = z.strictObject({
  data,
  augmentation,
  encoder,
  network,
  training,
  hardware,
  evaluation,
  checkpoint,
  ...run,
});

/** An experiment as a person writes it; fields that are left out have their defaults. */
export type ExperimentInput = z.input<typeof experimentSchema>;

/** An experiment with every field present. */
export type Experiment = z.output<typeof experimentSchema>;

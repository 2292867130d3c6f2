import { z } from "zod";
import { encoders } from "../../encoders/index.js";
import { neurons, surrogates } from "../../neurons/index.js";
import { INTERVAL_PATTERN } from "../checkpoint/interval.js";
import { datasetNames } from "../data/index.js";
import { deviceNames } from "../device/index.js";
import { LARGEST_SEED } from "../random/seed.js";
import { count, field, names, oneOf, quantity } from "./schema-field.js";
import { hardware, training } from "./training-schema.js";

/** Default of the rate code's field; it says nothing to the other encoders. */
export const MAX_RATE = encoders.rate!().parameters.maxRate!.value;

const THE_ENCODERS = "the encoder's";
const THE_NEURONS = "the neuron's";

const data = z
  .strictObject({
    name: field(
      z.enum(datasetNames).default("digits"),
      "data",
      "data set; digits are made here, the others read or downloaded",
    ),
    dir: field(
      z.string().min(1).nullable().default(null),
      "data-dir",
      "folder with the IDX files, gzipped or plain",
      "search",
    ),
    train: field(count.nullable().default(null), "train-samples", "training samples to use", "all"),
    test: field(count.nullable().default(null), "test-samples", "test samples to use", "all"),
    validation: field(
      z.int().min(0).default(0),
      "validation-samples",
      "training samples held out to validate on; with 0 every epoch is measured on the test set",
    ),
  })
  .prefault({})
  .meta({ title: "Data" });

const augmentation = z
  .strictObject({
    rotation: field(
      z.number().min(0).max(180).default(0),
      "augment-rotation",
      "turn every training image anew in every epoch, by up to so many degrees",
    ),
    scale: field(
      z.number().min(0).max(0.9).default(0),
      "augment-scale",
      "change its width and its height by up to this share, e.g. 0.15",
    ),
    shear: field(z.number().min(0).max(80).default(0), "augment-shear", "slant it by up to so many degrees"),
    translation: field(
      z.number().min(0).max(1e4).default(0),
      "augment-translation",
      "shift it by up to so many pixels",
    ),
    alpha: field(
      z.number().min(0).max(1e6).default(0),
      "augment-alpha",
      "augment it elastically (Simard et al. 2003), e.g. 34; 0 does not",
    ),
    sigma: field(
      z.number().min(0.5).max(1e4).default(4),
      "augment-sigma",
      "pixels over which the elastic deformation is smooth",
    ),
  })
  .prefault({})
  .meta({ title: "Augmentation" });

const encoder = z
  .strictObject({
    name: field(oneOf(encoders).default("rate"), "encoder", "how a pixel becomes spikes or a current"),
    maxRate: field(
      z.number().gt(0).max(1).default(MAX_RATE),
      "max-rate",
      "rate: probability of a spike in one step at full intensity",
    ),
    rate: field(
      quantity.nullable().default(null),
      "frequency",
      'poisson: rate at full intensity, e.g. "100 Hz"',
      THE_ENCODERS,
    ),
    gain: field(
      z.number().nullable().default(null),
      "gain",
      "constantCurrent: current at full intensity",
      THE_ENCODERS,
    ),
    window: field(
      quantity.nullable().default(null),
      "window",
      "latency: time by which the faintest pixel has fired",
      THE_ENCODERS,
    ),
    minimum: field(
      z.number().nullable().default(null),
      "minimum",
      "latency: pixels at or below it do not fire",
      THE_ENCODERS,
    ),
  })
  .prefault({})
  .meta({ title: "Encoder" });

const network = z
  .strictObject({
    neuron: field(oneOf(neurons).default("snu"), "neuron", "neuron of every layer"),
    outputNeuron: field(
      oneOf(neurons).nullable().default(null),
      "output-neuron",
      "neuron of the last layer, with its own defaults",
      "that of every layer",
    ),
    hidden: field(
      z.array(count).max(64).default([256, 256, 256]),
      "hidden",
      "units of the hidden layers, from the input up",
    ),
    steps: field(count.default(20), "steps", "time steps that a sample is shown for in training"),
    dt: field(z.number().gt(0).default(1), "dt", "length of a time step, ms"),
    decay: field(
      z.number().min(0).max(1).nullable().default(null),
      "decay",
      "snu, ssnu: part of the state that is left after a step",
      THE_NEURONS,
    ),
    tau: field(quantity.nullable().default(null), "tau", 'lif, li: membrane time constant, e.g. "20 ms"', THE_NEURONS),
    threshold: field(quantity.nullable().default(null), "threshold", "state above which the neuron fires", THE_NEURONS),
    trainableThreshold: field(
      names("unit", "layer", "fixed").nullable().default(null),
      "trainable-threshold",
      "train one threshold a unit, one a layer, or none",
      THE_NEURONS,
    ),
    activation: field(
      z.string().nullable().default(null),
      "activation",
      "snu, ssnu: activation of the state (relu, identity, leakyRelu)",
      THE_NEURONS,
    ),
    reset: field(
      z.string().nullable().default(null),
      "reset",
      "what a spike does to the state (zero, subtract, proportional; lif: zero, subtract, soft)",
      THE_NEURONS,
    ),
    surrogate: field(
      oneOf(surrogates).nullable().default(null),
      "surrogate",
      "derivative that stands in for that of the spike",
      THE_NEURONS,
    ),
    initializer: field(
      names("firing", "glorot", "he").default("firing"),
      "initializer",
      "distribution of the initial weights and of random feedback: one that makes every layer fire, or a uniform one",
    ),
    bias: field(z.boolean().default(false), "bias", "train a constant current into every unit"),
    recurrent: field(z.boolean().default(false), "recurrent", "connect hidden layers to themselves, one step delayed"),
    dropout: field(
      z.number().min(0).lt(1).default(0),
      "dropout",
      "probability of dropping a hidden unit (graded outputs only)",
    ),
    readout: field(
      names("count", "rate", "last-output", "last-state").default("count"),
      "readout",
      "what the last layer says",
    ),
  })
  .prefault({})
  .meta({ title: "Network" });

const evaluation = z
  .strictObject({
    steps: field(
      count.nullable().default(null),
      "test-steps",
      "time steps that a sample is shown for in the final test",
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
      "how often everything is saved that --resume needs; off: only when stopped and at the end",
      "off",
    ).meta({ expects: 'a time, batches or epochs, e.g. "30 s", "500 batches" or "1 epoch"' }),
    keep: field(count.max(1000).default(3), "keep-checkpoints", "newest checkpoints that are kept"),
  })
  .prefault({})
  .meta({ title: "Checkpoints" });

const run = {
  device: field(z.enum(["auto", ...deviceNames]).default("auto"), "device", "what computes; see `spikevine doctor`"),
  threads: field(count.max(64).nullable().default(null), "threads", "threads of the simd device", "one a core"),
  seed: field(
    z.int().min(0).max(LARGEST_SEED).default(1),
    "seed",
    "of weights, spikes and order: the same seed gives the same run",
  ),
  out: field(z.string().min(1).default("runs"), "out", "folder in which the run folder is made"),
  logLevel: field(
    names("silent", "error", "warn", "info", "debug", "trace").default("info"),
    "log-level",
    "what the terminal and the log tell; debug shows the log beside the progress",
  ),
};

/**
 * The one schema of an experiment. A flag, a field of an experiment file and a field given to the API are the same thing:
 * `meta.flag` is the field's name on the command line, the description is its line of help, and its default lives here.
 * A field that may be left out is null by default; `meta.absent` is the word that says so on the command line, and
 * `meta.expects` says what a good value is where the type does not.
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

/** An experiment as a person writes it: what is left out has its default. */
export type ExperimentInput = z.input<typeof experimentSchema>;

/** An experiment with every field present. */
export type Experiment = z.output<typeof experimentSchema>;

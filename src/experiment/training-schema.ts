import { z } from "zod";
import { losses } from "../../losses/index.js";
import { optimizers } from "../../plasticity/index.js";
import { TRAINING_DEFAULTS } from "../training/defaults.js";
import { LOSS_FORM } from "./loss-form.js";
import { count, field, names, oneOf } from "./schema-field.js";

/** A list of numbers by the name of a layer or array; the number follows an equals sign. */
const perArray = () =>
  z.array(
    z
      .string()
      .regex(/^[^=]+=[^=]+$/)
      .refine((text) => Number(text.split("=")[1]) >= 0),
  );

/** Training settings. */
export const training = z
  .strictObject({
    epochs: field(count.default(10), "epochs", "number of passes over the training samples"),
    batchSize: field(
      count.max(65536).default(TRAINING_DEFAULTS.batch),
      "batch-size",
      "samples per update of the weights",
    ),
    microBatchSize: field(
      count.max(65536).nullable().default(null),
      "micro-batch-size",
      "samples of a batch that are computed together; fewer take less memory, with the same results up to rounding",
      "the batch size",
    ),
    loss: field(
      z.string().min(1).nullable().default(null),
      "loss",
      `loss function that training minimizes: ${Object.keys(losses).join(", ")}; with options and added up: cross-entropy(of=v) + l2-penalty(weight=1e-4)`,
      "cross-entropy, of at most 20 spikes: counts of more steps are 20 times the rate",
    ).meta({ expects: LOSS_FORM }),
    reduction: field(
      names("batch", "mean", "sum").default(TRAINING_DEFAULTS.reduction),
      "reduction",
      "reduction of the loss over a batch. batch: mean over samples; mean: a squared error is also averaged over outputs; sum: no mean",
    ),
    optimizer: field(oneOf(optimizers).default("adam"), "optimizer", "optimizer of the weights"),
    learningRate: field(
      z.number().gt(0).nullable().default(null),
      "learning-rate",
      "learning rate: size of an update of the weights",
      "the optimizer's",
    ),
    integrator: field(
      names("semi-implicit", "exact", "forward-euler").nullable().default(null),
      "integrator",
      "bio-adam: integration method of its variables m and rho",
      "the optimizer's",
    ),
    interval: field(
      z.number().gt(0).nullable().default(null),
      "interval",
      "bio-adam: time between two updates, in the unit of its time constants",
      "the optimizer's",
    ),
    predisposition: field(
      z.number().gt(0).nullable().default(null),
      "predisposition",
      "bio-adam: absolute weight above which growth is slowed down",
      "off",
    ),
    grapes: field(
      names("off", "propagating", "local", "uniform", "shuffled").default("propagating"),
      "grapes",
      "GRAPES: scale errors by node importance; propagating and local are its variants, uniform and shuffled are controls",
    ),
    grapesBound: field(
      names("below", "none").default("below"),
      "grapes-bound",
      "GRAPES: bound of the factors. below: at least 1; none: from 0 to 2",
    ),
    grapesGrouping: field(
      names("incoming", "outgoing").default("incoming"),
      "grapes-grouping",
      "GRAPES: weights that determine the importance of a unit, its incoming or its outgoing ones",
    ),
    grapesDropped: field(
      names("modulated", "unmodulated").default("modulated"),
      "grapes-dropped",
      "GRAPES: whether factors also apply to units that dropout removes for the first sample of a batch",
    ),
    credit: field(
      names(
        "backpropagation",
        "feedback-alignment",
        "direct-feedback-alignment",
        "indirect-feedback-alignment",
        "predisposition",
      ).default(TRAINING_DEFAULTS.credit),
      "credit",
      "credit assignment: errors reach hidden layers through the transposed weights, or through random or aligned feedback weights",
    ),
    spikeGradient: field(
      names("surrogate", "neighborhood-aggregation").default("surrogate"),
      "spike-gradient",
      "gradient of spikes: the surrogate of the neuron, or effects of flipped spikes",
    ),
    neighborPower: field(
      z.number().gt(0).default(1),
      "neighbor-power",
      "neighborhood aggregation: power of the distance of the potential from the threshold that divides effects",
    ),
    neighborLargest: field(
      z.number().gt(0).default(10),
      "neighbor-largest",
      "neighborhood aggregation: largest factor of an effect",
    ),
    neighborSmoothing: field(
      z.number().min(0).lt(1).default(0),
      "neighbor-smoothing",
      "neighborhood aggregation: decay per step of a filter on differences of spike trains",
    ),
    neighborRescaled: field(
      z.boolean().default(false),
      "neighbor-rescaled",
      "neighborhood aggregation: scale the effects of each layer to the size of the last layer's",
    ),
    schedule: field(
      names("constant", "cosine", "step").default("cosine"),
      "schedule",
      "schedule of the learning rate; step halves it three times",
    ),
    weightDecay: field(
      z.number().min(0).nullable().default(null),
      "weight-decay",
      "decay of the weights and recurrent weights; adam-w: decoupled, the others: L2 regularization",
      "the optimizer's",
    ),
    frozen: field(
      z.array(z.string().min(1)).default([]),
      "frozen",
      "layers and arrays that training leaves unchanged, e.g. layer1,layer2.threshold",
    ),
    learningRates: field(
      perArray().default([]),
      "learning-rates",
      "learning rates of layers and arrays in place of --learning-rate, e.g. layer1=0.01,bias=0.1",
    ).meta({ expects: "a list, each NAME=RATE, e.g. layer1=0.01" }),
    weightDecays: field(
      perArray().default([]),
      "weight-decays",
      "weight decays of layers and arrays in place of --weight-decay, e.g. layer3=0,bias=0.001",
    ).meta({ expects: "a list, each NAME=DECAY, e.g. layer3=0" }),
    zeroGradient: field(
      names("stop", "continue").default(TRAINING_DEFAULTS.onZeroGradient),
      "zero-gradient",
      "action if every gradient of a layer is exactly 0 for a whole epoch",
    ),
    maxGradNorm: field(
      z.number().gt(0).nullable().default(null),
      "max-grad-norm",
      "clip the gradient of an update to this norm",
      "off",
    ),
    weightLimit: field(
      z.number().gt(0).nullable().default(null),
      "weight-limit",
      "largest size of a weight, to which it is cut after every update",
      "off",
    ),
    truncationSteps: field(
      count.nullable().default(null),
      "truncation-steps",
      "time steps over which errors are backpropagated (truncated BPTT)",
      "all",
    ),
    patience: field(
      count.nullable().default(null),
      "patience",
      "stop after this many epochs without a better validation accuracy",
      "off",
    ),
    keepBest: field(
      z.boolean().default(false),
      "keep-best",
      "test and save the weights of the epoch of the best validation accuracy instead of the last",
    ),
  })
  .prefault({})
  .meta({ title: "Training" });

/** Hardware constraints of training. */
export const hardware = z
  .strictObject({
    updateNoise: field(
      z.number().min(0).default(0),
      "update-noise",
      "standard deviation of the noise on every change of a weight",
    ),
    updateNoiseKind: field(
      names("relative", "absolute").default("relative"),
      "update-noise-kind",
      "scale of the update noise: relative to the change, or absolute",
    ),
    activationNoise: field(
      z.number().min(0).default(0),
      "activation-noise",
      "standard deviation of the noise on the input current of every unit and step in training",
    ),
    weightBits: field(
      z.int().min(1).max(16).nullable().default(null),
      "weight-bits",
      "quantize weights to this many bits",
      "off",
    ),
    weightRange: field(
      z.number().gt(0).nullable().default(null),
      "weight-range",
      "largest absolute weight with --weight-bits; initial: four times the largest initial weight",
      "initial",
    ),
  })
  .prefault({})
  .meta({ title: "Hardware" });

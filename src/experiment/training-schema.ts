import { z } from "zod";
import { optimizers } from "../../plasticity/index.js";
import { TRAINING_DEFAULTS } from "../training/defaults.js";
import { losses } from "../training/losses/index.js";
import { count, field, names, oneOf } from "./schema-field.js";

/** How a network is trained. */
export const training = z
  .strictObject({
    epochs: field(count.default(10), "epochs", "times that every sample is shown"),
    batchSize: field(count.max(65536).default(TRAINING_DEFAULTS.batch), "batch-size", "samples in one update"),
    loss: field(oneOf(losses).default(TRAINING_DEFAULTS.loss), "loss", "what training makes small"),
    reduction: field(
      names("batch", "mean", "sum").default(TRAINING_DEFAULTS.reduction),
      "reduction",
      "batch: mean over samples; mean: of a squared error over outputs too; sum: neither",
    ),
    optimizer: field(oneOf(optimizers).default("adam"), "optimizer", "plasticity rule of every synapse"),
    learningRate: field(
      z.number().gt(0).nullable().default(null),
      "learning-rate",
      "size of an update",
      "the optimizer's",
    ),
    integrator: field(
      names("semi-implicit", "exact", "forward-euler").nullable().default(null),
      "integrator",
      "bio-adam: how m and rho are taken from update to update",
      "the optimizer's",
    ),
    interval: field(
      z.number().gt(0).nullable().default(null),
      "interval",
      "bio-adam: time between two updates",
      "the optimizer's",
    ),
    predisposition: field(
      z.number().gt(0).nullable().default(null),
      "predisposition",
      "bio-adam: size of weight from which on growing is harder than shrinking",
      "off",
    ),
    grapes: field(
      names("off", "propagating", "local", "uniform", "shuffled").default("propagating"),
      "grapes",
      "scale errors by node importance (GRAPES), or one of its controls",
    ),
    grapesBound: field(
      names("below", "none").default("below"),
      "grapes-bound",
      "below: no factor under 1; none: factors from 0 to 2",
    ),
    grapesGrouping: field(
      names("incoming", "outgoing").default("incoming"),
      "grapes-grouping",
      "weights that make a unit important: those into it, or those out of it",
    ),
    grapesDropped: field(
      names("modulated", "unmodulated").default("modulated"),
      "grapes-dropped",
      "units that dropout leaves out for the first sample of a batch",
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
      "how errors reach hidden layers: through the weights, random ones, or ones that become like them",
    ),
    schedule: field(
      names("constant", "cosine", "step").default("cosine"),
      "schedule",
      "how the learning rate goes on; step halves it three times",
    ),
    weightDecay: field(z.number().min(0).default(0), "weight-decay", "L2 regularization of the weights"),
    zeroGradient: field(
      names("stop", "continue").default(TRAINING_DEFAULTS.onZeroGradient),
      "zero-gradient",
      "what to do when every gradient of a layer is exactly 0 for a whole epoch",
    ),
    maxGradNorm: field(
      z.number().gt(0).nullable().default(null),
      "max-grad-norm",
      "largest norm of an update's gradient",
      "off",
    ),
    truncationSteps: field(
      count.nullable().default(null),
      "truncation-steps",
      "steps that an error travels back in time",
      "all",
    ),
    patience: field(
      count.nullable().default(null),
      "patience",
      "epochs without a better validation accuracy to stop after",
      "off",
    ),
  })
  .prefault({})
  .meta({ title: "Training" });

/** What it is trained under. */
export const hardware = z
  .strictObject({
    updateNoise: field(z.number().min(0).default(0), "update-noise", "deviation of noise on every change of a weight"),
    updateNoiseKind: field(
      names("relative", "absolute").default("relative"),
      "update-noise-kind",
      "whether that is a part of the change, or in units of the weight",
    ),
    activationNoise: field(
      z.number().min(0).default(0),
      "activation-noise",
      "deviation of noise on the current of every unit and step in training",
    ),
    weightBits: field(
      z.int().min(1).max(16).nullable().default(null),
      "weight-bits",
      "weights have two to the power of this many values",
      "off",
    ),
    weightRange: field(
      z.number().gt(0).nullable().default(null),
      "weight-range",
      "largest size of a weight with --weight-bits; default: four times the initial ones'",
      "initial",
    ),
  })
  .prefault({})
  .meta({ title: "Hardware" });

import {
  type BioAdamOptions,
  bioAdam,
  type GrapesOptions,
  grapes,
  type Modulation,
  type Optimizer,
  type OptimizerDefinition,
  optimizers,
  weightDecay,
} from "../../plasticity/index.js";
import { optimizerChain } from "../../plasticity/optimizer.js";
import { SpikevineError } from "../errors.js";
import { checkCredit } from "../training/credit/credit-assignment.js";
import { checkHardware } from "../training/hardware/options.js";
import type { Hardware } from "../training/index.js";
import { modulationPlan } from "../training/modulation/modulation-plan.js";
import { type ArraySettings, arrayChoices } from "../training/plan/array-settings.js";
import { checkMicroBatches } from "../training/plan/micro-batches.js";
import { buildNetwork } from "./build.js";
import { isPath } from "./data-name.js";
import { ownParts } from "./own-module.js";
import type { Experiment } from "./schema.js";

/**
 * Optimizer with its gradient transforms: GRAPES or one of its controls, and weight decay.
 * @throws SpikevineError for an option that the optimizer does not have.
 */
export function buildRule({ training }: Experiment): Optimizer {
  const rule = buildOptimizer(training);
  return [
    ...buildModulation(training),
    ...buildDecay(training, rule),
    rule.with({
      ...(training.learningRate === null ? {} : { learningRate: training.learningRate }),
      ...(training.weightDecay === null || !decaysItself(rule) ? {} : { weightDecay: training.weightDecay }),
    }),
  ];
}

const decaysItself = (rule: OptimizerDefinition): boolean => Object.hasOwn(rule.parameters, "weightDecay");

/** The transform that decays weights, if any of them decays and the optimizer does not do it. */
function buildDecay({ weightDecay: decay, weightDecays }: Experiment["training"], rule: OptimizerDefinition) {
  const isOn = (decay ?? 0) > 0 || weightDecays.length > 0;
  return isOn && !decaysItself(rule) ? [weightDecay(decay ?? 0)] : [];
}

/** Settings of single layers and arrays. */
export function arraySettings({ frozen, learningRates, weightDecays }: Experiment["training"]): ArraySettings {
  const values = (entries: readonly string[]): Record<string, number> =>
    Object.fromEntries(entries.map((entry) => entry.split("=")).map(([name, value]) => [name, Number(value)]));
  return {
    ...(frozen.length === 0 ? {} : { frozen }),
    ...(learningRates.length === 0 ? {} : { learningRates: values(learningRates) }),
    ...(weightDecays.length === 0 ? {} : { weightDecays: values(weightDecays) }),
  };
}

function buildOptimizer({
  optimizer,
  integrator,
  interval,
  predisposition,
}: Experiment["training"]): OptimizerDefinition {
  if (optimizer === "bio-adam") {
    return bioAdam({
      ...(integrator === null ? {} : { integrator: integrator as NonNullable<BioAdamOptions["integrator"]> }),
      ...(interval === null ? {} : { interval }),
      ...(predisposition === null ? {} : { predisposition: { temperature: predisposition } }),
    });
  }
  for (const [name, value] of Object.entries({ integrator, interval, predisposition })) {
    if (value !== null) {
      throw new SpikevineError(
        `training: ${name} is ${value}, but ${optimizer} does not have this option; use the optimizer bio-adam.`,
      );
    }
  }
  return optimizers[optimizer]!;
}

function buildModulation(training: Experiment["training"]): Modulation[] {
  const { grapes: name, grapesBound: bound, grapesGrouping: grouping, grapesDropped: dropped } = training;
  if (name === "off") {
    const defaults = grapes();
    if (bound === "none" || grouping !== defaults.grouping || dropped !== defaults.dropped) {
      throw new SpikevineError(
        `training: grapes is "off", but its options are set (bound "${bound}", grouping "${grouping}", dropped units "${dropped}"); leave them out, or switch GRAPES on.`,
      );
    }
    return [];
  }
  const kind: GrapesOptions = name === "propagating" || name === "local" ? { version: name } : { control: name };
  return [grapes({ ...kind, bound, grouping, dropped })];
}

/** Hardware constraints that are switched on. */
export function buildHardware({ hardware }: Experiment): Hardware {
  const { weightBits, weightRange, ...noise } = hardware;
  return {
    ...noise,
    ...(weightBits === null ? {} : { weightBits }),
    ...(weightRange === null ? {} : { weightRange }),
  };
}

/** Shapes and classes of the data that an experiment can name: images of MNIST's form, or recordings of N-MNIST in a folder. */
const IMAGE = [1, 28, 28] as const;
const RECORDING = [2, 34, 34] as const;
const CLASSES = 10;

/**
 * Checks that network, optimizer, credit assignment and hardware constraints of an experiment fit together, for any data.
 * @throws SpikevineError for the first that does not fit.
 */
export function checkExperiment(experiment: Experiment): void {
  const own = ownParts(experiment);
  // The shape that layers of one's own need, and that of data of one's own, is known when both are loaded.
  if (own.layers !== undefined || own.data !== undefined) return;
  const shape = isPath(experiment.data.name) ? RECORDING : IMAGE;
  const inputs = experiment.network.layers === null ? shape[0] * shape[1] * shape[2] : shape;
  const network = buildNetwork(experiment, inputs, CLASSES);
  const rule = buildRule(experiment);
  modulationPlan(network, optimizerChain(rule).modulation);
  checkCredit(experiment.training.credit, rule);
  arrayChoices(network, arraySettings(experiment.training));
  const { batchSize, microBatchSize, spikeGradient, neighborRescaled } = experiment.training;
  const isRescaled = spikeGradient === "neighborhood-aggregation" && neighborRescaled;
  checkMicroBatches(network, { batchSize, microBatchSize: microBatchSize ?? batchSize, isRescaled });
  checkHardware([buildHardware(experiment)]);
}

import { neuronsOf } from "../../../networks/graph.js";
import type { Network, Parameter } from "../../../networks/network.js";
import { optimizerChain } from "../../../plasticity/optimizer.js";
import type { Operation, Plan, Procedure, TensorSpec } from "../../device/contract.js";
import { checkCredit, feedbackWeights, routes } from "../credit/credit-assignment.js";
import { evaluationLoss, evaluationProcedure } from "../evaluate.js";
import { inputForm } from "../loop/check-input.js";
import { GRADIENT_SQUARES, gradientSquares } from "../loop/zero-gradients.js";
import { type EvaluationLoss, type NetworkLoss, networkLoss, rowsOfTargets } from "../losses/index.js";
import { factorsOf, type ModulationPlan, modulationPlan } from "../modulation/modulation-plan.js";
import { effectSizes } from "../neighborhood/neighbor-errors.js";
import type { CheckedOptions } from "../options.js";
import { arrayChoices, checkArraySettings } from "./array-settings.js";
import { backward, gradientOf } from "./backward.js";
import { forward } from "./forward.js";
import { gradientSums } from "./micro-batches.js";
import { neededOperations } from "./needed-operations.js";
import { batchStatistics, parameterTensors, trainedArrays } from "./parameters.js";
import { type Updates, updates } from "./updates.js";

/** Tensor [1, 1]: the sum of squares of an array; not finite if any value of the array is not. */
export const squaresOf = (array: string): string => `${array}.squares`;

/** Samples per run of the evaluation after an epoch. */
const EVALUATION_BATCH = 100;

export interface TrainingPlan {
  readonly plan: Plan;
  readonly loss: NetworkLoss;
  /** Loss of the evaluation after an epoch, if there is a validation set. */
  readonly validationLoss: EvaluationLoss | undefined;
  readonly updates: Updates;
  readonly modulation: ModulationPlan;
  /** Initial feedback weights, if errors reach hidden layers through such weights. */
  readonly feedback: ReadonlyMap<string, Parameter>;
  /** Arrays that change and must stay finite, except weights that are checked by their importance. */
  readonly watched: readonly string[];
  /** Arrays that training changes: all but the frozen ones. */
  readonly trained: readonly string[];
  /** Arrays that outlive an update. Together with the number of updates they are the whole state of training. */
  readonly state: readonly string[];
  readonly evaluationBatch: number;
}

/** Procedure that ends the gradients of a batch that was computed in micro-batches. */
export const WHOLE_GRADIENTS = "wholeGradients";

/**
 * Training as data. Procedure `train` goes from pixels to gradients and, unless the gradient's norm is clipped, on to
 * the update. With clipping, the host reads the norm first and then runs `update`. Both end with the sums that the host
 * checks: the importance of units and the sum of squares of every array. With micro-batches, `train` adds the gradients of one
 * micro-batch to those before, and `WHOLE_GRADIENTS` goes on from there after the last one.
 */
export function trainingPlan(network: Network, options: CheckedOptions): TrainingPlan {
  const { modulation: wanted } = optimizerChain(options.optimizer);
  checkCredit(options.credit, options.optimizer);
  const choices = arrayChoices(network, options);
  checkArraySettings(options);
  const arrays = trainedArrays(network);
  const trained = arrays.filter((name) => !choices(name).frozen);
  const feedback = feedbackWeights(network, options.credit);
  const learned = options.credit === "predisposition" ? feedback : new Map<string, Parameter>();
  const modulation = modulationPlan(network, wanted);
  const factor = (layer: string) => factorsOf(modulation, layer);
  const clip = options.maxGradNorm !== undefined;
  const { hardware, seed } = options;
  const noise = hardware.activationNoise ?? 0;
  const loss = networkLoss(network, options.loss, options.reduction, rowsOfTargets(options.data));
  const { states } = loss;
  const input = inputForm(options.data);
  const { spikeGradient } = options;
  const spikes = spikeGradient === undefined ? {} : { neighborhood: spikeGradient };
  const pass = forward(network, {
    steps: network.steps,
    store: "adjoint",
    states,
    dropout: true,
    stream: false,
    isFrozen: (layer) => !trained.some((name) => name.startsWith(`${layer}.`)),
    noise,
    input,
    ...spikes,
  });
  const back = backward(network, pass, {
    loss: loss.plan,
    ...(options.truncationSteps === undefined ? {} : { truncate: options.truncationSteps }),
    factor: (layer) => (wanted?.version === "propagating" ? factor(layer) : undefined),
    routes: routes(options.credit, network),
    ...spikes,
  });
  const update = updates(network, options.optimizer, {
    clip,
    factorOf(layer) {
      const name = factor(layer);
      return name === undefined ? undefined : { name, columns: modulation.tensors[name]!.columns };
    },
    feedback: learned,
    hardware,
    seed,
    choices,
    weightLimit: options.weightLimit,
  });

  const tensors: Record<string, TensorSpec> = {
    ...parameterTensors(network),
    ...batchStatistics(network),
    ...pass.scaled.tensors(network),
    ...(spikeGradient?.rescaled ? effectSizes(neuronsOf(network).map(({ name }) => name)) : {}),
    ...update.tensors,
    ...modulation.tensors,
  };
  for (const [name, { rows, columns }] of feedback) tensors[name] = { rows, columns };
  const sumSquares = (array: string): Operation => {
    tensors[squaresOf(array)] = { rows: 1, columns: 1 };
    return { op: "reduce", kind: "squares", from: array, to: squaresOf(array) };
  };
  const watched = [...trained, ...learned.keys()].filter((name) => !modulation.seen.includes(name));
  const watch = [...watched, ...update.limits.map(({ tensor }) => tensor)].map(sumSquares);
  const norms = clip ? trained.map((name) => sumSquares(gradientOf(name))) : [];
  const ruleStates = update.operations.flatMap(({ states }) => Object.values(states));
  const state = [...network.parameters.keys(), ...ruleStates, ...feedback.keys()];
  const finish: Operation[] = [...update.operations, ...watch, ...modulation.sums];
  const frozen = arrays.filter((name) => !trained.includes(name));
  const onlyNeeded = (operations: readonly Operation[], signals: Procedure["signals"]) =>
    frozen.length === 0 ? { operations, signals } : neededOperations({ operations, signals }, frozen.map(gradientOf));
  const needed = onlyNeeded([...pass.operations, ...back], pass.signals);
  // These change the gradients of the whole batch.
  const adjusted = onlyNeeded([...loss.penalties.operations, ...modulation.scale], {}).operations;
  const isDivided = options.microBatchSize < options.batchSize;
  const sums = isDivided ? gradientSums(network, trained) : undefined;
  Object.assign(tensors, sums?.tensors);
  const end = [...adjusted, ...(clip ? norms : finish)];
  for (const operation of needed.operations) {
    if (operation.op !== "normalizeGradient") continue;
    // The error below needs this operation even if its gain or shift is frozen, and it writes both gradients.
    const { gain, gainGradient, shiftGradient } = operation;
    for (const gradient of [gainGradient, shiftGradient]) tensors[gradient] ??= tensors[gain]!;
  }
  const validationLoss = options.validation && evaluationLoss(network, options.loss, options.validation, network.steps);
  const evaluationBatch = Math.min(EVALUATION_BATCH, options.validation?.count ?? 1);
  const alone = { batch: 1, steps: 1, signals: {} };
  const zeroGradients = gradientSquares(trained);
  Object.assign(tensors, zeroGradients.tensors);
  const procedure = { batch: options.microBatchSize, steps: network.steps, signals: needed.signals };
  return {
    loss,
    validationLoss,
    plan: {
      tensors,
      procedures: {
        train: { ...procedure, operations: [...needed.operations, ...(sums?.add ?? end)] },
        ...(sums ? { [WHOLE_GRADIENTS]: { ...alone, operations: [...sums.finish, ...end] } } : {}),
        [GRADIENT_SQUARES]: { ...alone, operations: zeroGradients.operations },
        ...(clip ? { update: { ...alone, operations: finish } } : {}),
        ...(modulation.sums.length > 0 ? { importance: { ...alone, operations: modulation.sums } } : {}),
        ...(options.validation && validationLoss
          ? {
              evaluate: evaluationProcedure(
                network,
                evaluationBatch,
                network.steps,
                inputForm(options.validation),
                validationLoss,
              ),
            }
          : {}),
      },
    },
    updates: update,
    modulation,
    feedback,
    watched,
    trained,
    state,
    evaluationBatch,
  };
}

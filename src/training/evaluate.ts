import { NETWORK, type Network } from "../../networks/network.js";
import { callback, fields, optional, signal, signature, whole } from "../arguments/index.js";
import type { Dataset } from "../data/dataset.js";
import type { Input } from "../data/gather-input.js";
import { DATA, type StreamedDataset } from "../data/streamed/streamed-dataset.js";
import type { Device, Procedure, Program } from "../device/contract.js";
import { DEVICE, openDevice, refuseThreads, THREADS } from "../device/open.js";
import { DivergenceError } from "../errors.js";
import { SEED } from "../random/seed.js";
import { accuracyOf, argmax, type Batch, batchesOf, checkFit } from "./loop/batches.js";
import { type InputForm, inputForm, warnOfRange } from "./loop/check-input.js";
import { turns } from "./loop/yield-to-event-loop.js";
import {
  defaultLoss,
  EvaluationLoss,
  LOSS,
  type LossOption,
  namedValues,
  rowsOfTargets,
  type TermValues,
  termsField,
} from "./losses/index.js";
import { forward } from "./plan/forward.js";
import { needsBefore, VALUES_BEFORE } from "./plan/input.js";
import { parameterTensors, uploadParameters } from "./plan/parameters.js";
import { checkPresentation } from "./plan/presentation.js";

/** An evaluation draws spikes with epoch 0; training counts its epochs from 1. */
const EVALUATION_EPOCH = 0;
const LONGEST_RUN = 64;

export interface EvaluationResult {
  /** Fraction of samples whose largest read-out is that of the label, in [0, 1]; NaN for targets without labels. */
  readonly accuracy: number;
  /** Mean over samples of the losses with targets; a squared error is also averaged over outputs (and steps). */
  readonly loss: number;
  /**
   * Mean over samples of every term of a loss of several terms, by its name, times its weight: regularization and the penalties
   * of the weights too, which are not part of `loss`. Left out for a loss of one term.
   */
  readonly terms?: TermValues;
  readonly samples: number;
  /** Time steps per presentation. */
  readonly steps: number;
}

export interface EvaluationOptions {
  /** Time steps per presentation, at the same spike probability per step as in training. Default: the network's. */
  steps?: number;
  /** Samples per run. Default: 100. */
  batchSize?: number;
  /** Default: "auto". A device passed as an object stays open. */
  device?: string | Device;
  threads?: number;
  /** Seed of the encoder's draws. Default: the network's. */
  seed?: number;
  /** Default: that of training, for the steps of this evaluation. */
  loss?: LossOption;
  onBatch?(done: number, of: number): void;
  /** Called with one sentence if pixels are outside the range that the encoder codes. Default: ignored. */
  onWarning?(message: string): void;
  /**
   * Stops between two segments of a presentation. The result then covers the samples before; it is NaN if there are
   * none.
   */
  signal?: AbortSignal;
}

/** Options of an evaluation as an argument. */
export const EVALUATION_OPTIONS = fields<EvaluationOptions>(
  {
    steps: optional(whole(1)),
    batchSize: optional(whole(1)),
    device: optional(DEVICE),
    threads: optional(THREADS),
    seed: optional(SEED),
    loss: optional(LOSS),
    onBatch: optional(callback()),
    onWarning: optional(callback()),
    signal: optional(signal),
  },
  { root: "options" },
);

const check = signature("evaluate", { network: NETWORK, data: DATA, options: EVALUATION_OPTIONS });

/** Receives the result of every sample, in the order of the data set. `readout` is valid during the call. */
export type SampleSink = (sample: number, label: number, readout: Float32Array, loss: number) => void;

/**
 * Longest presentation that runs in one go if no length from 8 to 64 steps divides it evenly. A longer presentation is
 * split into many short runs.
 */
const LONGEST_IN_ONE = 1024;

/** Largest number of steps per run that divides a presentation evenly and is at most LONGEST_RUN. */
export function stepsPerRun(steps: number): number {
  let run = Math.min(steps, LONGEST_RUN);
  while (steps % run !== 0) run--;
  return run < 8 && steps <= LONGEST_IN_ONE ? steps : run;
}

/** The loss of an evaluation with presentations of `steps` steps. */
export const evaluationLoss = (
  network: Network,
  loss: LossOption,
  data: Dataset | StreamedDataset,
  steps: number,
): EvaluationLoss => new EvaluationLoss(network, loss, rowsOfTargets(data), steps, stepsPerRun(steps));

/** Procedure of an evaluation: a presentation of `steps` steps is split into several runs that carry the states. */
export function evaluationProcedure(
  network: Network,
  batch: number,
  steps: number,
  input: InputForm = "image",
  loss?: EvaluationLoss,
): Procedure {
  const run = stepsPerRun(steps);
  const states = (layer: string): readonly string[] => loss?.states(layer) ?? [];
  const pass = forward(network, { steps: run, store: "none", states, dropout: false, stream: true, input });
  loss?.addTo(pass);
  return { batch, steps: run, signals: pass.signals, operations: pass.operations };
}

/** Inputs of a run over some steps of a presentation. */
function windowSignals(batch: Batch, firstStep: number, steps: number, before: boolean): Record<string, Input> {
  if (!before) return { pixels: batch.window(firstStep, steps) };
  // A copy, since a window is valid until the next one. Before the presentation there is nothing.
  const row = batch.window(Math.max(0, firstStep - 1), 1).slice();
  return { [VALUES_BEFORE]: firstStep === 0 ? row.fill(0) : row, pixels: batch.window(firstStep, steps) };
}

/**
 * Runs a compiled evaluation procedure over a data set.
 * @throws SpikevineError naming the sample whose read-out is not finite.
 */
export async function runEvaluation(
  network: Network,
  program: Program,
  procedure: string,
  data: Dataset | StreamedDataset,
  options: { batch: number; steps: number; seed: number; loss: EvaluationLoss; signal?: AbortSignal | undefined },
  onBatch?: (done: number, of: number) => void,
  onSample?: SampleSink,
): Promise<EvaluationResult> {
  const { outputs } = network;
  const run = stepsPerRun(options.steps);
  const scale = network.readout.name === "rate" ? 1 / options.steps : 1;
  let correct = 0;
  let loss = 0;
  let done = 0;
  const { names } = options.loss;
  const sums = new Float64Array(names.length);
  const yieldToEventLoop = turns();
  const penalties = await options.loss.penalties(program);
  const means = () => {
    const terms = namedValues(
      names,
      sums.map((sum, i) => sum / done + penalties[i]!),
    );
    return { accuracy: accuracyOf(data, correct, done), loss: loss / done, ...termsField(terms), samples: done };
  };
  const before = needsBefore(network, inputForm(data));
  for await (const batch of batchesOf(data, options.batch, { ...network, steps: options.steps })) {
    for (let firstStep = 0; firstStep < options.steps; firstStep += run) {
      await program.run(procedure, {
        samples: batch.samples,
        signals: windowSignals(batch, firstStep, run, before),
        sampleIds: batch.sampleIds,
        seed: options.seed,
        epoch: EVALUATION_EPOCH,
        firstStep,
      });
      await options.loss.collect(program, procedure, batch.samples, firstStep);
      // A presentation may take hours, so yield to the event loop.
      await yieldToEventLoop();
      if (options.signal?.aborted) return { ...means(), steps: options.steps };
    }
    const readout = (await program.readSignal(procedure, "readout")).map((v) => v * scale);
    await options.loss.finish(program, procedure, readout);
    for (let b = 0; b < batch.samples; b++) {
      const said = readout.subarray(b * outputs, (b + 1) * outputs);
      const bad = said.findIndex((v) => !Number.isFinite(v));
      if (bad >= 0) {
        throw new DivergenceError(
          `evaluate: output ${bad} of ${network.layerNames.at(-1)} is ${said[bad]} for sample ${batch.sampleIds[b]} of "${data.name}"; the network's values exceed single precision: lower the learning rate or bound its outputs.`,
        );
      }
      const label = argmax(said, 0, outputs);
      if (label === batch.labels[b]) correct++;
      const reported = options.loss.of(b, batch.target, sums);
      loss += reported;
      onSample?.(done + b, label, said, reported);
    }
    done += batch.samples;
    onBatch?.(done, data.count);
    await yieldToEventLoop();
    if (options.signal?.aborted) break;
  }
  return { ...means(), steps: options.steps };
}

/**
 * Accuracy and loss of a network on a data set.
 * @throws SpikevineError if the data do not fit the network or an option is out of range.
 */
export async function evaluate(
  network: Network,
  data: Dataset | StreamedDataset,
  options: EvaluationOptions = {},
): Promise<EvaluationResult> {
  check([network, data, options]);
  return evaluateSamples("evaluate", network, data, options);
}

/** Evaluates a network on a device of its own or the given one; `where` is the name of the public function. */
export async function evaluateSamples(
  where: string,
  network: Network,
  data: Dataset | StreamedDataset,
  options: EvaluationOptions,
  onSample?: SampleSink,
): Promise<EvaluationResult> {
  refuseThreads(where, options.device, options.threads);
  const steps = options.steps ?? network.steps;
  checkFit(data, network, steps);
  checkPresentation(network);
  warnOfRange(data, network, options.onWarning);
  const batch = Math.min(options.batchSize ?? 100, data.count);
  const given = typeof options.device === "object" ? options.device : undefined;
  const device =
    given ??
    (
      await openDevice(
        options.device as string | undefined,
        options.threads === undefined ? {} : { threads: options.threads },
      )
    ).device;
  try {
    const loss = evaluationLoss(network, options.loss ?? defaultLoss(network, steps), data, steps);
    const program = await device.compile({
      tensors: parameterTensors(network),
      procedures: { evaluate: evaluationProcedure(network, batch, steps, inputForm(data), loss) },
    });
    try {
      await uploadParameters(network, program);
      const { signal, seed = network.seed } = options;
      const how = { batch, steps, seed, loss, signal };
      return await runEvaluation(network, program, "evaluate", data, how, options.onBatch, onSample);
    } finally {
      await program.dispose();
    }
  } finally {
    if (given === undefined) await device.dispose();
  }
}

import { NETWORK, type Network } from "../../networks/network.js";
import { either, signature } from "../arguments/index.js";
import type { Dataset } from "../data/dataset.js";
import { encoderPixels, PIXELS, type Pixels } from "../data/pixels.js";
import { DATA, type StreamedDataset } from "../data/streamed/streamed-dataset.js";
import { SpikevineError } from "../errors.js";
import { EVALUATION_OPTIONS, type EvaluationOptions, type EvaluationResult, evaluateSamples } from "./evaluate.js";

/** The network's answers, in the order of the samples. */
export interface Predictions {
  readonly samples: number;
  /** Time steps per presentation. */
  readonly steps: number;
  /** Scores per sample. */
  readonly outputs: number;
  /** `[samples]`: the output with the largest score, the first of several. */
  readonly labels: Uint32Array;
  /** `[samples, outputs]`: the read-out, e.g. the number of spikes of every output. */
  readonly scores: Float32Array;
}

/** The network's answers for samples whose labels are known. */
export interface EvaluatedPredictions extends Predictions, EvaluationResult {
  /** `[samples]`: the loss of each; a squared error is averaged over outputs. */
  readonly losses: Float64Array;
}

const check = signature("predict", {
  network: NETWORK,
  data: either(DATA, PIXELS),
  options: EVALUATION_OPTIONS,
});

function isDataset(data: unknown): data is Dataset | StreamedDataset {
  return DATA.claims!(data);
}

/**
 * Presents samples to a network and returns its answer to each. The draws are those of `evaluate`, so accuracy and loss are
 * the same.
 * @param data A data set, or images `[samples, inputs]` without labels (bytes are read as value / 255).
 * @throws SpikevineError if the data do not fit the network or an option is out of range.
 */
export function predict(
  network: Network,
  data: Dataset | StreamedDataset,
  options?: EvaluationOptions,
): Promise<EvaluatedPredictions>;
export function predict(network: Network, data: Pixels, options?: EvaluationOptions): Promise<Predictions>;
export async function predict(
  network: Network,
  data: Dataset | StreamedDataset | Pixels,
  options: EvaluationOptions = {},
): Promise<Predictions | EvaluatedPredictions> {
  check([network, data, options]);
  const samples = isDataset(data) ? data : unlabeled(data, network.inputs);
  const { outputs } = network;
  const labels = new Uint32Array(samples.count);
  const scores = new Float32Array(samples.count * outputs);
  const losses = new Float64Array(samples.count);
  const evaluation = await evaluateSamples("predict", network, samples, options, (sample, label, readout, loss) => {
    labels[sample] = label;
    scores.set(readout, sample * outputs);
    losses[sample] = loss;
  });
  // After a stop, the samples that were not presented are left out.
  const { samples: done, steps } = evaluation;
  const predictions = {
    samples: done,
    steps,
    outputs,
    labels: labels.subarray(0, done),
    scores: scores.subarray(0, done * outputs),
  };
  return isDataset(data) ? { ...evaluation, ...predictions, losses: losses.subarray(0, done) } : predictions;
}

/** Images as a data set. Its labels are never read as such. */
function unlabeled(images: Pixels, inputs: number): Dataset {
  const count = images.length / inputs;
  if (!Number.isInteger(count) || count < 1) {
    throw new SpikevineError(
      `predict: data has ${images.length} values; give samples * ${inputs} of them, at least one sample.`,
    );
  }
  const labels = new Uint8Array(count);
  return { name: "in memory", images: encoderPixels(images), labels, count, pixels: inputs, classes: 1 };
}

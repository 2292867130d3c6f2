import type { Network } from "../../../networks/network.js";
import type { TensorSpec, Update } from "../../device/contract.js";
import { add, type Expression, multiply, symbol } from "../../equations/language/expression.js";
import { SpikevineError } from "../../errors.js";
import { gradientOf } from "./backward.js";

/** Tensor in which the gradients of the micro-batches of a batch add up. */
const sumOf = (gradient: string): string => `${gradient}.sum`;

/** Names of the scalars of a micro-batch: 0 for the first of a batch and 1 for the others, and the factor of its gradients. */
const [EARLIER, SHARE] = ["microBatch.earlier", "microBatch.share"];

/** Additions to a training plan that computes the gradients of a batch part by part. */
export interface GradientSums {
  readonly tensors: Readonly<Record<string, TensorSpec>>;
  /** After the gradients of a micro-batch: adds them to the sums. */
  readonly add: readonly Update[];
  /** After the last micro-batch: makes the sums the gradients. */
  readonly finish: readonly Update[];
}

/** Sums of the gradients of these arrays. */
export function gradientSums({ parameters }: Network, trained: readonly string[]): GradientSums {
  const [gradient, sum] = [symbol("gradient"), symbol("weight")];
  const added = add(multiply(symbol("earlier"), sum), multiply(symbol("share"), gradient));
  const uniforms = { earlier: EARLIER, share: SHARE };
  const tensors: Record<string, TensorSpec> = {};
  for (const name of trained) {
    const { rows, columns } = parameters.get(name)!;
    tensors[sumOf(gradientOf(name))] = { rows, columns };
  }
  return {
    tensors,
    add: trained.map((name) => elementwise(sumOf(gradientOf(name)), gradientOf(name), added, uniforms)),
    finish: trained.map((name) => elementwise(gradientOf(name), sumOf(gradientOf(name)), gradient, {})),
  };
}

/** An update of a tensor (`weight`) by a formula that also reads another tensor of the same shape (`gradient`). */
const elementwise = (
  tensor: string,
  other: string,
  weight: Expression,
  uniforms: Readonly<Record<string, string>>,
): Update => ({
  op: "update",
  rule: { name: "micro-batches", states: [], uniforms: Object.keys(uniforms), usesFactor: false, formulas: { weight } },
  weight: tensor,
  gradient: other,
  states: {},
  uniforms,
});

/**
 * Scalars of a run of a micro-batch.
 * @param first Index of its first sample in the batch.
 * @param share Its samples divided by those of the batch; 1 if losses are not averaged over samples.
 */
export const microBatchScalars = (first: number, share: number): Record<string, number> => ({
  [EARLIER]: first === 0 ? 0 : 1,
  [SHARE]: share,
});

/**
 * @param options `batchSize` and `microBatchSize` as given; `isRescaled`: effects of flipped spikes are rescaled.
 * @throws SpikevineError if micro-batches are larger than the batch, or something is computed over all samples of a batch.
 */
export function checkMicroBatches(
  { nodes }: Pick<Network, "nodes">,
  options: { readonly batchSize: number; readonly microBatchSize: number; readonly isRescaled: boolean },
): void {
  const { batchSize, microBatchSize: size, isRescaled } = options;
  if (size > batchSize) {
    throw new SpikevineError(
      `train: microBatchSize is ${size}, more than the batchSize ${batchSize}; give at most ${batchSize}, or leave it out.`,
    );
  }
  if (size === batchSize) return;
  const normalization = nodes.find(({ kind }) => kind === "normalize");
  const problem =
    normalization !== undefined
      ? `${normalization.name} normalizes by the statistics of the whole batch`
      : isRescaled
        ? "spikeGradient is rescaled by the mean over the whole batch"
        : undefined;
  if (problem === undefined) return;
  throw new SpikevineError(
    `train: microBatchSize is ${size}, but ${problem}; leave microBatchSize out, or give batchSize: ${size}.`,
  );
}

import { addedTerms, dividedValues, termsField } from "../losses/index.js";
import type { CheckedOptions } from "../options.js";
import type { BatchSource } from "./batch-source.js";
import { accuracyOf } from "./batches.js";
import type { EpochSums } from "./snapshot.js";
import type { Trainer } from "./trainer.js";
import { turns } from "./yield-to-event-loop.js";
import { ZeroGradients, zeroGradientError, zeroGradientWarning } from "./zero-gradients.js";

/**
 * Runs one epoch, or the rest of it: updates batch by batch until all samples are shown or the signal stops it.
 * @param from Sums over the samples that the epoch has already shown.
 * @param after Called after every batch.
 * @returns the sums over all samples shown so far
 * @throws SpikevineError naming the layers whose gradients were all exactly 0 in the whole epoch, unless
 * `onZeroGradient` is "continue"
 */
export async function runEpoch(
  trainer: Trainer,
  source: BatchSource,
  options: CheckedOptions,
  epoch: number,
  from: EpochSums,
  after: (sums: EpochSums) => Promise<void>,
): Promise<EpochSums> {
  const { data, batchSize: size } = options;
  const total = Math.ceil(data.count / size);
  const began = performance.now() - 1000 * from.seconds;
  let sums = from;
  let number = Math.ceil(from.samples / size);
  const yieldToEventLoop = turns();
  const zero = new ZeroGradients(trainer.compiled.trained, trainer.program);
  const isWhole = from.samples === 0;
  for await (const batch of source.epoch(epoch, from.samples)) {
    number++;
    const { loss, terms, correct } = await trainer.update(batch, epoch, epoch - 1 + (number - 1) / total, number);
    await zero.look();
    if (number === 1 && loss !== 0 && zero.layers.length > 0)
      options.onWarning?.(zeroGradientWarning(zero.layers, epoch));
    sums = {
      samples: sums.samples + batch.samples,
      loss: sums.loss + loss,
      terms: addedTerms(sums.terms, terms),
      correct: sums.correct + correct,
      seconds: (performance.now() - began) / 1000,
    };
    options.onBatch?.({
      epoch,
      batch: number,
      batches: total,
      loss: sums.loss / sums.samples,
      ...termsField(dividedValues(sums.terms, sums.samples)),
      accuracy: accuracyOf(data, sums.correct, sums.samples),
      samplesPerSecond: sums.samples / sums.seconds,
    });
    await after(sums);
    await yieldToEventLoop();
    if (options.signal?.aborted) return sums;
  }
  // With a loss of 0 there is nothing to learn, so zero gradients are right.
  if (isWhole && sums.loss !== 0 && zero.layers.length > 0 && options.onZeroGradient === "stop") {
    throw zeroGradientError(zero.layers, epoch);
  }
  return sums;
}

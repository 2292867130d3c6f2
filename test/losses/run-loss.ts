import type { LossTerm } from "#spikevine/losses/index";
import { lossOnHost } from "#spikevine/src/device/host/loss";
import type { LossOptions } from "#spikevine/src/equations/definitions/loss";

export interface LossRun {
  readonly value: number;
  readonly gradient: number[];
}

/**
 * A function that computes the mean loss of samples in double precision, and its gradient, from outputs
 * `[samples, rows, outputs]` and targets `[samples, rows, outputs]`.
 */
export function lossRunner(
  term: LossTerm,
  options: LossOptions,
): (y: readonly number[], target: readonly number[]) => LossRun {
  const kernel = term.loss.kernel(options);
  const { outputs, steps } = options;
  const sizes = { outputs, steps };
  const size = kernel.value.axes.reduce((product, axis) => product * sizes[axis], 1);
  const names = { from: "", gradient: "", value: "" };
  const run = lossOnHost({ op: "loss", loss: kernel, divisor: size / term.weight, overSamples: true, ...names }, sizes);
  return (y, target) => {
    const samples = y.length / (outputs * (kernel.rows === "steps" ? steps : 1));
    const [gradient, value] = [new Float64Array(y.length), new Float64Array(samples)];
    run(samples, { from: Float64Array.from(y), target: Float64Array.from(target), gradient, value });
    return { value: value.reduce((a, b) => a + b, 0), gradient: [...gradient] };
  };
}

export const runLoss = (
  term: LossTerm,
  options: LossOptions,
  y: readonly number[],
  target: readonly number[],
): LossRun => lossRunner(term, options)(y, target);

import { crossEntropy } from "../../../losses/cross-entropy.js";
import type { Network } from "../../../networks/network.js";
import type { LossOption } from "./option.js";

/**
 * Largest count that is compared as it is. Counts grow with the steps. Without a bound, the first outputs of a longer
 * presentation would be confident wrong answers.
 */
const LARGEST_COUNT = 20;

/**
 * Factor of the read-out in the default loss: a spike count of more than 20 steps is compared as 20 times the rate.
 * @param steps time steps per presentation
 */
export const defaultScale = ({ readout }: Pick<Network, "readout">, steps: number): number =>
  readout.name === "count" ? Math.min(1, LARGEST_COUNT / steps) : 1;

/**
 * The loss of a training or an evaluation that names none: the cross-entropy of the read-out, times `defaultScale`.
 * @param steps time steps per presentation
 */
export const defaultLoss = (network: Pick<Network, "readout">, steps: number): LossOption =>
  crossEntropy({ scale: defaultScale(network, steps) });

import { choice, fields, number, optional, signature, whole } from "../../arguments/index.js";

/** Hardware constraints that a network is trained under. Omitted constraints are ideal. */
export interface Hardware {
  /**
   * Standard deviation of Gaussian noise on every weight change, drawn for every synapse and update; see
   * `updateNoiseKind` for its unit.
   */
  updateNoise?: number;
  /**
   * `relative` (default): the change is multiplied by 1 + updateNoise * normal; `absolute`: updateNoise * normal is
   * added to the weight, in units of the weight, even if the change is 0.
   */
  updateNoiseKind?: "relative" | "absolute";
  /**
   * Standard deviation of Gaussian noise added to the current of every unit, hidden and output, at every step of
   * training, in the unit of the current. Evaluation has no noise.
   */
  activationNoise?: number;
  /**
   * Weights have 2^weightBits equally spaced values from -weightRange to weightRange, with 1 to 16 bits. Changes
   * accumulate in a single-precision copy, which is clipped to the range. The network computes with, and ends up with,
   * the nearest of those values.
   */
  weightBits?: number;
  /**
   * Largest size of a weight, with `weightBits`. Default: per matrix, four times the half-width of the uniform
   * distribution that its initial values are drawn from.
   */
  weightRange?: number;
}

const DEVIATION = number({ least: 0 }, "a standard deviation of at least 0");

/** Hardware constraints as an option. */
export const HARDWARE = fields<Hardware>(
  {
    updateNoise: optional(DEVIATION),
    updateNoiseKind: optional(choice(["relative", "absolute"])),
    activationNoise: optional(DEVIATION),
    weightBits: optional(whole(1, 16)),
    weightRange: optional(number({ above: 0 })),
  },
  { needs: { weightRange: ["weightBits", "quantized weights"] } },
);

/** @throws SpikevineError naming the constraint that is out of range. */
export const checkHardware = signature("train", { hardware: HARDWARE });

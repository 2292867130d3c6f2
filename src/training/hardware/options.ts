import { choice, fields, number, optional, signature, whole } from "../../arguments/index.js";

/** Constraints of hardware that a network is trained under. What is left out is ideal. */
export interface Hardware {
  /**
   * Standard deviation of Gaussian noise on every change of a weight, drawn anew for every synapse and update; see
   * `updateNoiseKind` for its unit.
   */
  updateNoise?: number;
  /**
   * `relative` (default): the change is multiplied by 1 + updateNoise * normal; `absolute`: updateNoise * normal is added to
   * the weight, in units of the weight, also where there was nothing to change.
   */
  updateNoiseKind?: "relative" | "absolute";
  /**
   * Standard deviation of Gaussian noise added to the current of every unit, hidden and output, at every step of training, in
   * the unit of the current. Evaluation is without.
   */
  activationNoise?: number;
  /**
   * Weights have 2^weightBits equally spaced values from -weightRange to weightRange, from 1 to 16 bits. Changes add up in a
   * copy in single precision, which is kept inside the range; what the network computes with, and is left with, is the
   * nearest of those values.
   */
  weightBits?: number;
  /**
   * Largest size of a weight, with `weightBits`. Default: for every matrix by itself, four times the half-width of the
   * uniform distribution that its initial values are drawn from.
   */
  weightRange?: number;
}

const DEVIATION = number({ least: 0 }, "a standard deviation of at least 0");

/** Constraints of hardware as an option. */
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

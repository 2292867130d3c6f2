import { SpikevineError, unknownName } from "../../errors.js";

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
   * uniform law that its initial values are drawn from.
   */
  weightRange?: number;
}

/**
 * Checks constraints.
 * @throws SpikevineError naming the field that is out of range.
 */
export function checkHardware(hardware: Hardware): void {
  const refuse = (field: keyof Hardware, needed: string): never => {
    throw new SpikevineError(`train: hardware.${field} is ${hardware[field]}; give ${needed}.`);
  };
  for (const field of ["updateNoise", "activationNoise"] as const) {
    const value = hardware[field];
    if (value !== undefined && !(value >= 0 && Number.isFinite(value))) {
      refuse(field, "a standard deviation of at least 0");
    }
  }
  const { updateNoiseKind: kind, weightBits: bits, weightRange: range } = hardware;
  if (kind !== undefined && kind !== "relative" && kind !== "absolute") {
    throw unknownName("kind of hardware.updateNoise", kind, ["relative", "absolute"]);
  }
  if (bits !== undefined && !(Number.isInteger(bits) && bits >= 1 && bits <= 16)) {
    refuse("weightBits", "a whole number from 1 to 16");
  }
  if (range !== undefined && !(range > 0 && Number.isFinite(range))) refuse("weightRange", "a number above 0");
  if (range !== undefined && bits === undefined) {
    throw new SpikevineError(
      `train: hardware.weightRange is ${range}, but weights are not quantised; give weightBits too.`,
    );
  }
}

import { SpikevineError } from "../../errors.js";
import type { Plan, Procedure } from "../contract.js";
import { largestSignal } from "./largest-signal.js";

/** Maximum count of numbers of a program on a device that keeps all values of a run: 4 GiB in single precision. */
const MOST_NUMBERS = 2 ** 30;

/**
 * Refuses a plan that cannot fit into memory, before anything is allocated. For devices that keep each signal of a run
 * whole.
 * @throws SpikevineError with the required size and the settings to reduce.
 */
export function checkMemory(plan: Plan, device: string): void {
  const tensors = Object.values(plan.tensors).reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  for (const [name, procedure] of Object.entries(plan.procedures)) {
    const numbers = tensors + signalNumbers(procedure);
    if (numbers <= MOST_NUMBERS) continue;
    const { batch, steps } = procedure;
    throw new SpikevineError(
      `device ${device}: procedure "${name}" would hold ${(numbers / 2 ** 28).toFixed(1)} GiB of numbers, more than ${MOST_NUMBERS / 2 ** 28} (the largest signal is ${largestSignal(procedure)}): ` +
        `give a smaller batch than ${batch}, fewer steps than ${steps} or smaller layers.`,
    );
  }
}

const signalNumbers = ({ batch, steps, signals }: Procedure): number =>
  Object.values(signals).reduce((sum, { rows, width }) => sum + batch * (rows === "steps" ? steps : 1) * width, 0);

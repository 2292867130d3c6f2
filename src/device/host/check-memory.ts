import { SpikevineError } from "../../errors.js";
import type { Plan, Procedure } from "../contract.js";

/** Numbers that a program may hold on a device that keeps all values of a run: 4 GiB of them in single precision. */
const MOST_NUMBERS = 2 ** 30;

/**
 * Refuses a plan that could never be held, before anything is set aside for it: for devices that keep every signal of a
 * run whole.
 * @throws SpikevineError that says how much it is and what to make smaller.
 */
export function checkMemory(plan: Plan, device: string): void {
  const tensors = Object.values(plan.tensors).reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  for (const [name, procedure] of Object.entries(plan.procedures)) {
    const numbers = tensors + signalNumbers(procedure);
    if (numbers <= MOST_NUMBERS) continue;
    const { batch, steps } = procedure;
    throw new SpikevineError(
      `device ${device}: procedure "${name}" would hold ${(numbers / 2 ** 28).toFixed(1)} GiB of numbers, more than ${MOST_NUMBERS / 2 ** 28}: ` +
        `give a smaller batch than ${batch}, fewer steps than ${steps} or smaller layers.`,
    );
  }
}

const signalNumbers = ({ batch, steps, signals }: Procedure): number =>
  Object.values(signals).reduce((sum, { rows, width }) => sum + batch * (rows === "steps" ? steps : 1) * width, 0);

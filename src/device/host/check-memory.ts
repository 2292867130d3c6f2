import { SpikevineError } from "../../errors.js";
import type { Plan } from "../contract.js";
import { largestSignal } from "./largest-signal.js";
import { checkMachine, machineMemory, signalNumbers } from "./machine-memory.js";

/** Maximum count of numbers of a program on a device that keeps all values of a run: 4 GiB in single precision. */
const MOST_NUMBERS = 2 ** 30;

/** Bytes of the tensors and signals of a plan on a device that keeps each of them whole. */
export function planBytes({ tensors, procedures }: Plan, bytesPerNumber: number): number {
  const ofTensors = Object.values(tensors).reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  return bytesPerNumber * Object.values(procedures).reduce((sum, one) => sum + signalNumbers(one), ofTensors);
}

/**
 * Refuses a plan that cannot fit into memory, before anything is allocated. For devices that keep each signal of a run
 * whole.
 * @param bytesPerNumber bytes of a number in memory
 * @throws SpikevineError with the required size and the settings to reduce.
 */
export async function checkMemory(plan: Plan, device: string, bytesPerNumber: number): Promise<void> {
  const tensors = Object.values(plan.tensors).reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  for (const [name, procedure] of Object.entries(plan.procedures)) {
    const numbers = tensors + signalNumbers(procedure);
    if (numbers <= MOST_NUMBERS) continue;
    const { batch, steps } = procedure;
    throw new SpikevineError(
      `device ${device}: procedure "${name}" would hold ${(numbers / 2 ** 28).toFixed(1)} GiB of numbers, more than ${MOST_NUMBERS / 2 ** 28} (the largest signal is ${largestSignal(procedure)}): ` +
        `give a smaller batch than ${batch} (training: or a microBatchSize), fewer steps than ${steps} or smaller layers.`,
    );
  }
  checkMachine(planBytes(plan, bytesPerNumber), machineMemory(), Object.values(plan.procedures), device);
}

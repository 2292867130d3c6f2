import { SpikevineError } from "../../errors.js";
import { isNode } from "../../in-node.js";
import type { Procedure } from "../contract.js";
import { largestSignal } from "./largest-signal.js";

/** Bytes of memory that this process may use: those of the machine or of its container; infinite where they are not known. */
export function machineMemory(): number {
  if (!isNode) return Number.POSITIVE_INFINITY;
  const { totalmem } = process.getBuiltinModule("node:os");
  // Without a container's limit this is 0 or a number beyond the memory of any machine.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/**
 * Refuses a plan that needs more memory than the machine has, before anything is allocated.
 * @param available bytes of the machine
 * @throws SpikevineError with the arithmetic and the settings to reduce.
 */
export function checkMachine(bytes: number, available: number, procedures: readonly Procedure[], device: string): void {
  if (bytes <= available) return;
  const largest = procedures.reduce((a, b) => (signalNumbers(b) > signalNumbers(a) ? b : a));
  const { batch, steps } = largest;
  throw new SpikevineError(
    `device ${device}: the plan needs ${gib(bytes)} of memory, and this machine has ${gib(available)} (the largest signal is ${largestSignal(largest)}): give a smaller batch than ${batch} (training: or a microBatchSize), fewer steps than ${steps} or smaller layers.`,
  );
}

/** Numbers in the signals of a procedure. */
export const signalNumbers = ({ batch, steps, signals }: Procedure): number =>
  Object.values(signals).reduce((sum, { rows, width }) => sum + batch * (rows === "steps" ? steps : 1) * width, 0);

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 3 : 1)} GiB`;

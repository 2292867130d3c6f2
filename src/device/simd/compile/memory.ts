import { SpikevineError } from "../../../errors.js";
import { largestSignal } from "../../host/index.js";
import { type TensorLayout, tensorBytes } from "./layout.js";
import type { ScheduledProcedure } from "./schedule-procedure.js";

/** Bytes per page of WebAssembly memory. */
export const PAGE = 65536;
const MOST_PAGES = 65536;

/**
 * Allocates the memory of a program, in whole pages of 64 KiB.
 * @param bytes bytes in use
 * @throws SpikevineError if 32-bit addresses cannot reach that much, or the system does not provide it
 */
export function allocate(
  bytes: number,
  shared: boolean,
  scheduledProcedures: readonly ScheduledProcedure[],
  tensors: ReadonlyMap<string, TensorLayout>,
): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE);
  if (pages > MOST_PAGES) throw tooLarge(bytes, scheduledProcedures, tensors);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const mib = Math.ceil((pages * PAGE) / 2 ** 20);
    const batch = Math.max(1, ...scheduledProcedures.map(({ procedure }) => procedure.batch));
    throw new SpikevineError(
      `simd: the system cannot provide ${mib} MiB of memory: close other programs, or give a smaller batch than ${batch}.`,
      { cause: error },
    );
  }
}

function tooLarge(
  bytes: number,
  scheduledProcedures: readonly ScheduledProcedure[],
  tensors: ReadonlyMap<string, TensorLayout>,
): SpikevineError {
  const gib = (n: number): string => `${(n / 2 ** 30).toFixed(1)} GiB`;
  const weights = [...tensors.values()].reduce((sum, t) => sum + tensorBytes(t.rows, t.columns).bytes, 0);
  const largest = scheduledProcedures.reduce((a, b) => (a.procedure.batch > b.procedure.batch ? a : b));
  const { batch, steps } = largest.procedure;
  return new SpikevineError(
    `simd: the plan needs ${gib(bytes)} of memory, ${gib(weights)} of it for tensors (the largest signal is ${largestSignal(largest.procedure)}), and WebAssembly addresses 4 GiB: ` +
      `give a smaller batch than ${batch} (training: or a microBatchSize) or fewer steps than ${steps} in procedure "${largest.name}".`,
  );
}

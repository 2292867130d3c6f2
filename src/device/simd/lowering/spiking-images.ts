import { SpikevineError } from "../../../errors.js";
import type { Operation, Procedure } from "../../contract.js";
import { MOST_UNITS } from "../compile/layout.js";

/** Reads its signals of spikes as images: by pixel, from lists without a baseline. */
const readsImages = (operation: Operation): boolean =>
  operation.op === "pool" ||
  operation.op === "poolGradient" ||
  ((operation.op === "current" || operation.op === "weightGradient") && operation.convolution !== undefined);

const reads = (operation: Operation, signal: string): boolean => "from" in operation && operation.from === signal;

/** Signals of spikes that operations on images read. */
export const spikingImages = ({ signals, operations }: Procedure): ReadonlySet<string> =>
  new Set(
    Object.keys(signals).filter(
      (signal) =>
        signals[signal]!.kind === "spikes" &&
        operations.some((operation) => readsImages(operation) && reads(operation, signal)),
    ),
  );

/**
 * Throws a SpikevineError if a signal of spikes has more than 65535 units and an operation that lists them in 16 bits
 * writes or reads it. A scan without recurrent connections and a pooling write wider lists, and operations on images
 * read them.
 */
export function checkUnits({ signals, operations }: Procedure): void {
  for (const [signal, { kind, width }] of Object.entries(signals)) {
    if (kind !== "spikes" || width <= MOST_UNITS) continue;
    const isWritable = (operation: Operation): boolean =>
      operation.op === "pool" || (operation.op === "scan" && operation.recurrent === undefined);
    const fits = operations.every(
      (operation) =>
        (!("to" in operation && operation.to === signal) || isWritable(operation)) &&
        (!reads(operation, signal) || readsImages(operation)),
    );
    if (fits) continue;
    throw new SpikevineError(
      `simd: signal "${signal}" has ${width} units; lists of spikes outside convolutions and pooling number up to ${MOST_UNITS}: use fewer, or another device.`,
    );
  }
}

import type { Add, Pool, PoolGradient } from "../../contract.js";
import { maxOfSpikes, sumSpikes } from "../kernels/pooling/pool-spikes.js";
import { poolGradient, poolValues } from "../kernels/pooling/pool-values.js";
import { bitsBytes } from "../kernels/spikes/spike-deltas.js";
import { spikeValues } from "../kernels/spikes/spike-values.js";
import { addSignals } from "../kernels/tensors/add-signals.js";
import { signal, type TaskList } from "./task-list.js";

/** Name of a signal of values: the signal itself, or its spikes as 0 and 1. */
export function valuesOf(list: TaskList, from: string): string {
  const { kind, width, rows } = list.shape(from);
  if (kind === "values") return from;
  return list.derive(`${from} as values`, signal(from), () => {
    const to = list.addRows(`${from} as values`, width, rows);
    list.sample("spikeValues", { reads: [signal(from)], writes: [signal(to)] }, (context, name) =>
      spikeValues(context, name, { from, to }),
    );
  });
}

export function lowerPool(list: TaskList, operation: Pool): void {
  const { kind, from, to } = operation;
  const reads = [signal(from)];
  if (list.shape(from).kind === "values") {
    list.sample("pool", { reads, writes: [signal(to)] }, (context, name) => poolValues(context, name, operation));
  } else if (kind === "sum") {
    list.sample("pool", { reads, writes: [signal(to)] }, (context, name) => sumSpikes(context, name, operation));
  } else {
    const { width, rows } = list.shape(to);
    const bits = list.addBytes(list.name("bits"), bitsBytes(width, rows));
    list.sample("pool", { reads, writes: [signal(to), signal(bits)] }, (context, name) =>
      maxOfSpikes(context, name, operation, bits),
    );
  }
}

export function lowerPoolGradient(list: TaskList, operation: PoolGradient): void {
  const { kind, error, to } = operation;
  const from = kind === "max" ? valuesOf(list, operation.from) : undefined;
  const reads = [signal(error), ...(from === undefined ? [] : [signal(from)])];
  list.sample("poolGradient", { reads, writes: [signal(to)] }, (context, name) =>
    poolGradient(context, name, { ...operation, from }),
  );
}

export function lowerAdd(list: TaskList, { from, scale, to }: Add): void {
  const terms = from.map((term) => valuesOf(list, term));
  list.sample("add", { reads: terms.map(signal), writes: [signal(to)] }, (context, name) =>
    addSignals(context, name, { from: terms, scale, to }),
  );
}

import type { Rescale } from "../../contract.js";
import { RESCALE_BYTES, rescale, rescaleFactor, SUM_BYTES, sumOfSizes } from "../kernels/tensors/rescale.js";
import { optional, region, signal, type TaskList, tensor } from "./task-list.js";

/** The mean ends a phase: every sample is needed before the first can go on. */
export function lowerRescale(list: TaskList, operation: Rescale): void {
  const { from, reference, size, to } = operation;
  const sums = list.addBytes(list.name("sums"), SUM_BYTES);
  const factor = list.addRegion(list.name("factor"), RESCALE_BYTES);
  list.sample("sumOfSizes", { reads: [signal(from)], writes: [signal(sums)] }, (context, name) =>
    sumOfSizes(context, name, from, sums),
  );
  const access = {
    reads: [signal(sums), ...optional(tensor, reference)],
    writes: [region(factor), tensor(size)],
    items: 1,
    grain: 1,
  };
  list.synapse("rescaleFactor", access, (context, name) => rescaleFactor(context, name, operation, { sums, factor }));
  list.sample("rescale", { reads: [signal(from), region(factor)], writes: [signal(to)] }, (context, name) =>
    rescale(context, name, operation, factor),
  );
}

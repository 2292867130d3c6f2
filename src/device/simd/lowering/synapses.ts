import type { Reduce, UnitGradient, Update, WeightGradient } from "../../contract.js";
import { groupsOf, PANEL_COLUMNS, PANEL_ROW, packedShape, paddedColumns } from "../compile/layout.js";
import { gradedWeightGradient, listedBytes } from "../kernels/products/graded-gradient.js";
import { packErrors } from "../kernels/spikes/pack-errors.js";
import { PANEL_BOUND } from "../kernels/spikes/residue.js";
import { gradientSlices, spikeWeightGradient } from "../kernels/spikes/spike-gradient.js";
import { groupListBytes, transposedLists } from "../kernels/spikes/transposed-lists.js";
import { channelSumsBytes, doubles, sampleSums, writeTotals } from "../kernels/tensors/channel-sums.js";
import { absoluteColumns, squaresOfRows, sumOfRow, unitGradient } from "../kernels/tensors/reductions.js";
import { update } from "../kernels/tensors/rule-update.js";
import { errorForRows } from "./static-input.js";
import { optional, region, signal, type TaskList, TILE, tensor } from "./task-list.js";

export function lowerWeightGradient(list: TaskList, operation: WeightGradient): void {
  const error = errorForRows(list, operation);
  // The first step of a delayed product is left out of the sum.
  lowerProduct(list, error === operation.error ? operation : { ...operation, error, delayed: false });
}

function lowerProduct(list: TaskList, { from, error, delayed, to }: WeightGradient): void {
  const input = list.shape(from);
  const items = input.width;
  const { batch } = list.procedure;
  if (input.kind === "values") {
    // Lists go by samples, so a sample must be one row.
    const canList = input.rows === 1 && !delayed;
    const listed = canList ? list.addRegion(list.name("listed"), listedBytes(items, batch)) : undefined;
    const reads = [signal(from), signal(error)];
    const access = { reads, writes: [tensor(to), ...optional(region, listed)], items, grain: TILE * 4 };
    list.synapse("weightGradient", access, (context, name) =>
      gradedWeightGradient(context, name, { from, error, delayed, to, listed }, batch),
    );
    return;
  }
  const largest = `${error} largest`;
  const packed = list.derive(`${error} packed`, signal(error), () => {
    const { width, rows } = list.shape(error);
    const made = list.addSignal(`${error} packed`, packedShape(width, rows));
    list.addBytes(largest, Math.ceil(width / PANEL_COLUMNS) * PANEL_BOUND);
    const access = { reads: [signal(error)], writes: [made, largest].map(signal) };
    list.sample("packErrors", access, (context, name) => packErrors(context, name, { error, packed: made, largest }));
  });
  const lists = `${from} by unit${delayed ? ", delayed" : ""}`;
  list.derive(lists, signal(from), () => {
    const { width, rows } = input;
    const count = groupsOf(batch, rows);
    list.addRegion(lists, count * groupListBytes(width, rows));
    const access = { reads: [signal(from)], writes: [region(lists)], items: count, grain: 1 };
    list.synapse("transposedLists", access, (context, name) =>
      transposedLists(context, name, { from, delayed, region: lists }),
    );
  });
  const slices = gradientSlices(list.plan.tensors[to]!);
  const sums = list.addRegion(list.name("sums"), slices * PANEL_ROW);
  const access = {
    reads: [signal(from), signal(packed), signal(largest), region(lists)],
    writes: [tensor(to), region(sums)],
    items: slices,
    grain: 1,
  };
  list.synapse("weightGradient", access, (context, name) =>
    spikeWeightGradient(context, name, { from, lists, packed, largest, sums, to }),
  );
}

export function lowerUnitGradient(list: TaskList, operation: UnitGradient): void {
  const { from, to } = operation;
  const { width } = list.shape(from);
  const split = { reads: [signal(from)], items: Math.ceil(width / 8), grain: 1 };
  const { columns } = list.plan.tensors[to]!;
  if (columns > 1 && columns < width) {
    lowerChannelGradient(list, operation, columns);
    return;
  }
  if (columns > 1 || width === 1) {
    list.synapse("unitGradient", { ...split, writes: [tensor(to)] }, (context, name) =>
      unitGradient(context, name, from, context.tensor(to).address),
    );
    return;
  }
  const sums = list.addRegion(`${from} summed`, paddedColumns(width) * 4);
  list.synapse("unitGradient", { ...split, writes: [region(sums)] }, (context, name) =>
    unitGradient(context, name, from, context.region(sums)),
  );
  lowerSum(list, sums, width, to);
}

/** Sums per channel: per sample, so that the signal need not be kept, then over the samples. */
function lowerChannelGradient(list: TaskList, { from, to }: UnitGradient, channels: number): void {
  const sums = list.addBytes(list.name("sums"), channelSumsBytes(channels, 1));
  list.sample("channelSums", { reads: [signal(from)], writes: [signal(sums)] }, (context, name) =>
    sampleSums(context, name, { signals: [from], sums, channels }, 1, () => ([value]) => [doubles(value!)]),
  );
  const access = { reads: [signal(sums)], writes: [tensor(to)], items: Math.ceil(channels / 4), grain: 4 };
  list.synapse("channelTotals", access, (context, name) => writeTotals(context, name, { sums, to }));
}

/** The sum of `count` numbers of a region to a tensor of one element. */
function lowerSum(list: TaskList, partials: string, count: number, to: string): void {
  const access = { reads: [region(partials)], writes: [tensor(to)], items: 1, grain: 1 };
  list.synapse("sum", access, (context, name) => sumOfRow(context, name, { region: partials, count, to }));
}

export function lowerUpdate(list: TaskList, operation: Update): void {
  const { weight, gradient, states, factor } = operation;
  const writes = [weight, ...Object.values(states)].map(tensor);
  const reads = [...writes, tensor(gradient), ...optional(tensor, factor)];
  const access = { reads, writes, items: list.plan.tensors[weight]!.rows, grain: 64 };
  list.synapse("update", access, (context, name) => update(context, name, operation));
}

export function lowerReduce(list: TaskList, operation: Reduce): void {
  const { from, to } = operation;
  const { rows, columns } = list.plan.tensors[from]!;
  const reads = [tensor(from)];
  if (operation.kind === "absoluteColumns") {
    const access = { reads, writes: [tensor(to)], items: Math.ceil(columns / PANEL_COLUMNS), grain: 1 };
    list.synapse("absoluteColumns", access, (context, name) => absoluteColumns(context, name, operation));
    return;
  }
  const partials = list.addRegion(`${from} squares`, rows * 4);
  list.synapse("squares", { reads, writes: [region(partials)], items: rows, grain: 32 }, (context, name) =>
    squaresOfRows(context, name, operation, partials),
  );
  lowerSum(list, partials, rows, to);
}

import { groupSamples, packedRows, type SignalLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { type KernelContext, runSamples, synapseKernel } from "../codegen/kernel-context.js";
import { baselineList, eachStep, type ListEnds, STEP_ENDS } from "./index-lists.js";

/**
 * Transposed spike lists: per unit and group of samples, the errors that its spikes select. Entries are numbers of
 * rows of packed errors (see `packErrors`), counted from the group's first row. Each unit has two lists, of rows that
 * are added and of rows that are subtracted.
 */

/** Encoding of row numbers: 16 bits, unless presentations are longer. */
export interface RowNumbers {
  readonly bytes: number;
  readonly load: (offset: number, address: Code) => Code;
  readonly store: (offset: number, address: Code, value: Code) => Code;
}

export const rowNumbers = (steps: number): RowNumbers =>
  groupSamples(steps) * packedRows(steps) <= 2 ** 16
    ? { bytes: 2, load: i32.load16u, store: i32.store16 }
    : { bytes: 4, load: i32.load, store: i32.store };

/** Bytes of the table per unit: the start of its first list, and the end of that list, where the second starts. */
export const UNIT_ENDS = 8;

/** Bytes of the table, including the end of the last list. */
const tableBytes = (width: number): number => Math.ceil(((width + 1) * UNIT_ENDS) / 16) * 16;

/** Bytes of the lists of one group: a unit may fire in every step, and its baseline may take two entries. */
export const groupListBytes = (width: number, steps: number): number =>
  2 * tableBytes(width) + groupSamples(steps) * width * (steps + 2) * rowNumbers(steps).bytes;

interface TransposedLists {
  readonly from: string;
  /** True if the spikes of step t select the error of step t + 1. */
  readonly delayed: boolean;
  readonly region: string;
}

/** Transposes spike lists; items are groups of samples. */
export function transposedLists(
  context: KernelContext,
  name: string,
  { from, delayed, region }: TransposedLists,
): void {
  const spikes = context.signal(from);
  const perGroup = groupSamples(spikes.rows);
  synapseKernel(context, name, (f, first, last) => {
    f.range(get(first), get(last), 1, (group) => {
      const table = f.let(TYPE.i32, tableOf(context, region, spikes, group));
      const samples = {
        first: f.let(TYPE.i32, i32.mul(get(group), i32.const(perGroup))),
        last: f.let(TYPE.i32, i32.mul(i32.add(get(group), i32.const(1)), i32.const(perGroup))),
      };
      f.if(i32.gtU(get(samples.last), runSamples()), () => f.emit(set(samples.last, runSamples())));
      const lists = { spikes, delayed, samples, table, grown: tableBytes(spikes.width) };
      countEntries(f, lists);
      allocateLists(f, lists);
      fillLists(f, lists);
    });
  });
}

/** The lists of a group while they are built. */
interface Lists {
  readonly spikes: SignalLayout;
  readonly delayed: boolean;
  /** Locals with the first sample of the group and the one after its last. */
  readonly samples: { readonly first: number; readonly last: number };
  /** Local with the address of the table. */
  readonly table: number;
  /**
   * Offset of a second table, which holds the start of the second list of a unit while it grows downward from its end.
   */
  readonly grown: number;
}

/** Counts the bytes of both lists of a unit, in its entry of the table. */
function countEntries(f: FunctionBuilder, { spikes, delayed, samples, table, grown }: Lists): void {
  const { bytes } = rowNumbers(spikes.rows);
  f.range(get(table), i32.add(get(table), i32.const(grown)), 16, (at) => {
    f.emit(v128.store(0, get(at), v128.const(Array(16).fill(0))));
  });
  const count = (list: ListEnds): void =>
    eachUnit(f, list, table, (unit) => {
      f.emit(i32.store(0, get(unit), i32.add(i32.load(0, get(unit)), i32.const(bytes))));
    });
  eachSample(f, spikes, samples, (sample) => {
    count(baselineList(f, spikes, sample));
    if (delayed) count(baselineList(f, spikes, sample));
    count(listsOfSteps(f, spikes, sample, delayed));
  });
}

/** Converts the counts to the addresses of the empty lists of every unit. */
function allocateLists(f: FunctionBuilder, { spikes, table, grown }: Lists): void {
  const tableEnd = spikes.width * UNIT_ENDS;
  const end = f.let(TYPE.i32, i32.add(get(table), i32.const(2 * grown)));
  f.range(get(table), i32.add(get(table), i32.const(tableEnd)), UNIT_ENDS, (unit) => {
    const entries = f.let(TYPE.i32, i32.load(0, get(unit)));
    f.emit(i32.store(0, get(unit), get(end)), i32.store(4, get(unit), get(end)));
    f.emit(set(end, i32.add(get(end), get(entries))), i32.store(grown, get(unit), get(end)));
  });
  f.emit(i32.store(tableEnd, get(table), get(end)));
}

/** Iterates over the samples and their steps again, and lists the row of errors of each. */
function fillLists(f: FunctionBuilder, { spikes, delayed, samples, table, grown }: Lists): void {
  const { bytes, store } = rowNumbers(spikes.rows);
  const row = f.let(TYPE.i32, i32.const(0));
  const nextRow = (): void => f.emit(set(row, i32.add(get(row), i32.const(1))));
  const add = (list: ListEnds): void =>
    eachUnit(f, list, table, (unit) => {
      const entry = f.let(TYPE.i32, i32.load(4, get(unit)));
      f.emit(store(0, get(entry), get(row)), i32.store(4, get(unit), i32.add(get(entry), i32.const(bytes))));
    });
  const subtract = (list: ListEnds): void =>
    eachUnit(f, list, table, (unit) => {
      const entry = f.let(TYPE.i32, i32.sub(i32.load(grown, get(unit)), i32.const(bytes)));
      f.emit(store(0, get(entry), get(row)), i32.store(grown, get(unit), get(entry)));
    });
  eachSample(f, spikes, samples, (sample) => {
    if (delayed) {
      // With a delay of one step, step 0 has no presynaptic spike; its error still counts in the total.
      subtract(baselineList(f, spikes, sample));
      nextRow();
    }
    eachStep(f, sample, { first: 0, last: metSteps(spikes, delayed) }, ({ added, removed }) => {
      add(added);
      subtract(removed);
      nextRow();
    });
    // The errors of a sample are followed by their sum.
    add(baselineList(f, spikes, sample));
    nextRow();
  });
}

/** Number of steps whose spikes select errors. */
const metSteps = ({ rows }: SignalLayout, delayed: boolean): number => (delayed ? rows - 1 : rows);

/** Runs the body for every sample: local `sample` has the address of its spikes. */
function eachSample(
  f: FunctionBuilder,
  { address, sampleBytes }: SignalLayout,
  { first, last }: { first: number; last: number },
  body: (sample: number) => void,
): void {
  const at = (b: number): Code => i32.add(i32.const(address), i32.mul(get(b), i32.const(sampleBytes)));
  f.range(at(first), at(last), sampleBytes, body);
}

/** The contiguous lists of all steps whose spikes select errors. */
function listsOfSteps(f: FunctionBuilder, spikes: SignalLayout, sample: number, delayed: boolean): ListEnds {
  const end = (step: number): number => f.let(TYPE.i32, i32.add(get(sample), i32.load(step * STEP_ENDS, get(sample))));
  return { from: end(0), to: end(metSteps(spikes, delayed)) };
}

/** Runs the body for every unit of a list: local `unit` has the address of its entry in the table. */
function eachUnit(f: FunctionBuilder, { from, to }: ListEnds, table: number, body: (unit: number) => void): void {
  f.stride({ pointer: from, end: to, bytes: 2, unroll: 4 }, (k) => {
    const offset = i32.mul(i32.load16u(2 * k, get(from)), i32.const(UNIT_ENDS));
    body(f.let(TYPE.i32, i32.add(get(table), offset)));
  });
}

/** The lists of a unit: rows that are added, and rows that are subtracted. */
export interface UnitLists {
  readonly added: ListEnds;
  readonly subtracted: ListEnds;
}

/** The lists of the unit whose entry in the table is at the address in local `unit`. */
export function listsOfUnit(f: FunctionBuilder, unit: number): UnitLists {
  const at = (offset: number): number => f.let(TYPE.i32, i32.load(offset, get(unit)));
  const [from, middle, to] = [at(0), at(4), at(UNIT_ENDS)];
  return { added: { from, to: middle }, subtracted: { from: f.let(TYPE.i32, get(middle)), to } };
}

/** Address of the table of a group (a local). */
export const tableOf = (context: KernelContext, region: string, { width, rows }: SignalLayout, group: number): Code =>
  i32.add(i32.const(context.region(region)), i32.mul(get(group), i32.const(groupListBytes(width, rows))));

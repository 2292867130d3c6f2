import { type Code, TYPE } from "../../../device/simd/wasm/encoding.js";
import { get, i32, set } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../device/simd/wasm/module.js";
import type { SentSteps } from "../../model.js";
import type { PopulationLayout } from "./memory-layout.js";
import { isOwn, ownNumber, ownRange, type Thread } from "./threads/ranges.js";

/** The slot of a step in a population's ring of spike lists. */
export const slotOf = (step: Code, { slots }: PopulationLayout): Code =>
  slots === 1 ? i32.const(0) : i32.remU(step, i32.const(slots));

/** Stores a word at the address in local `end` and moves `end` past it. */
export function appendWord(f: FunctionBuilder, end: number, word: Code): void {
  f.emit(i32.store(0, get(end), word), set(end, i32.add(get(end), i32.const(4))));
}

/** Tells if spikes that were sent so many steps ago travel with delays that count for some steps. */
export function wasSent(step: number, delay: Code, { from, before }: SentSteps): Code {
  const word = (value: number): Code => i32.const(value | 0);
  if (before === undefined) return i32.geU(get(step), i32.add(delay, word(from)));
  // Steps before 0 are above all others.
  return i32.ltU(i32.sub(i32.sub(get(step), delay), word(from)), word(before - from));
}

/** Address of the list of a thread's own neurons in a slot. */
export const ownList = (slot: Code, thread: Thread, layout: PopulationLayout): Code =>
  i32.add(
    i32.add(i32.const(layout.lists), i32.mul(slot, i32.const(layout.size * 4))),
    i32.shl(ownRange(thread, layout).from, i32.const(2)),
  );

/** Address of the count of a thread's own neurons in a slot. */
const ownCount = (slot: Code, number: Code, threads: number, { counts }: PopulationLayout): Code =>
  i32.add(i32.const(counts), i32.shl(i32.add(i32.mul(slot, i32.const(threads)), number), i32.const(2)));

/** Stores how many of a thread's own neurons are in a slot: its list goes up to the address in local `end`. */
export function endOwnList(
  f: FunctionBuilder,
  { slot, list, end }: Readonly<Record<"slot" | "list" | "end", number>>,
  thread: Thread,
  layout: PopulationLayout,
): void {
  const count = i32.shrU(i32.sub(get(end), get(list)), i32.const(2));
  f.emit(i32.store(0, ownCount(get(slot), ownNumber(thread), thread.count, layout), count));
}

function eachIn(f: FunctionBuilder, list: number, count: Code, body: (neuron: number) => void): void {
  f.range(get(list), i32.add(get(list), i32.shl(count, i32.const(2))), 4, (at) => {
    body(f.let(TYPE.i32, i32.load(0, get(at))));
  });
}

/** Runs the body for every neuron in the lists of a slot, in ascending order. */
export function eachSpike(
  f: FunctionBuilder,
  layout: PopulationLayout,
  slot: Code,
  threads: number,
  body: (neuron: number) => void,
): void {
  const index = f.let(TYPE.i32, slot);
  if (threads === 1) {
    eachOwnSpike(f, layout, get(index), { number: 0, count: 1 }, body);
    return;
  }
  f.range(i32.const(0), i32.const(threads), 1, (number) => {
    eachOwnSpike(f, layout, get(index), { number, count: threads }, body);
  });
}

/** Runs the body for every neuron in the list of a thread in a slot. */
export function eachOwnSpike(
  f: FunctionBuilder,
  layout: PopulationLayout,
  slot: Code,
  thread: Thread,
  body: (neuron: number) => void,
): void {
  const index = f.let(TYPE.i32, slot);
  const list = f.let(TYPE.i32, ownList(get(index), thread, layout));
  const count = i32.load(0, ownCount(get(index), ownNumber(thread), thread.count, layout));
  eachIn(f, list, count, body);
}

/** Copies the spikes of a step to the log. The caller has checked that there is room. */
export function logSpikes(f: FunctionBuilder, step: number, threads: number, layout: PopulationLayout): void {
  const { log } = layout;
  if (log === undefined) return;
  const at = f.let(TYPE.i32, i32.shl(i32.load(log.count, i32.const(0)), i32.const(2)));
  eachSpike(f, layout, slotOf(get(step), layout), threads, (neuron) => {
    f.emit(i32.store(log.steps, get(at), get(step)), i32.store(log.neurons, get(at), get(neuron)));
    f.emit(set(at, i32.add(get(at), i32.const(4))));
  });
  f.emit(i32.store(log.count, i32.const(0), i32.shrU(get(at), i32.const(2))));
}

/** Moves the spikes of a step from the list of a source to the slot. */
export function giveSpikes(
  f: FunctionBuilder,
  step: number,
  layout: PopulationLayout,
  given: NonNullable<PopulationLayout["given"]>,
  total: number,
  thread: Thread,
): void {
  const slot = f.let(TYPE.i32, slotOf(get(step), layout));
  const list = f.let(TYPE.i32, ownList(get(slot), thread, layout));
  const end = f.let(TYPE.i32, get(list));
  takeListed(f, step, given, total, thread, layout, (neuron) => appendWord(f, end, get(neuron)));
  endOwnList(f, { slot, list, end }, thread, layout);
}

/** Empties the slot of a step: a population that is not active has no spikes. */
export function restSpikes(f: FunctionBuilder, step: number, layout: PopulationLayout, thread: Thread): void {
  f.emit(i32.store(0, ownCount(slotOf(get(step), layout), ownNumber(thread), thread.count, layout), i32.const(0)));
}

/** Runs the body for every entry at this step of a list of sorted steps and a thread's own neurons, and advances the cursor. */
export function takeListed(
  f: FunctionBuilder,
  step: number,
  { cursor, steps, neurons }: { cursor: number; steps: number; neurons: number },
  total: number,
  thread: Thread,
  population: PopulationLayout,
  body: (neuron: number) => void,
): void {
  const own = i32.shl(ownNumber(thread), i32.const(2));
  const at = f.let(TYPE.i32, i32.shl(i32.load(cursor, own), i32.const(2)));
  // The entry after the last is undefined memory, so its step counts only if the entry exists.
  const isNow = i32.and(i32.ltU(get(at), i32.const(total * 4)), i32.eq(i32.load(steps, get(at)), get(step)));
  f.while(isNow, () => {
    const neuron = f.let(TYPE.i32, i32.load(neurons, get(at)));
    const isTaken = isOwn(get(neuron), thread, population);
    if (isTaken === undefined) body(neuron);
    else f.if(isTaken, () => body(neuron));
    f.emit(set(at, i32.add(get(at), i32.const(4))));
  });
  f.emit(i32.store(cursor, own, i32.shrU(get(at), i32.const(2))));
}

import { type Code, TYPE } from "../../../device/simd/wasm/encoding.js";
import { get, i32, set, v128 } from "../../../device/simd/wasm/instructions.js";
import type { FunctionBuilder } from "../../../device/simd/wasm/module.js";
import type { ProjectionModel } from "../../model.js";
import type { PopulationLayout, ProjectionLayout, RingLayout } from "./memory-layout.js";
import type { Real } from "./real.js";
import { eachSpike, slotOf, wasSent } from "./spike-ring.js";
import { ownNumber, ownRange, type Thread } from "./threads/ranges.js";

/** Synapses per iteration of the inner loop. */
const UNROLLED = 4;

export interface Propagation {
  readonly model: ProjectionModel;
  readonly layout: ProjectionLayout;
  readonly pre: PopulationLayout;
  readonly post: PopulationLayout;
  /** Adds to its own neurons only. */
  readonly thread: Thread;
}

/** Adds the weights that arrive at this step over synapses with one delay: the spikes of step - delay, row by row. */
export function deliver(f: FunctionBuilder, step: number, { model, layout, pre, post, thread }: Propagation): void {
  const delay = model.delays as number;
  // step - delay, kept above 0; before the first spikes the slots are empty.
  const slot = slotOf(i32.add(get(step), i32.const((pre.slots - (delay % pre.slots)) % pre.slots)), pre);
  const { real, address } = post.states[model.state]!;
  const addAll = (): void =>
    eachSpike(f, pre, slot, thread.count, (neuron) => {
      eachSynapse(f, real, layout, model.weights, { neuron, thread }, (target, weight) => {
        const byte = f.let(TYPE.i32, i32.shl(target, i32.const(real.shift)));
        f.emit(real.store(address, get(byte), real.add(real.load(address, get(byte)), weight)));
      });
    });
  if (model.sent === undefined) addAll();
  else f.if(wasSent(step, i32.const(delay), model.sent), addAll);
}

/**
 * Writes the weights that this step's spikes send over synapses with different delays into the ring of arriving sums.
 */
export function send(
  f: FunctionBuilder,
  step: number,
  { model, layout, pre, post, thread }: Propagation,
  ring: RingLayout,
): void {
  const { real } = post.states[model.state]!;
  const { targets, targetBytes, delays } = layout;
  eachSpike(f, pre, slotOf(get(step), pre), thread.count, (neuron) => {
    eachSynapse(f, real, layout, model.weights, { neuron, thread }, (target, weight, at) => {
      const index = i32.sub(at, i32.const(targets));
      const delay = i32.load16u(delays!, targetBytes === 2 ? index : i32.shrU(index, i32.const(1)));
      const slot = i32.and(i32.add(get(step), delay), i32.const(ring.slots - 1));
      const byte = f.let(
        TYPE.i32,
        i32.add(i32.mul(slot, i32.const(ring.slotBytes)), i32.shl(target, i32.const(real.shift))),
      );
      f.emit(real.store(ring.address, get(byte), real.add(real.load(ring.address, get(byte)), weight)));
    });
  });
}

/** Adds a slot of the ring of arriving sums to its state and empties it. */
export function arrive(
  f: FunctionBuilder,
  step: number,
  { ring, post, thread }: { ring: RingLayout; post: PopulationLayout; thread: Thread },
): void {
  const slot = i32.and(get(step), i32.const(ring.slots - 1));
  const start = f.let(TYPE.i32, i32.mul(slot, i32.const(ring.slotBytes)));
  const { real, address } = post.states[ring.state]!;
  const { from, to } = ownRange(thread, post);
  const shift = i32.const(real.shift);
  f.range(i32.shl(from, shift), i32.shl(to, shift), 16, (neuron) => {
    const arriving = f.let(TYPE.i32, i32.add(get(start), get(neuron)));
    const sum = real.lanes.add(v128.load(address, get(neuron)), v128.load(ring.address, get(arriving)));
    f.emit(v128.store(address, get(neuron), sum), v128.store(ring.address, get(arriving), real.lanes.const(0)));
  });
}

/** Runs the body for every synapse of a neuron that ends at the thread's own neurons: its target, its weight, and the address of its target. */
function eachSynapse(
  f: FunctionBuilder,
  real: Real,
  { rows, targets, targetBytes, weights }: ProjectionLayout,
  shared: ProjectionModel["weights"],
  { neuron, thread }: { readonly neuron: number; readonly thread: Thread },
  body: (target: Code, weight: Code, at: Code) => void,
): void {
  const part = i32.add(i32.mul(get(neuron), i32.const(thread.count)), ownNumber(thread));
  const row = f.let(TYPE.i32, i32.shl(thread.count === 1 ? get(neuron) : part, i32.const(2)));
  const at = f.let(TYPE.i32, i32.load(rows, get(row)));
  const end = f.let(TYPE.i32, i32.load(rows + 4, get(row)));
  const load = targetBytes === 2 ? i32.load16u : i32.load;
  const shift = targetBytes === 2 ? 1 : 0;
  const one = (offset: number): void => {
    const bytes = offset * targetBytes;
    const byte = i32.sub(get(at), i32.const(targets));
    const weight =
      typeof shared === "number"
        ? real.const(shared)
        : real.loadWeight(weights! + offset * 4, shift === 0 ? byte : i32.shl(byte, i32.const(shift)));
    body(load(bytes, get(at)), weight, i32.add(get(at), i32.const(bytes)));
  };
  const turn = UNROLLED * targetBytes;
  const last = f.let(TYPE.i32, i32.sub(get(end), i32.const(turn)));
  f.while(i32.geU(get(last), get(at)), () => {
    for (let k = 0; k < UNROLLED; k++) one(k);
    f.emit(set(at, i32.add(get(at), i32.const(turn))));
  });
  f.while(i32.ltU(get(at), get(end)), () => {
    one(0);
    f.emit(set(at, i32.add(get(at), i32.const(targetBytes))));
  });
}

import type { Pool, PoolGradient, Windows } from "../../../contract.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { eachFourChannels } from "../codegen/channels.js";
import { type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { storeLanes } from "../codegen/lane-stores.js";
import { clear } from "../tensors/clear.js";
import { eachWindow, type WindowInputs } from "./windows.js";

/** Largest value, or `scale` times the sum, of each window of the images in every row of `from`. */
export function poolValues(context: KernelContext, name: string, operation: Pool): void {
  const { kind, windows, scale } = operation;
  const from = context.signal(operation.from);
  const to = context.signal(operation.to);
  const { channels } = windows.input;
  sampleKernel(context, name, (f, block) => {
    const result = f.v128();
    const largest = new LargestValues(f);
    block.each(f, (b) => {
      const image = f.let(TYPE.i32, block.sample(from, get(b)));
      const pooled = f.let(TYPE.i32, block.sample(to, get(b)));
      f.range(i32.const(0), i32.const(from.rows), 1, () => {
        eachWindow(f, windows, (output, inputs) => {
          eachFourChannels(f, channels, (channel, valid) => {
            const base = f.let(TYPE.i32, i32.add(get(image), channel));
            const eachValue = (body: (value: Code) => void): void =>
              inputs((offset) => body(v128.load(0, i32.add(get(base), offset))));
            if (kind === "max") f.emit(set(result, largest.of(eachValue)));
            else {
              f.emit(set(result, f32x4.const(0)));
              eachValue((value) => f.emit(set(result, f32x4.add(get(result), value))));
            }
            if (scale !== 1) f.emit(set(result, f32x4.mul(get(result), f32x4.const(scale))));
            storeLanes(f, 0, i32.add(i32.add(get(pooled), get(output)), channel), result, valid);
          });
        });
        f.emit(set(image, i32.add(get(image), i32.const(from.rowBytes))));
        f.emit(set(pooled, i32.add(get(pooled), i32.const(to.rowBytes))));
      });
    });
  });
}

/** The largest of some values, or NaN if there is a NaN. */
class LargestValues {
  readonly #f: FunctionBuilder;
  readonly #value: number;
  readonly #largest: number;
  readonly #isNone: number;

  constructor(f: FunctionBuilder) {
    this.#f = f;
    [this.#value, this.#largest, this.#isNone] = [f.v128(), f.v128(), f.v128()];
  }

  /** The maximum instruction keeps NaN, but takes several instructions of the processor; this takes three. */
  of(eachValue: (body: (value: Code) => void) => void): Code {
    const value = get(this.#value);
    const [largest, isNone] = [this.#largest, this.#isNone];
    this.#f.emit(set(largest, f32x4.const(-Infinity)), set(isNone, f32x4.const(0)));
    eachValue((code) => {
      this.#f.emit(set(this.#value, code), set(largest, f32x4.pmax(get(largest), value)));
      this.#f.emit(set(isNone, v128.or(get(isNone), f32x4.ne(value, value))));
    });
    // A mask of ones is NaN.
    return v128.or(get(largest), get(isNone));
  }
}

/** True if no input is in two windows, and if every input is in a window. */
function coverage({ input, output, size, stride, padding }: Windows): { isDisjoint: boolean; isComplete: boolean } {
  const isDisjoint = stride[0] >= size[0] && stride[1] >= size[1];
  const isTiling =
    stride[0] === size[0] &&
    stride[1] === size[1] &&
    padding[0] === 0 &&
    padding[1] === 0 &&
    output.height * size[0] === input.height &&
    output.width * size[1] === input.width;
  return { isDisjoint, isComplete: isTiling };
}

/**
 * Adjoint of a pooling. `from` names the signal of values in which a maximum is searched again; a sum needs none.
 */
export function poolGradient(
  context: KernelContext,
  name: string,
  operation: Omit<PoolGradient, "from"> & { readonly from: string | undefined },
): void {
  const { windows, scale } = operation;
  const from = operation.from === undefined ? undefined : context.signal(operation.from);
  const error = context.signal(operation.error);
  const to = context.signal(operation.to);
  const { channels } = windows.input;
  const { isDisjoint, isComplete } = coverage(windows);
  sampleKernel(context, name, (f, block) => {
    const largest = new LargestValues(f);
    block.each(f, (b) => {
      const errors = f.let(TYPE.i32, block.sample(error, get(b)));
      const target = f.let(TYPE.i32, block.sample(to, get(b)));
      const image = f.let(TYPE.i32, from === undefined ? i32.const(0) : block.sample(from, get(b)));
      const incoming = f.v128();
      f.range(i32.const(0), i32.const(error.rows), 1, () => {
        if (!isComplete) clear(f, target, to.rowBytes);
        eachWindow(f, windows, (output, inputs) => {
          eachFourChannels(f, channels, (channel, valid) => {
            const within = f.let(TYPE.i32, channel);
            f.emit(set(incoming, v128.load(0, i32.add(i32.add(get(errors), get(output)), get(within)))));
            const base = f.let(TYPE.i32, i32.add(get(target), get(within)));
            const add = (offset: Code, value: Code): void => {
              const at = f.let(TYPE.i32, i32.add(get(base), offset));
              const sum = isDisjoint ? value : f32x4.add(v128.load(0, get(at)), value);
              storeLanes(f, 0, get(at), f.let(TYPE.v128, sum), valid);
            };
            if (from === undefined) {
              if (scale !== 1) f.emit(set(incoming, f32x4.mul(get(incoming), f32x4.const(scale))));
              inputs((offset) => add(offset, get(incoming)));
            } else addToLargest(f, inputs, { largest, image: i32.add(get(image), get(within)), incoming }, add);
          });
        });
        f.emit(set(errors, i32.add(get(errors), i32.const(error.rowBytes))));
        f.emit(set(target, i32.add(get(target), i32.const(to.rowBytes))));
        if (from !== undefined && from.rows > 1) f.emit(set(image, i32.add(get(image), i32.const(from.rowBytes))));
      });
    });
  });
}

interface Window {
  readonly largest: LargestValues;
  /** Address of the window's channels, and a local with their error. */
  readonly image: Code;
  readonly incoming: number;
}

/** Adds the error to the first input of a window that has the largest value, or that is NaN. */
function addToLargest(
  f: FunctionBuilder,
  inputs: WindowInputs,
  { largest: values, image, incoming }: Window,
  add: (offset: Code, value: Code) => void,
): void {
  const start = f.let(TYPE.i32, image);
  const valueAt = (offset: Code): Code => v128.load(0, i32.add(get(start), offset));
  const largest = f.let(
    TYPE.v128,
    values.of((body) => inputs((offset) => body(valueAt(offset)))),
  );
  const value = f.v128();
  const isHere = f.v128();
  // The error is taken away by the first input that has the largest value.
  inputs((offset) => {
    f.emit(set(value, valueAt(offset)));
    const isNone = f32x4.ne(get(value), get(value));
    f.emit(set(isHere, v128.or(f32x4.eq(get(value), get(largest)), isNone)));
    add(offset, v128.and(get(incoming), get(isHere)));
    f.emit(set(incoming, v128.andnot(get(incoming), get(isHere))));
  });
}

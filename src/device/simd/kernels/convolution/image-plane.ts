import type { SignalLayout } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32, f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { storeLanes } from "../codegen/lane-stores.js";
import { eachSpike, STEP_ENDS, stepLists } from "../spikes/index-lists.js";
import type { Plane } from "./geometry.js";

/** Sets a stretch of whole cache lines, from the address in a local, to zero. */
export function clearBytes(f: FunctionBuilder, start: number, bytes: number): void {
  f.range(get(start), i32.add(get(start), i32.const(bytes)), 64, (at) => {
    for (const offset of [48, 32, 16, 0]) f.emit(v128.store(offset, get(at), f32x4.const(0)));
  });
}

/** Copies an image of values, at the address in local `from`, into a plane whose border is already zero. */
export function copyImage(f: FunctionBuilder, plane: Plane, from: number, to: number): void {
  const { image, row, origin } = plane;
  const numbers = image.width * image.channels;
  const source = f.let(TYPE.i32, get(from));
  const target = f.let(TYPE.i32, i32.add(get(to), i32.const(origin)));
  f.range(i32.const(0), i32.const(image.height), 1, () => {
    const whole = Math.floor(numbers / 4) * 16;
    if (whole > 0)
      f.range(i32.const(0), i32.const(whole), 16, (at) => {
        f.emit(v128.store(0, i32.add(get(target), get(at)), v128.load(0, i32.add(get(source), get(at)))));
      });
    if (numbers % 4 > 0) {
      const rest = f.let(TYPE.v128, v128.load(whole, get(source)));
      storeLanes(f, whole, get(target), rest, numbers % 4);
    }
    f.emit(set(source, i32.add(get(source), i32.const(numbers * 4))));
    f.emit(set(target, i32.add(get(target), i32.const(row))));
  });
}

/** Writes the listed spikes of one step as ones into a plane of zeros. Locals hold the sample's address and the step. */
function writeSpikes(
  f: FunctionBuilder,
  source: SignalLayout,
  plane: Plane,
  { spikes, t, to }: { spikes: number; t: number; to: number },
): void {
  const { image, row, origin } = plane;
  const rowUnits = image.width * image.channels;
  const ends = f.let(TYPE.i32, i32.add(get(spikes), i32.mul(get(t), i32.const(STEP_ENDS))));
  const { added } = stepLists(f, spikes, ends);
  // Units are in order, so the line of the image only moves on.
  const next = f.let(TYPE.i32, i32.const(rowUnits));
  const target = f.let(TYPE.i32, i32.add(get(to), i32.const(origin)));
  eachSpike(f, source, added, (unit) => {
    f.while(i32.geU(get(unit), get(next)), () => {
      f.emit(set(next, i32.add(get(next), i32.const(rowUnits))));
      f.emit(set(target, i32.add(get(target), i32.const(row - rowUnits * 4))));
    });
    f.emit(f32.store(0, i32.add(get(target), i32.shl(get(unit), i32.const(2))), f32.const(1)));
  });
}

/** Copies every image of a signal into a plane: `to` has one plane per row of `from`. */
export function imagePlanes(
  context: KernelContext,
  name: string,
  { from, to, plane }: { from: string; to: string; plane: Plane },
): void {
  const source = context.signal(from);
  const target = context.signal(to);
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => {
      const images = f.let(TYPE.i32, block.sample(source, get(b)));
      const planes = f.let(TYPE.i32, block.sample(target, get(b)));
      eachPlane(f, source, images, { first: i32.const(0), count: i32.const(source.rows), planes, plane });
    });
  });
}

/** Fills planes from rows of a signal of one sample, the first of which is row `first`. */
export function eachPlane(
  f: FunctionBuilder,
  source: SignalLayout,
  sample: number,
  { first, count, planes, plane }: { first: Code; count: Code; planes: number; plane: Plane },
): void {
  const target = f.let(TYPE.i32, get(planes));
  const start = f.let(TYPE.i32, first);
  f.range(get(start), i32.add(get(start), count), 1, (t) => {
    clearBytes(f, target, plane.bytes);
    if (source.kind === "spikes") writeSpikes(f, source, plane, { spikes: sample, t, to: target });
    else
      copyImage(f, plane, f.let(TYPE.i32, i32.add(get(sample), i32.mul(get(t), i32.const(source.rowBytes)))), target);
    f.emit(set(target, i32.add(get(target), i32.const(plane.bytes))));
  });
}

import { TYPE } from "../../wasm/encoding.js";
import { get, i32, set } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";

/**
 * Runs the body for at most `most` of `images` (a local) at a time. It receives locals with the index of the first image
 * and with their number.
 */
export function eachImages(
  f: FunctionBuilder,
  images: number,
  most: number,
  body: (first: number, count: number) => void,
): void {
  const count = f.i32();
  f.range(i32.const(0), get(images), most, (first) => {
    f.emit(set(count, i32.sub(get(images), get(first))));
    f.if(i32.gtU(get(count), i32.const(most)), () => f.emit(set(count, i32.const(most))));
    body(first, count);
  });
}

/** A local with the number of images of one work: the rows of a sample, or the samples of a block if they have one row. */
export const imagesOf = (f: FunctionBuilder, rows: number, { b0, b1 }: { b0: number; b1: number }): number =>
  f.let(TYPE.i32, rows === 1 ? i32.sub(get(b1), get(b0)) : i32.const(rows));

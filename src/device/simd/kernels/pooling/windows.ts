import type { Windows } from "../../../contract.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { get, i32, set } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";

/** Most positions of a window whose loops are unrolled. */
const UNROLLED = 16;

/** The inputs of a window: code of the offset in bytes of each, from the image's first number, runs in order. */
export type WindowInputs = (body: (offset: Code) => void) => void;

/**
 * Runs the body for every output pixel of a pooling, with a local that holds the pixel's offset in bytes in the output
 * image, and the inputs of its window that are inside the image.
 */
export function eachWindow(
  f: FunctionBuilder,
  windows: Windows,
  body: (output: number, inputs: WindowInputs) => void,
): void {
  const { input, output, size, stride, padding } = windows;
  const pixel = input.channels * 4;
  const line = input.width * pixel;
  const target = f.let(TYPE.i32, i32.const(0));
  const isInside = padding[0] === 0 && padding[1] === 0 && size[0] * size[1] <= UNROLLED;
  const next = (): void => f.emit(set(target, i32.add(get(target), i32.const(pixel))));
  f.range(i32.const(0), i32.const(output.height), 1, (y) => {
    if (isInside) {
      const start = f.let(TYPE.i32, i32.mul(get(y), i32.const(stride[0] * line)));
      f.range(i32.const(0), i32.const(output.width), 1, () => {
        body(target, (each) => {
          for (let i = 0; i < size[0]; i++) {
            for (let j = 0; j < size[1]; j++) each(i32.add(get(start), i32.const(i * line + j * pixel)));
          }
        });
        f.emit(set(start, i32.add(get(start), i32.const(stride[1] * pixel))));
        next();
      });
      return;
    }
    const rows = clipped(f, y, { size: size[0], stride: stride[0], padding: padding[0], inputs: input.height });
    f.range(i32.const(0), i32.const(output.width), 1, (x) => {
      const columns = clipped(f, x, { size: size[1], stride: stride[1], padding: padding[1], inputs: input.width });
      body(target, (each) =>
        f.range(get(rows.from), get(rows.to), 1, (i) => {
          const start = f.let(TYPE.i32, i32.mul(get(i), i32.const(line)));
          f.range(get(columns.from), get(columns.to), 1, (j) =>
            each(i32.add(get(start), i32.mul(get(j), i32.const(pixel)))),
          );
        }),
      );
      next();
    });
  });
}

/** Locals with the first input of window `index` (a local) along one axis and the one after its last, inside the image. */
function clipped(
  f: FunctionBuilder,
  index: number,
  { size, stride, padding, inputs }: { size: number; stride: number; padding: number; inputs: number },
): { from: number; to: number } {
  // Both are counted from the start of the padding, so that they are not negative.
  const from = f.let(TYPE.i32, i32.mul(get(index), i32.const(stride)));
  const to = f.let(TYPE.i32, i32.add(get(from), i32.const(size)));
  f.if(i32.ltU(get(from), i32.const(padding)), () => f.emit(set(from, i32.const(padding))));
  f.if(i32.gtU(get(to), i32.const(inputs + padding)), () => f.emit(set(to, i32.const(inputs + padding))));
  f.emit(set(from, i32.sub(get(from), i32.const(padding))), set(to, i32.sub(get(to), i32.const(padding))));
  return { from, to };
}

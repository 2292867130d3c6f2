import type { Convolution } from "../../../contract.js";
import { TYPE } from "../../wasm/encoding.js";
import { f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import { keepValid } from "../codegen/formulas.js";
import { type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { inPairs, upperFirst } from "../codegen/unit-groups.js";
import { cellBytes, type ErrorPlanes } from "./sparse-planes.js";

/** Copies the errors of a block of samples to the planes of a region. */
export function packPlanes(
  context: KernelContext,
  name: string,
  {
    error,
    region,
    planes,
    convolution,
  }: { error: string; region: string; planes: ErrorPlanes; convolution: Convolution },
): void {
  const from = context.signal(error);
  const { channels, slices, border, pitch, planeCells, together, groupBytes, cells } = planes;
  const { height, width } = convolution.output;
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => {
      const row = f.let(TYPE.i32, block.sample(from, get(b)));
      const first = f.let(TYPE.i32, i32.mul(get(b), i32.const(from.rows)));
      f.range(get(first), i32.add(get(first), i32.const(from.rows)), 1, (image) => {
        const group = i32.mul(i32.divU(get(image), i32.const(together)), i32.const(groupBytes));
        const groupAt = f.let(TYPE.i32, i32.add(i32.const(context.region(region)), group));
        const within = f.let(TYPE.i32, i32.remU(get(image), i32.const(together)));
        for (let slice = 0; slice < slices; slice++) {
          const bytes = cellBytes(channels, slice);
          const quads = [...Array(bytes / 16).keys()];
          const column = slice * cellBytes(channels, 0);
          const valid = channels - slice * 32;
          const sliceAt = f.let(TYPE.i32, i32.add(get(groupAt), i32.const(cells * column)));
          const clear = (target: number): void =>
            f.range(get(target), i32.add(get(target), i32.const(border * bytes)), 16, (at) =>
              f.emit(v128.store(0, get(at), f32x4.const(0))),
            );
          if (border > 0) f.if(i32.eqz(get(within)), () => clear(sliceAt));
          const plane = i32.mul(get(within), i32.const(planeCells * bytes));
          const target = f.let(TYPE.i32, i32.add(i32.add(get(sliceAt), plane), i32.const(border * bytes)));
          const source = f.let(TYPE.i32, i32.add(get(row), i32.const(column)));
          const values = quads.map(() => f.v128());
          f.range(i32.const(0), i32.const(height), 1, () => {
            f.range(i32.const(0), i32.const(width), 1, () => {
              inPairs(quads, (pair) => {
                for (const quad of pair) {
                  const loaded = 4 * quad < valid ? v128.load(16 * quad, get(source)) : f32x4.const(0);
                  f.emit(set(values[quad]!, keepValid(loaded, valid, 4 * quad)));
                }
                upperFirst(pair, (quad) => f.emit(v128.store(16 * quad, get(target), get(values[quad]!))));
              });
              f.emit(set(source, i32.add(get(source), i32.const(4 * channels))));
              f.emit(set(target, i32.add(get(target), i32.const(bytes))));
            });
            if (border > 0) clear(target);
            f.emit(set(target, i32.add(get(target), i32.const((pitch - width) * bytes))));
          });
        }
        f.emit(set(row, i32.add(get(row), i32.const(from.rowBytes))));
      });
    });
  });
}

import type { Pool, Windows } from "../../../contract.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32, f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { eachSpike, eachStep, unitsInOrder } from "../spikes/index-lists.js";
import { bitsRow, listSpikes } from "../spikes/spike-deltas.js";
import { clear } from "../tensors/clear.js";

/** Runs the body for every output pixel whose window covers the pixel of a unit, with the number of the output's unit. */
function eachOutput(
  f: FunctionBuilder,
  { input, output, size, stride, padding }: Windows,
  unit: number,
  body: (output: number) => void,
): void {
  const { channels } = input;
  const pixel = f.let(TYPE.i32, i32.divU(get(unit), i32.const(channels)));
  const channel = i32.sub(get(unit), i32.mul(get(pixel), i32.const(channels)));
  const y = f.let(TYPE.i32, i32.divU(get(pixel), i32.const(input.width)));
  const x = f.let(TYPE.i32, i32.sub(get(pixel), i32.mul(get(y), i32.const(input.width))));
  const at = (row: Code, column: Code): Code =>
    i32.add(i32.mul(i32.add(i32.mul(row, i32.const(output.width)), column), i32.const(channels)), get(within));
  const within = f.let(TYPE.i32, channel);
  const [rows, columns] = [
    covering(f, y, { size: size[0], stride: stride[0], padding: padding[0], outputs: output.height }),
    covering(f, x, { size: size[1], stride: stride[1], padding: padding[1], outputs: output.width }),
  ];
  f.range(get(rows.from), get(rows.to), 1, (row) =>
    f.range(get(columns.from), get(columns.to), 1, (column) => body(f.let(TYPE.i32, at(get(row), get(column))))),
  );
}

/** Locals with the first window along one axis that covers input `index` (a local), and the one after the last. */
function covering(
  f: FunctionBuilder,
  index: number,
  { size, stride, padding, outputs }: { size: number; stride: number; padding: number; outputs: number },
): { from: number; to: number } {
  const last = f.let(TYPE.i32, i32.add(get(index), i32.const(padding)));
  // The first window starts after the input minus the size: rounded up, from a number that is not negative.
  const from = f.let(TYPE.i32, i32.const(0));
  f.if(i32.geU(get(last), i32.const(size)), () =>
    f.emit(set(from, i32.divU(i32.add(get(last), i32.const(stride - size)), i32.const(stride)))),
  );
  const to = f.let(TYPE.i32, i32.add(i32.divU(get(last), i32.const(stride)), i32.const(1)));
  f.if(i32.gtU(get(to), i32.const(outputs)), () => f.emit(set(to, i32.const(outputs))));
  return { from, to };
}

/** `scale` times the number of spikes in each window. */
export function sumSpikes(context: KernelContext, name: string, operation: Pool): void {
  const { windows, scale } = operation;
  const from = context.signal(operation.from);
  const to = context.signal(operation.to);
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => {
      const spikes = f.let(TYPE.i32, block.sample(from, get(b)));
      const row = f.let(TYPE.i32, block.sample(to, get(b)));
      eachStep(f, spikes, { first: 0, last: from.rows }, ({ added }) => {
        clear(f, row, to.rowBytes);
        eachSpike(f, from, added, (unit) =>
          eachOutput(f, windows, unit, (output) => {
            const at = f.let(TYPE.i32, i32.add(get(row), i32.shl(get(output), i32.const(2))));
            f.emit(f32.store(0, get(at), f32.add(f32.load(0, get(at)), f32.const(1))));
          }),
        );
        // Spikes are counted before they are scaled, so that the result is rounded once.
        if (scale !== 1) {
          f.range(get(row), i32.add(get(row), i32.const(to.rowBytes)), 16, (at) => {
            f.emit(v128.store(0, get(at), f32x4.mul(v128.load(0, get(at)), f32x4.const(scale))));
          });
        }
        f.emit(set(row, i32.add(get(row), i32.const(to.rowBytes))));
      });
    });
  });
}

/** A spike wherever a window has one. `bits` names the bitmap of the spikes, before they are listed. */
export function maxOfSpikes(context: KernelContext, name: string, operation: Pool, bits: string): void {
  const { windows } = operation;
  const from = context.signal(operation.from);
  const to = context.signal(operation.to);
  const rowBytes = bitsRow(to.width);
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => {
      const spikes = f.let(TYPE.i32, block.sample(from, get(b)));
      const bitmap = f.let(TYPE.i32, block.sample(context.signal(bits), get(b)));
      const row = f.let(TYPE.i32, get(bitmap));
      eachStep(f, spikes, { first: 0, last: from.rows }, ({ added }) => {
        clear(f, row, rowBytes);
        eachSpike(f, from, added, (unit) =>
          eachOutput(f, windows, unit, (output) => {
            const at = f.let(TYPE.i32, i32.add(get(row), i32.shrU(get(output), i32.const(3))));
            const bit = i32.shl(i32.const(1), i32.and(get(output), i32.const(7)));
            f.emit(i32.store8(0, get(at), i32.or(i32.load8u(0, get(at)), bit)));
          }),
        );
        f.emit(set(row, i32.add(get(row), i32.const(rowBytes))));
      });
      listSpikes(f, context.listTables, to, {
        bits: bitmap,
        spikes: f.let(TYPE.i32, block.sample(to, get(b))),
        groups: i32.const(Math.ceil(to.width / 8)),
        units: () => unitsInOrder(f),
      });
    });
  });
}

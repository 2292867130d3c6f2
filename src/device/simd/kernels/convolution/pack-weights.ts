import type { Convolution } from "../../../contract.js";
import { PANEL_ROW } from "../../compile/layout.js";
import { type Code, TYPE } from "../../wasm/encoding.js";
import { f32, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { columnOffset, type KernelContext, synapseKernel } from "../codegen/kernel-context.js";
import { BLOCK_OUTPUTS, sweepBytes } from "./dense-sweep.js";
import { forwardSweep, groupChannels, inputPlane, transposedConvolution } from "./geometry.js";

/**
 * Copies of a convolution's weights in the order in which dense sweeps read them: per group, per sweep, per block of eight
 * output channels, the rows of eight weights per tap and channel.
 */

/** Copies for the forward pass, or transposed for the input gradient. */
export type Packing = "forward" | "transposed";

/** A sweep of each group in packed weights: where it starts, and the weights of which taps it has. */
interface PackedSweep {
  readonly offset: number;
  readonly taps: readonly number[];
}

export interface PackedWeights {
  readonly groupBytes: number;
  readonly bytes: number;
  readonly sweeps: readonly PackedSweep[];
}

export function packedWeights(convolution: Convolution, packing: Packing): PackedWeights {
  const [height, width] = convolution.size;
  const all = Array.from({ length: height * width }, (_, tap) => tap);
  const parts =
    packing === "forward"
      ? [{ sweep: forwardSweep(convolution, inputPlane(convolution)), taps: all }]
      : transposedConvolution(convolution).sweeps;
  let groupBytes = 0;
  const sweeps = parts.map(({ sweep, taps }) => {
    const offset = groupBytes;
    groupBytes += sweepBytes(sweep);
    return { offset, taps };
  });
  return { groupBytes, bytes: groupBytes * convolution.groups, sweeps };
}

/** Work items of `packWeights`: blocks of eight output channels. */
export function packedBlocks(convolution: Convolution, packing: Packing): number {
  const { inputs, outputs } = groupChannels(convolution);
  return convolution.groups * Math.ceil((packing === "forward" ? outputs : inputs) / BLOCK_OUTPUTS);
}

/** Packs the weights of a convolution into a region; items are blocks of all sweeps. */
export function packWeights(
  context: KernelContext,
  name: string,
  {
    convolution,
    packing,
    weights,
    region,
  }: { convolution: Convolution; packing: Packing; weights: string; region: string },
): void {
  const { inputs, outputs } = groupChannels(convolution);
  const { groupBytes, sweeps } = packedWeights(convolution, packing);
  const from = context.tensor(weights);
  const to = context.region(region);
  const [depth, blocks] =
    packing === "forward" ? [inputs, Math.ceil(outputs / BLOCK_OUTPUTS)] : [outputs, Math.ceil(inputs / BLOCK_OUTPUTS)];
  synapseKernel(context, name, (f, first, last) => {
    f.range(get(first), get(last), 1, (item) => {
      const group = f.let(TYPE.i32, i32.divU(get(item), i32.const(blocks)));
      const block = f.let(TYPE.i32, i32.remU(get(item), i32.const(blocks)));
      const lanes = f.let(TYPE.i32, i32.mul(get(block), i32.const(BLOCK_OUTPUTS)));
      const column = f.let(TYPE.i32, i32.mul(get(group), i32.const(outputs)));
      for (const { offset, taps } of sweeps) {
        const bytes = taps.length * depth * BLOCK_OUTPUTS * 4;
        const start = i32.add(i32.mul(get(group), i32.const(groupBytes)), i32.mul(get(block), i32.const(bytes)));
        const target = f.let(TYPE.i32, i32.add(i32.const(to + offset), start));
        for (const tap of taps) {
          f.range(i32.const(0), i32.const(depth), 1, (k) => {
            if (packing === "forward") {
              const row = i32.add(i32.const(tap * inputs), get(k));
              copyRow(
                f,
                from,
                { row, column: i32.add(get(column), get(lanes)), isAligned: convolution.groups === 1 },
                target,
              );
            } else {
              const row = i32.add(i32.const(tap * inputs), get(lanes));
              copyColumn(f, from, { row, column: i32.add(get(column), get(k)) }, target);
            }
            f.emit(set(target, i32.add(get(target), i32.const(BLOCK_OUTPUTS * 4))));
          });
        }
      }
    });
  });
}

type Tensor = ReturnType<KernelContext["tensor"]>;

/** Eight neighbors in a row of a tensor. Those after the last column are copied too: nothing depends on them. */
function copyRow(
  f: FunctionBuilder,
  from: Tensor,
  { row, column, isAligned }: { row: Code; column: Code; isAligned: boolean },
  target: number,
): void {
  const start = f.let(TYPE.i32, i32.add(i32.const(from.address), i32.mul(row, i32.const(PANEL_ROW))));
  const first = f.let(TYPE.i32, i32.shl(column, i32.const(2)));
  if (isAligned) {
    const at = f.let(TYPE.i32, i32.add(get(start), columnOffset(from, get(first))));
    for (const offset of [0, 16]) f.emit(v128.store(offset, get(target), v128.load(offset, get(at))));
    return;
  }
  for (let lane = 0; lane < BLOCK_OUTPUTS; lane++) {
    const offset = f.let(TYPE.i32, i32.add(get(first), i32.const(4 * lane)));
    f.emit(f32.store(4 * lane, get(target), f32.load(0, i32.add(get(start), columnOffset(from, get(offset))))));
  }
}

/** Eight neighbors in a column of a tensor. */
function copyColumn(
  f: FunctionBuilder,
  from: Tensor,
  { row, column }: { row: Code; column: Code },
  target: number,
): void {
  const offset = f.let(TYPE.i32, i32.shl(column, i32.const(2)));
  const start = i32.add(i32.const(from.address), i32.mul(row, i32.const(PANEL_ROW)));
  const at = f.let(TYPE.i32, i32.add(start, columnOffset(from, get(offset))));
  for (let lane = 0; lane < BLOCK_OUTPUTS; lane++) {
    f.emit(f32.store(4 * lane, get(target), f32.load(PANEL_ROW * lane, get(at))));
  }
}

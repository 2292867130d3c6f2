import type { Convolution } from "../../../contract.js";
import { PANEL_COLUMNS } from "../../compile/layout.js";
import { TYPE } from "../../wasm/encoding.js";
import { get, i32, set, v128 } from "../../wasm/instructions.js";
import { keepValid } from "../codegen/formulas.js";
import { type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { groupChannels } from "./geometry.js";
import type { GradientLayout } from "./gradient-layout.js";

/**
 * Copies errors for the weight gradient: the channels of a panel are contiguous, pixel after pixel, so that sums over
 * pixels read memory in order. Channels after the last one of a group are 0.
 */
export function packImageErrors(
  context: KernelContext,
  name: string,
  convolution: Convolution,
  { panelsPerGroup, panelColumns }: GradientLayout,
  { error, packed }: { error: string; packed: string },
): void {
  const { output, groups } = convolution;
  const { outputs } = groupChannels(convolution);
  const from = context.signal(error);
  const to = context.signal(packed);
  const pixels = output.height * output.width;
  sampleKernel(context, name, (f, block) => {
    block.each(f, (b) => {
      const target = f.let(TYPE.i32, block.sample(to, get(b)));
      const source = f.let(TYPE.i32, block.sample(from, get(b)));
      for (let group = 0; group < groups; group++) {
        for (let panel = 0; panel < panelsPerGroup; panel++) {
          const first = group * outputs + panel * PANEL_COLUMNS;
          const valid = Math.min(PANEL_COLUMNS, outputs - panel * PANEL_COLUMNS);
          f.range(i32.const(0), i32.const(from.rows), 1, (t) => {
            const row = i32.add(get(source), i32.mul(get(t), i32.const(from.rowBytes)));
            const pixel = f.let(TYPE.i32, i32.add(row, i32.const(first * 4)));
            f.range(i32.const(0), i32.const(pixels), 1, () => {
              for (let quad = panelColumns / 4 - 1; quad >= 0; quad--) {
                const value = keepValid(v128.load(16 * quad, get(pixel)), valid, 4 * quad);
                f.emit(v128.store(16 * quad, get(target), value));
              }
              f.emit(set(pixel, i32.add(get(pixel), i32.const(output.channels * 4))));
              f.emit(set(target, i32.add(get(target), i32.const(panelColumns * 4))));
            });
          });
        }
      }
    });
  });
}

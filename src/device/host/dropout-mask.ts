import { drawUniform, rowKey, STREAM } from "../../random/counter.js";
import type { DropoutMask } from "../contract.js";

/** Keys and size of the masks of one run. */
export interface DropoutMaskRun {
  readonly samples: number;
  readonly width: number;
  readonly seed: number;
  readonly epoch: number;
  readonly sampleIds: Uint32Array | undefined;
}

/**
 * Draws a dropout mask into `to` `[samples, width]`: the mask's value if the unit is kept, else 0 (see `DropoutMask` in the
 * contract).
 */
export function dropoutMaskOnHost(
  mask: Pick<DropoutMask, "keep" | "value" | "layer">,
  run: DropoutMaskRun,
  to: { [index: number]: number; readonly length: number },
): void {
  const keep = Math.fround(mask.keep);
  const { value = 1 / mask.keep } = mask;
  for (let sample = 0; sample < run.samples; sample++) {
    const key = rowKey(run.seed, STREAM.dropout, run.epoch, run.sampleIds?.[sample] ?? 0, mask.layer);
    for (let unit = 0; unit < run.width; unit++) {
      to[sample * run.width + unit] = drawUniform(key, unit) < keep ? value : 0;
    }
  }
}

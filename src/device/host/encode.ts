import { chooseByConditions } from "../../equations/analysis/differentiate.js";
import type { EncoderKernel } from "../../equations/kernels/kernels.js";
import { freeSymbols } from "../../equations/language/expression.js";
import { drawFineUniform, drawUniform, rowKey } from "../../random/counter.js";
import { compileFormulas } from "./formulas.js";

/** Keys and size of the draws of one run. */
export interface EncodeRun {
  readonly samples: number;
  /** Steps to write; a static encoder always writes one row per sample. */
  readonly steps: number;
  readonly width: number;
  readonly stream: number;
  readonly seed: number;
  readonly epoch: number;
  readonly firstStep: number;
  /** Needed by an encoder that draws. */
  readonly sampleIds: Uint32Array | undefined;
}

/** Encodes pixels `[samples, width]` into `to` `[samples, steps or 1, width]`; spikes are written as 0 and 1. */
export type HostEncoder = (
  run: EncodeRun,
  pixels: ArrayLike<number>,
  to: { [index: number]: number; readonly length: number },
) => void;

/** True if the encoder draws random numbers, so that a run needs the identities of its samples. */
export const draws = (encoder: EncoderKernel): boolean => freeSymbols(Object.values(encoder.formulas)).includes("u");

/**
 * Compiles an encoder for the host. Its formula is evaluated in single precision, each operation rounded. The spikes
 * of all devices must be bit-identical to these (see `Encode` in the contract).
 */
export function encodeOnHost(encoder: EncoderKernel): HostEncoder {
  const names = Object.keys(encoder.parameters);
  const value = compileFormulas(chooseByConditions(encoder.formulas), ["x", "t", "u", ...names], ["value"], "single");
  const parameters = names.map((name) => Math.fround(encoder.parameters[name]!));
  const random = draws(encoder);
  const spikes = encoder.output === "spikes";
  return (run, pixels, to) => {
    const rows = encoder.static ? 1 : run.steps;
    const symbols = new Float64Array([0, 0, 0, ...parameters]);
    const result = new Float64Array(1);
    let index = 0;
    for (let sample = 0; sample < run.samples; sample++) {
      for (let row = 0; row < rows; row++) {
        const step = run.firstStep + row;
        const key = rowKey(run.seed, run.stream, run.epoch, run.sampleIds?.[sample] ?? 0, step);
        symbols[1] = Math.fround(step);
        for (let unit = 0; unit < run.width; unit++) {
          const pixel = Math.fround(pixels[sample * run.width + unit]!);
          if (spikes && pixel === 0 && encoder.zeroIsSilent) {
            to[index++] = 0;
            continue;
          }
          symbols[0] = pixel;
          if (random) symbols[2] = spikes ? drawFineUniform(key, unit) : drawUniform(key, unit);
          value(symbols, result);
          to[index++] = spikes ? (result[0]! > 0 ? 1 : 0) : result[0]!;
        }
      }
    }
  };
}

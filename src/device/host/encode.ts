import { chooseByConditions } from "../../equations/analysis/differentiate.js";
import type { EncoderKernel } from "../../equations/kernels/kernels.js";
import { freeSymbols } from "../../equations/language/expression.js";
import { drawFineUniform, drawUniform, rowKey } from "../../random/counter.js";
import { compileFormulas } from "./formulas.js";

/** Keys and size of the draws of one run. */
export interface EncodeRun {
  readonly samples: number;
  /** Steps to write; a static encoder writes one row per sample of a still image. */
  readonly steps: number;
  /** True if there is a row of pixels per step. */
  readonly inTime: boolean;
  readonly width: number;
  readonly stream: number;
  readonly seed: number;
  readonly epoch: number;
  readonly firstStep: number;
  /** Needed by an encoder that draws. */
  readonly sampleIds: Uint32Array | undefined;
}

/**
 * Encodes pixels `[samples, steps or 1, width]` into `to` `[samples, steps or 1, width]`; spikes are written as 0 and 1.
 * `before`, `[samples, width]`, has the pixels of the step before the first; left out: 0.
 */
export type HostEncoder = (
  run: EncodeRun,
  pixels: ArrayLike<number>,
  to: { [index: number]: number; readonly length: number },
  before?: ArrayLike<number>,
) => void;

/** True if the encoder draws random numbers, so that a run needs the identities of its samples. */
export const draws = (encoder: EncoderKernel): boolean => uses(encoder, "u");

/** True if the encoder reads the pixel of the step before. */
export const usesBefore = (encoder: EncoderKernel): boolean => uses(encoder, "x_before");

const uses = (encoder: EncoderKernel, name: string): boolean =>
  freeSymbols(Object.values(encoder.formulas)).includes(name);

/** Symbols that an encoder may use besides its parameters, in the order of the compiled formula's inputs. */
const BUILT_IN: readonly string[] = ["x", "t", "u", "x_before"];

/**
 * Compiles an encoder for the host. Its formula is evaluated in single precision, each operation rounded. The spikes
 * of all devices must be bit-identical to these (see `Encode` in the contract).
 */
export function encodeOnHost(encoder: EncoderKernel): HostEncoder {
  const names = Object.keys(encoder.parameters);
  const value = compileFormulas(chooseByConditions(encoder.formulas), BUILT_IN.concat(names), ["value"], "single");
  const parameters = names.map((name) => Math.fround(encoder.parameters[name]!));
  const random = draws(encoder);
  const remembers = usesBefore(encoder);
  const spikes = encoder.output === "spikes";
  return (run, pixels, to, before) => {
    const { width, inTime } = run;
    const rows = encoder.static && !inTime ? 1 : run.steps;
    const valueBefore = (sample: number, row: number, unit: number, pixel: number): number => {
      if (!inTime) return run.firstStep + row > 0 ? pixel : 0;
      if (row > 0) return Math.fround(pixels[(sample * rows + row - 1) * width + unit]!);
      return before === undefined ? 0 : Math.fround(before[sample * width + unit]!);
    };
    const symbols = new Float64Array([...BUILT_IN.map(() => 0), ...parameters]);
    const result = new Float64Array(1);
    let index = 0;
    for (let sample = 0; sample < run.samples; sample++) {
      for (let row = 0; row < rows; row++) {
        const step = run.firstStep + row;
        const key = rowKey(run.seed, run.stream, run.epoch, run.sampleIds?.[sample] ?? 0, step);
        symbols[1] = Math.fround(step);
        for (let unit = 0; unit < width; unit++) {
          const pixel = Math.fround(pixels[(inTime ? sample * rows + row : sample) * width + unit]!);
          if (spikes && pixel === 0 && encoder.zeroIsSilent) {
            to[index++] = 0;
            continue;
          }
          symbols[0] = pixel;
          if (random) symbols[2] = spikes ? drawFineUniform(key, unit) : drawUniform(key, unit);
          if (remembers) symbols[3] = valueBefore(sample, row, unit, pixel);
          value(symbols, result);
          to[index++] = spikes ? (result[0]! > 0 ? 1 : 0) : result[0]!;
        }
      }
    }
  };
}

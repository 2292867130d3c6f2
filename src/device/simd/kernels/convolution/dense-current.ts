import type { Convolution } from "../../../contract.js";
import { TYPE } from "../../wasm/encoding.js";
import { call, get, i32, set } from "../../wasm/instructions.js";
import { type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { type SweepStart, sweepFunction } from "./dense-sweep.js";
import { forwardSweep, groupChannels, type Plane } from "./geometry.js";
import { eachImages, imagesOf } from "./image-groups.js";
import { packedWeights } from "./pack-weights.js";

/** Bytes of images that are swept together. */
const TOGETHER = 256 * 1024;

interface CurrentNames {
  /** Signal of values: the images with their borders. */
  readonly planes: string;
  /** Region of the packed weights. */
  readonly packed: string;
  /** Tensor of one number, or one per output channel. */
  readonly bias: string | undefined;
  readonly to: string;
}

/** to[b, t] = bias + the convolution of the image in row t of sample b. */
export function denseConvolution(
  context: KernelContext,
  name: string,
  convolution: Convolution,
  plane: Plane,
  { planes, packed, bias, to }: CurrentNames,
): void {
  const { groups } = convolution;
  const { inputs, outputs } = groupChannels(convolution);
  const input = context.signal(planes);
  const target = context.signal(to);
  const { groupBytes } = packedWeights(convolution, "forward");
  const biases = bias === undefined ? undefined : context.tensor(bias);
  const start: SweepStart = biases === undefined ? "zero" : biases.columns === 1 ? "one" : "each";
  const strides =
    input.rows === 1
      ? { from: input.sampleBytes, to: target.sampleBytes }
      : { from: input.rowBytes, to: target.rowBytes };
  const sweep = sweepFunction(context.module, forwardSweep(convolution, plane), strides, start);
  const most = Math.max(1, Math.floor(TOGETHER / input.rowBytes));
  sampleKernel(context, name, (f, block) => {
    const images = imagesOf(f, input.rows, block);
    const source = f.let(TYPE.i32, block.sample(input, get(block.b0)));
    const result = f.let(TYPE.i32, block.sample(target, get(block.b0)));
    const sweeps = (): void =>
      eachImages(f, images, most, (first, count) => {
        const from = f.let(TYPE.i32, i32.add(get(source), i32.mul(get(first), i32.const(strides.from))));
        const at = f.let(TYPE.i32, i32.add(get(result), i32.mul(get(first), i32.const(strides.to))));
        for (let group = 0; group < groups; group++) {
          f.emit(
            call(
              sweep,
              i32.add(get(from), i32.const(group * inputs * 4)),
              i32.const(context.region(packed) + group * groupBytes),
              i32.add(get(at), i32.const(group * outputs * 4)),
              i32.const(biases === undefined ? 0 : biases.address + (start === "each" ? group * outputs * 4 : 0)),
              get(count),
            ),
          );
        }
      });
    if (input.rows === 1) sweeps();
    else
      block.each(f, () => {
        sweeps();
        f.emit(set(source, i32.add(get(source), i32.const(input.sampleBytes))));
        f.emit(set(result, i32.add(get(result), i32.const(target.sampleBytes))));
      });
  });
}

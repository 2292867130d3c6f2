import type { Convolution } from "../../../contract.js";
import { roundUp } from "../../compile/layout.js";
import { TYPE } from "../../wasm/encoding.js";
import { call, f32x4, get, i32, set, v128 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";
import { type Block, type KernelContext, sampleKernel } from "../codegen/kernel-context.js";
import { type ImageStrides, sweepFunction } from "./dense-sweep.js";
import { groupChannels, transposedConvolution } from "./geometry.js";
import { eachImages, imagesOf } from "./image-groups.js";
import { clearBytes, copyImage } from "./image-plane.js";
import { packedWeights } from "./pack-weights.js";

/** Bytes of images that are swept together. */
const TOGETHER = 128 * 1024;

export interface InputGradientNames {
  readonly error: string;
  /** Region of the packed transposed weights. */
  readonly packed: string;
  /** Signal of the planes of errors (see `errorPlanesBytes`), unless the windows stay inside the image. */
  readonly planes: string | undefined;
  readonly to: string;
}

/** Images whose planes are in memory together. */
const planesTogether = (planeBytes: number): number => Math.max(1, Math.floor(TOGETHER / planeBytes));

/** Bytes per block of samples of the planes of errors; undefined if the errors are read as they are. */
export function errorPlanesBytes(convolution: Convolution, rows: number, blockSamples: number): number | undefined {
  const { plane } = transposedConvolution(convolution);
  if (!plane.hasBorder) return undefined;
  return Math.min(planesTogether(plane.bytes), rows === 1 ? blockSamples : rows) * plane.bytes;
}

/** to[b, t] = the transposed convolution of error[b, t]. */
export function denseInputGradient(
  context: KernelContext,
  name: string,
  convolution: Convolution,
  names: InputGradientNames,
): void {
  const error = context.signal(names.error);
  const target = context.signal(names.to);
  const strides = { from: error.sampleBytes, to: target.sampleBytes };
  sampleKernel(context, name, (f, block) => {
    const from = f.let(TYPE.i32, block.sample(error, get(block.b0)));
    const to = f.let(TYPE.i32, block.sample(target, get(block.b0)));
    if (error.rows === 1) {
      const images = imagesOf(f, error.rows, block);
      transposedSweeps(f, context, { convolution, names, strides, block }, { from, to, images });
      return;
    }
    block.each(f, () => {
      transposedRows(f, context, { convolution, names, block }, { from, to });
      f.emit(set(from, i32.add(get(from), i32.const(strides.from))), set(to, i32.add(get(to), i32.const(strides.to))));
    });
  });
}

interface Transposition {
  readonly convolution: Convolution;
  readonly names: InputGradientNames;
  readonly block: Block;
}

/** The same for the rows of one sample of a block; locals hold the addresses of the first row of error and result. */
export function transposedRows(
  f: FunctionBuilder,
  context: KernelContext,
  transposition: Transposition,
  { from, to }: { from: number; to: number },
): void {
  const error = context.signal(transposition.names.error);
  const strides = { from: error.rowBytes, to: context.signal(transposition.names.to).rowBytes };
  const images = f.let(TYPE.i32, i32.const(error.rows));
  transposedSweeps(f, context, { ...transposition, strides }, { from, to, images });
}

function transposedSweeps(
  f: FunctionBuilder,
  context: KernelContext,
  { convolution, names, strides, block }: Transposition & { readonly strides: ImageStrides },
  { from, to, images }: { from: number; to: number; images: number },
): void {
  const { groups } = convolution;
  const { inputs, outputs } = groupChannels(convolution);
  const { plane, sweeps, writesAll } = transposedConvolution(convolution);
  const packed = packedWeights(convolution, "transposed");
  const { width } = context.signal(names.to);
  const between = { from: names.planes === undefined ? strides.from : plane.bytes, to: strides.to };
  const functions = sweeps.map(({ sweep }) => sweepFunction(context.module, sweep, between, "zero"));
  eachImages(f, images, planesTogether(plane.bytes), (first, count) => {
    const image = f.let(TYPE.i32, i32.add(get(from), i32.mul(get(first), i32.const(strides.from))));
    const at = f.let(TYPE.i32, i32.add(get(to), i32.mul(get(first), i32.const(strides.to))));
    let source = image;
    if (names.planes !== undefined) {
      source = f.let(TYPE.i32, block.sample(context.signal(names.planes), get(block.b0)));
      const target = f.let(TYPE.i32, get(source));
      f.range(i32.const(0), get(count), 1, () => {
        clearBytes(f, target, plane.bytes);
        copyImage(f, plane, image, target);
        f.emit(set(image, i32.add(get(image), i32.const(strides.from))));
        f.emit(set(target, i32.add(get(target), i32.const(plane.bytes))));
      });
    }
    if (!writesAll) {
      f.range(get(at), i32.add(get(at), i32.mul(get(count), i32.const(strides.to))), strides.to, (row) => {
        f.range(get(row), i32.add(get(row), i32.const(roundUp(width, 8) * 4)), 32, (unit) => {
          for (const offset of [16, 0]) f.emit(v128.store(offset, get(unit), f32x4.const(0)));
        });
      });
    }
    for (let group = 0; group < groups; group++) {
      functions.forEach((sweep, index) => {
        f.emit(
          call(
            sweep,
            i32.add(get(source), i32.const(group * outputs * 4)),
            i32.const(context.region(names.packed) + group * packed.groupBytes + packed.sweeps[index]!.offset),
            i32.add(get(at), i32.const(group * inputs * 4)),
            i32.const(0),
            get(count),
          ),
        );
      });
    }
  });
}

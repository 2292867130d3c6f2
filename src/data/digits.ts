import { fields, optional, signature, whole } from "../arguments/index.js";
import { drawUniform, rowKey, STREAM } from "../random/counter.js";
import { SEED } from "../random/seed.js";
import type { ImageDataset } from "./dataset.js";
import { inkCurve, smoothCurve } from "./digits/pen.js";
import { HANDS } from "./digits/strokes.js";
import { applyWarp, drawWarp, warpField } from "./digits/warp.js";

/**
 * Synthetic handwritten digits: 28x28 grey images similar to MNIST, drawn instead of downloaded.
 *
 * Each sample picks one of several ways to write its digit, moves the points of its strokes, bends the plane they lie
 * in (an elastic deformation), slants, turns and squeezes them, and draws them with a pen of random width and
 * sharpness. Like MNIST, a digit fits a box of 20 pixels and its center of mass lies near the middle of the image.
 *
 * Sample i depends only on (seed, split, i): a larger set begins with the smaller one, and the test samples do not
 * change with the number of training samples. Only + - * / and square roots are used, so that the bytes are the same
 * in every JavaScript engine.
 */

/** Height and width in pixels. */
const SIZE = 28;
/** The box that the strokes are fitted into, in pixels, before the random scale. */
const BOX = 19.8;

/** Variation of the digits. Standard deviations unless stated otherwise. */
const VARIATION = {
  /** Of each stroke point, in units of the digit's height. */
  point: 0.022,
  /** Of the elastic field's grid points, in units of the digit's height. */
  elastic: 0.09,
  /** Tangent of half the rotation angle. */
  halfTurn: 0.07,
  /** Mean of the shear to the right that most writers have: horizontal shift per unit of height. */
  lean: 0.1,
  /** Standard deviation of the shear about that mean. */
  slant: 0.24,
  /** Relative scale of width to height. */
  aspect: 0.14,
  /** Of the center of mass, in pixels. */
  shift: 0.55,
} as const;

interface DigitsOptions {
  /** Samples of each split. Default: 10,000 and 2,000. */
  readonly train?: number;
  readonly test?: number;
  /** Default: 1. */
  readonly seed?: number;
}

const check = signature("digits", {
  options: fields<DigitsOptions>(
    { train: optional(whole(1, 1_000_000)), test: optional(whole(1, 1_000_000)), seed: optional(SEED) },
    { root: "options" },
  ),
});

/**
 * Draws `train` and `test` synthetic digits (bytes 0..255, `[count, 784]`; labels 0..9).
 * @throws SpikevineError when a count or the seed is not a whole number in its range.
 */
export function makeDigits(options: DigitsOptions = {}): { train: ImageDataset; test: ImageDataset } {
  check([options]);
  const { train = 10_000, test = 2_000, seed = 1 } = options;
  return { train: drawDigits(train, seed, 0), test: drawDigits(test, seed, 1) };
}

function drawDigits(count: number, seed: number, split: number): ImageDataset {
  const images = new Uint8Array(count * SIZE * SIZE);
  const labels = new Uint8Array(count);
  const draw = digitPainter();
  for (let i = 0; i < count; i++) {
    labels[i] = draw(seed, split, i, images.subarray(i * SIZE * SIZE, (i + 1) * SIZE * SIZE));
  }
  return { name: "digits", images, labels, count, pixels: SIZE * SIZE, classes: HANDS.length, shape: [SIZE, SIZE] };
}

/** A painter with its buffers: draws one sample into `image` (`[784]`, all zero before) and returns its label. */
function digitPainter(): (seed: number, split: number, sample: number, image: Uint8Array) => number {
  const field = warpField();
  const points = new Float64Array(64);
  const curves = new Float64Array(1024);
  const canvas = new Float32Array(SIZE * SIZE);

  return (seed, split, sample, image) => {
    const key = rowKey(seed, STREAM.digits, split, sample);
    let unit = 0;
    const uniform = () => drawUniform(key, unit++);
    // The sum of four uniforms has variance 1/3: close to normal, within 3.5 standard deviations, and exact everywhere.
    const normal = () => Math.sqrt(3) * (uniform() + uniform() + uniform() + uniform() - 2);

    const label = Math.floor(uniform() * HANDS.length);
    const hands = HANDS[label]!;
    const hand = hands[Math.floor(uniform() * hands.length)]!;

    drawWarp(field, VARIATION.elastic, normal);
    const ends: number[] = [];
    let end = 0;
    for (const stroke of hand) {
      for (let p = 0; p < stroke.length; p++) points[p] = stroke[p]! + VARIATION.point * normal();
      applyWarp(field, points, stroke.length);
      end = smoothCurve(points, stroke.length, curves, end);
      ends.push(end);
    }

    const radius = Math.max(0.5, 0.85 + 0.75 * uniform() + 0.12 * normal());
    placeOnPaper(curves, end, radius, normal);

    canvas.fill(0);
    const soft = 0.5 + 0.35 * uniform();
    let from = 0;
    for (const to of ends) {
      const taper = 0.12 * normal();
      const pen = { radiusStart: radius * (1 + taper), radiusEnd: radius * (1 - taper), soft };
      inkCurve(canvas, SIZE, curves, from, to, pen);
      from = to;
    }
    develop(canvas, image, 0.95 + 0.3 * uniform(), uniform);
    return label;
  };
}

/** Shears, rotates, scales and fits the points into the box, and moves their center of mass near the middle. */
function placeOnPaper(points: Float64Array, length: number, radius: number, normal: () => number): void {
  const half = VARIATION.halfTurn * normal();
  const cos = (1 - half * half) / (1 + half * half);
  const sin = (2 * half) / (1 + half * half);
  const slant = VARIATION.lean + VARIATION.slant * normal();
  const aspect = 1 + VARIATION.aspect * normal();
  let left = Infinity;
  let right = -Infinity;
  let top = Infinity;
  let bottom = -Infinity;
  for (let i = 0; i < length; i += 2) {
    const y = points[i + 1]!;
    const x = points[i]! * aspect - slant * y;
    const turnedX = cos * x - sin * y;
    const turnedY = sin * x + cos * y;
    points[i] = turnedX;
    points[i + 1] = turnedY;
    left = Math.min(left, turnedX);
    right = Math.max(right, turnedX);
    top = Math.min(top, turnedY);
    bottom = Math.max(bottom, turnedY);
  }
  const scale = ((BOX - 2 * radius) / Math.max(right - left, bottom - top)) * (1 + 0.05 * normal());
  const [massX, massY] = centerOfMass(points, length);
  const shiftX = (SIZE - 1) / 2 + VARIATION.shift * normal() - massX * scale;
  const shiftY = (SIZE - 1) / 2 + VARIATION.shift * normal() - massY * scale;
  for (let i = 0; i < length; i += 2) {
    points[i] = points[i]! * scale + shiftX;
    points[i + 1] = points[i + 1]! * scale + shiftY;
  }
}

/** Center of mass of a line of even thickness through the points (including the short jumps between strokes). */
function centerOfMass(points: Float64Array, length: number): [x: number, y: number] {
  let x = 0;
  let y = 0;
  let total = 0;
  for (let i = 0; i + 3 < length; i += 2) {
    const dx = points[i + 2]! - points[i]!;
    const dy = points[i + 3]! - points[i + 1]!;
    const weight = Math.sqrt(dx * dx + dy * dy);
    x += weight * 0.5 * (points[i]! + points[i + 2]!);
    y += weight * 0.5 * (points[i + 1]! + points[i + 3]!);
    total += weight;
  }
  return [x / total, y / total];
}

/** Converts ink to bytes: contrast, and grain that roughens the edges but leaves the paper white. */
function develop(canvas: Float32Array, image: Uint8Array, contrast: number, uniform: () => number): void {
  for (let p = 0; p < canvas.length; p++) {
    const ink = canvas[p]!;
    if (ink <= 0.02) continue;
    const grain = 1 + 0.3 * (uniform() - 0.5) * (ink < 1 ? 1 : 0.3);
    image[p] = Math.min(255, Math.round(255 * ink * contrast * grain));
  }
}

import { SpikevineError } from "../errors.js";
import { channelsLast, type ImageShape } from "./channels-last.js";
import type { Dataset } from "./dataset.js";
import { isBytes } from "./pixels.js";
import { gatherSpikes, gatherValues, type Window } from "./series/gather.js";
import { formOf, type Series } from "./series/series.js";

/** Input of a network: numbers, or bits of spikes. */
export type Input = Float32Array | Uint32Array;

/**
 * Prepares the gathering of samples into reused arrays: images `[samples, pixels]` (whatever the window), with the channels of
 * the network's input last; values `[samples, steps, pixels]`, or bits of spikes `[samples, steps, ceil(pixels / 32)]`. Each
 * result is valid until the next one.
 * @throws SpikevineError if a float pixel is not finite, naming sample and pixel.
 */
export function inputGatherer(
  data: Dataset,
  { channels, height, width }: ImageShape,
): (ids: Uint32Array, window: Window) => Input {
  const { series, pixels } = data;
  if (series === undefined) {
    const order = channelsLast([channels, height, width]);
    let buffer = new Float32Array(0);
    return (ids) => {
      if (buffer.length < ids.length * pixels) buffer = new Float32Array(ids.length * pixels);
      ids.forEach((id, b) => {
        if (order === undefined) copyImage(data, id, buffer, b * pixels);
        else copyReordered(data, id, buffer, b * pixels, order);
      });
      return buffer.subarray(0, ids.length * pixels);
    };
  }
  return formOf(series).kind === "spikes" ? spikeGatherer(series, pixels) : valueGatherer(series, pixels);
}

function spikeGatherer(series: Series, pixels: number): (ids: Uint32Array, window: Window) => Uint32Array {
  const words = Math.ceil(pixels / 32);
  let buffer = new Uint32Array(0);
  return (ids, window) => {
    const size = window.steps * words;
    if (buffer.length < ids.length * size) buffer = new Uint32Array(ids.length * size);
    ids.forEach((id, b) => {
      gatherSpikes(series, id, window, words, buffer, b * size);
    });
    return buffer.subarray(0, ids.length * size);
  };
}

function valueGatherer(series: Series, pixels: number): (ids: Uint32Array, window: Window) => Float32Array {
  let buffer = new Float32Array(0);
  return (ids, window) => {
    const size = window.steps * pixels;
    if (buffer.length < ids.length * size) buffer = new Float32Array(ids.length * size);
    ids.forEach((id, b) => {
      gatherValues(series, id, window, pixels, buffer, b * size);
    });
    return buffer.subarray(0, ids.length * size);
  };
}

function copyImage({ images, pixels }: Dataset, id: number, to: Float32Array, at: number): void {
  const from = id * pixels;
  if (isBytes(images)) {
    for (let p = 0; p < pixels; p++) to[at + p] = images[from + p]! / 255;
    return;
  }
  for (let p = 0; p < pixels; p++) {
    const value = images![from + p]!;
    if (!Number.isFinite(value)) {
      throw new SpikevineError(`data: sample ${id}, pixel ${p} is ${value}; give finite numbers.`);
    }
    to[at + p] = value;
  }
}

/** A pixel's channels come one after the other. */
function copyReordered({ images }: Dataset, id: number, to: Float32Array, at: number, order: Uint32Array): void {
  const from = id * order.length;
  const divisor = isBytes(images) ? 255 : 1;
  order.forEach((place, p) => {
    const value = images![from + place]!;
    if (!Number.isFinite(value)) {
      throw new SpikevineError(`data: sample ${id}, pixel ${place} is ${value}; give finite numbers.`);
    }
    to[at + p] = value / divisor;
  });
}

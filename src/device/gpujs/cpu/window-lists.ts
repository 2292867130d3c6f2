import type { Convolution } from "../../contract.js";
import { COUNTS, type Lists } from "./index-lists.js";

/** Numbers of the lists of one step of a convolution: a list per sample and output pixel, or one per weight row. */
export interface WindowSizes {
  /** Rows of the weights. */
  readonly weightRows: number;
  /** Samples times output pixels. */
  readonly places: number;
}

export function windowSizes({ input, output, size }: Convolution, batch: number): WindowSizes {
  return {
    weightRows: size[0] * size[1] * input.channels,
    places: batch * output.height * output.width,
  };
}

/** Per sample and output pixel, the weight rows of the spikes in its window, for one step of a convolution of one group. */
export function listWindows(spikes: Float32Array, batch: number, convolution: Convolution): Lists {
  const { weightRows, places } = windowSizes(convolution, batch);
  const capacity = COUNTS + weightRows;
  const stride = convolution.output.channels;
  const lists = new Float32Array(places * capacity);
  forEachProduct(spikes, batch, convolution, (place, row) => {
    const list = place * capacity;
    const count = ++lists[list]!;
    lists[list + COUNTS - 1 + count] = row * stride;
  });
  return lists;
}

/** Per weight row, the samples and output pixels whose windows have a spike there, among the samples of the run. */
export function listPlaces(spikes: Float32Array, batch: number, samples: number, convolution: Convolution): Lists {
  const { weightRows, places } = windowSizes(convolution, batch);
  const capacity = COUNTS + places;
  const stride = convolution.output.channels;
  const lists = new Float32Array(weightRows * capacity);
  forEachProduct(spikes, samples, convolution, (place, row) => {
    const list = row * capacity;
    const count = ++lists[list]!;
    lists[list + COUNTS - 1 + count] = place * stride;
  });
  return lists;
}

/** Calls `visit` for every spike and every window that covers it. */
function forEachProduct(
  spikes: Float32Array,
  samples: number,
  { input, output, size, stride, padding, dilation }: Convolution,
  visit: (place: number, weightRow: number) => void,
): void {
  const { channels, height, width } = input;
  const units = channels * height * width;
  for (let unit = 0; unit < samples * units; unit++) {
    if (spikes[unit] === 0) continue;
    const sample = Math.floor(unit / units);
    const pixel = Math.floor((unit % units) / channels);
    const [y, x, c] = [Math.floor(pixel / width), pixel % width, unit % channels];
    for (let i = 0; i < size[0]; i++) {
      const row = (y + padding[0] - i * dilation[0]) / stride[0];
      if (!Number.isInteger(row) || row < 0 || row >= output.height) continue;
      for (let j = 0; j < size[1]; j++) {
        const column = (x + padding[1] - j * dilation[1]) / stride[1];
        if (!Number.isInteger(column) || column < 0 || column >= output.width) continue;
        visit((sample * output.height + row) * output.width + column, (i * size[1] + j) * channels + c);
      }
    }
  }
}

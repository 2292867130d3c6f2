import { makeDigits } from "spikevine";
import type { ImageDataset } from "spikevine/data";
import { TEST_SAMPLES, type TrainSettings } from "../train/settings.js";

/** Training and test samples. */
export interface Samples {
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

let drawn: { readonly count: number; readonly samples: Samples } | undefined;

/** The samples of a training: the built-in digits, which are drawn once, or those of the user. */
export function samplesOf(settings: TrainSettings, own: Samples | undefined): Samples {
  if (settings.data === "own" && own !== undefined) return own;
  if (drawn?.count !== settings.samples) {
    drawn = { count: settings.samples, samples: makeDigits({ train: settings.samples, test: TEST_SAMPLES }) };
  }
  return drawn.samples;
}

import { parentPort, workerData } from "node:worker_threads";
import { type AugmentationConfig, Augmenter } from "./augmenter.js";

/** Messages to and from the worker: images, and the augmented images. */
export interface AugmentRequest {
  readonly number: number;
  readonly pixels: Float32Array<ArrayBuffer>;
  readonly sampleIds: Uint32Array;
  readonly epoch: number;
}
export type AugmentResponse = Pick<AugmentRequest, "number" | "pixels">;

const augmenter = new Augmenter(workerData as AugmentationConfig);
parentPort?.on("message", ({ number, pixels, sampleIds, epoch }: AugmentRequest) => {
  augmenter.apply(pixels, sampleIds, epoch);
  parentPort?.postMessage({ number, pixels } satisfies AugmentResponse, [pixels.buffer]);
});

import { parentPort, workerData } from "node:worker_threads";
import { type AugmentationConfig, Augmenter } from "./augmenter.js";

/** Images that a worker is sent, and sends back augmented. */
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

import { parentPort, workerData } from "node:worker_threads";
import { type AugmentationConfig, Augmenter } from "./augmenter.js";

/** Images that a worker is sent, and sends back deformed. */
export interface DeformOrder {
  readonly number: number;
  readonly pixels: Float32Array<ArrayBuffer>;
  readonly sampleIds: Uint32Array;
  readonly epoch: number;
}
export type DeformAnswer = Pick<DeformOrder, "number" | "pixels">;

const deformer = new Augmenter(workerData as AugmentationConfig);
parentPort?.on("message", ({ number, pixels, sampleIds, epoch }: DeformOrder) => {
  deformer.apply(pixels, sampleIds, epoch);
  parentPort?.postMessage({ number, pixels } satisfies DeformAnswer, [pixels.buffer]);
});

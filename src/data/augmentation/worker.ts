import { parentPort, workerData } from "node:worker_threads";
import { type Deformation, Deformer } from "./deformer.js";

/** Images that a worker is sent, and sends back deformed. */
export interface DeformOrder {
  readonly number: number;
  readonly pixels: Float32Array<ArrayBuffer>;
  readonly sampleIds: Uint32Array;
  readonly epoch: number;
}
export type DeformAnswer = Pick<DeformOrder, "number" | "pixels">;

const deformer = new Deformer(workerData as Deformation);
parentPort?.on("message", ({ number, pixels, sampleIds, epoch }: DeformOrder) => {
  deformer.apply(pixels, sampleIds, epoch);
  parentPort?.postMessage({ number, pixels } satisfies DeformAnswer, [pixels.buffer]);
});

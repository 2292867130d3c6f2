import type { Worker } from "node:worker_threads";
import { SpikevineError } from "../../errors.js";
import type { AugmentationConfig } from "./augmenter.js";
import type { AugmentRequest, AugmentResponse } from "./worker.js";

interface Waiting {
  resolve(pixels: Float32Array): void;
  reject(error: Error): void;
}

// Bundlers copy a file that stands in a URL with import.meta.url itself, and this worker is one of Node only.
const here = import.meta.url;

/** Augments images in worker threads. The results are bit-identical to those of an `Augmenter`. */
export class WorkerAugmenter {
  readonly #workers: readonly Worker[];
  readonly #waiting = new Map<number, Waiting>();
  #number = 0;
  #failure: Error | undefined;

  private constructor(workers: readonly Worker[]) {
    this.#workers = workers;
    for (const worker of workers) {
      worker.on("message", ({ number, pixels }: AugmentResponse) => {
        this.#waiting.get(number)?.resolve(pixels);
        this.#waiting.delete(number);
      });
      worker.on("error", (error) => this.#fail(error instanceof Error ? error.message : String(error)));
      worker.on("exit", () => this.#fail("it ended"));
    }
  }

  /** Needs Node. In other environments the calling thread augments. */
  static open(config: AugmentationConfig, threads: number): WorkerAugmenter {
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const url = new URL("./worker.js", here);
    // Some flags of the process are invalid for a worker, e.g. --input-type.
    const open = (): Worker => new Worker(url, { workerData: config, execArgv: [] });
    return new WorkerAugmenter(Array.from({ length: threads }, open));
  }

  /**
   * Augments images of one batch.
   * @param pixels `[samples, channels * height * width]`; they are transferred and cannot be read afterwards
   * @throws SpikevineError if a worker has failed
   */
  async apply(pixels: Float32Array, sampleIds: Uint32Array, epoch: number): Promise<Float32Array> {
    if (this.#failure !== undefined) throw this.#failure;
    const number = this.#number++;
    const worker = this.#workers[number % this.#workers.length]!;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      const own = pixels as Float32Array<ArrayBuffer>;
      worker.postMessage({ number, pixels: own, sampleIds, epoch } satisfies AugmentRequest, [own.buffer]);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #fail(reason: string): void {
    this.#failure ??= new SpikevineError(
      `augment: a worker thread failed (${reason}); train again, with augmentWorkers: 0 if this happens again.`,
    );
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}

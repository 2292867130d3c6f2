import * as gpujs from "gpu.js";
import type { GpujsLibrary, KernelSettings } from "#spikevine/src/device/gpujs/backend/library";

/** Results that stay on the "device" until they are deleted. */
class Handle {
  readonly #rows: unknown;
  readonly #counts: Counts;
  #deleted = false;

  constructor(rows: unknown, counts: Counts) {
    this.#rows = rows;
    this.#counts = counts;
    counts.made++;
  }

  toArray(): unknown {
    if (this.#deleted) throw new Error("a deleted texture is read");
    return this.#rows;
  }

  delete(): void {
    if (this.#deleted) throw new Error("a texture is deleted twice");
    this.#deleted = true;
    this.#counts.deleted++;
  }
}

interface Counts {
  made: number;
  deleted: number;
}

/**
 * A fake gpu.js that reports WebGL 2 and WebGPU and computes on the CPU; its result handles are counted. `kernelMode` is the
 * mode that its kernels report; `change` alters their results.
 */
export function countingLibrary(
  kernelMode = "gpu",
  change: (rows: unknown) => unknown = (rows) => rows,
): { readonly library: GpujsLibrary; readonly counts: Counts } {
  const counts: Counts = { made: 0, deleted: 0 };
  class CountingGpu {
    static readonly isWebGL2Supported = true;
    static readonly isWebGPUAvailable = async (): Promise<boolean> => true;
    readonly #gpu = new gpujs.GPU({ mode: "cpu" });

    createKernel(source: string, settings: KernelSettings): unknown {
      const kernel = this.#gpu.createKernel(source, { ...settings, output: [...settings.output] });
      const run = async (...given: unknown[]): Promise<Handle> => {
        const plain = given.map((value) => (value instanceof Handle ? value.toArray() : value));
        return new Handle(change(await kernel(...(plain as number[]))), counts);
      };
      return Object.assign(run, {
        kernel: { constructor: { mode: kernelMode }, fallbackReason: null },
        destroy: () => kernel.destroy(),
      });
    }

    destroy(): Promise<void> {
      return this.#gpu.destroy();
    }
  }
  const { Input } = gpujs as unknown as GpujsLibrary;
  return { library: { GPU: CountingGpu, Input } as unknown as GpujsLibrary, counts };
}

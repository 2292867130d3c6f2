import type { Gpu, GpujsLibrary } from "./library.js";

/** An opened mode of gpu.js, as programs use it. */
export interface Backend {
  /** The device's name, for messages. */
  readonly name: string;
  readonly gpu: Gpu;
  readonly library: GpujsLibrary;
  /** Mode that gpu.js reports for a kernel that runs there; gpu.js silently replaces kernels by slower ones. */
  readonly kernelMode: string;
  /** True if results are nested JavaScript arrays and a CPU does the work (`cpu`, `webasm`). */
  readonly hostArrays: boolean;
  /** Maximum number of arrays that one kernel may read. */
  readonly arrayLimit: number;
}

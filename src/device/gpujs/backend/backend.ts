import type { Gpu, GpujsLibrary } from "./library.js";

/** An opened mode of gpu.js, as programs use it. */
export interface Backend {
  /** The device's name, for messages. */
  readonly name: string;
  readonly gpu: Gpu;
  readonly library: GpujsLibrary;
  /** The mode that gpu.js reports for a kernel that really runs there; it replaces kernels by slower ones silently. */
  readonly kernelMode: string;
  /** True where results are nested JavaScript arrays and the work is a CPU's (`cpu`, `webasm`). */
  readonly hostArrays: boolean;
  /** Most arrays that one kernel may read. */
  readonly arrayLimit: number;
}

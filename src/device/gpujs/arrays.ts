import type { Backend } from "./backend.js";
import { type DeviceHandle, deviceFailed, type GpuKernel, type NestedRows } from "./library.js";

/** Numbers of an array, the fastest axis first: element (x, y, z) is read in a kernel as `array[z][y][x]`. */
export type Shape = readonly [width: number, rows: number, layers: number];

/** An array on the device. Kernels never write into one: each launch makes a new one. */
export interface DeviceArray {
  readonly shape: Shape;
  /** What gpu.js takes as an argument: a texture, a buffer, or nested arrays. */
  readonly handle: unknown;
}

export const sizeOf = ([width, rows, layers]: Shape): number => width * rows * layers;

/** Settings that every kernel has: without `precision`, GLSL may compute in 16 bits. */
export const KERNEL_SETTINGS = { precision: "single", tactic: "precision", pipeline: true, immutable: true } as const;

const COPY = "function (data) { return data[this.thread.z][this.thread.y][this.thread.x]; }";

/**
 * The arrays of one program. All that were made are known here until they are released, because gpu.js frees nothing by
 * itself: a texture that is not deleted stays in the graphics memory.
 */
export class ArrayStore {
  readonly #backend: Backend;
  readonly #live = new Set<DeviceArray>();
  /** The upload kernel of each shape: a kernel that is first called with host data must never be given a texture. */
  readonly #copies = new Map<string, GpuKernel>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Arrays that have been made and not released. */
  get count(): number {
    return this.#live.size;
  }

  /** Takes charge of a kernel's result. */
  adopt(handle: unknown, shape: Shape): DeviceArray {
    const array = { handle, shape };
    this.#live.add(array);
    return array;
  }

  /** Puts numbers `[layers, rows, width]` on the device. The data must not change afterwards. */
  async upload(data: Float32Array, shape: Shape): Promise<DeviceArray> {
    if (this.#backend.plain) return this.adopt(nest(data, shape), shape);
    const key = shape.join("x");
    let copy = this.#copies.get(key);
    if (copy === undefined) {
      copy = this.#backend.gpu.createKernel(COPY, { ...KERNEL_SETTINGS, output: shape });
      this.#copies.set(key, copy);
    }
    return this.adopt(await copy(new this.#backend.library.Input(data, shape)), shape);
  }

  /**
   * A copy of an array, `[layers, rows, width]`.
   * @throws SpikevineError if the device no longer has it.
   */
  async read({ handle, shape }: DeviceArray): Promise<Float32Array> {
    const layers = isDeviceHandle(handle) ? await this.#fetch(handle) : (handle as NestedRows);
    const data = new Float32Array(sizeOf(shape));
    let place = 0;
    for (const rows of layers) {
      for (const row of rows) {
        data.set(row, place);
        place += row.length;
      }
    }
    return data;
  }

  async #fetch(handle: DeviceHandle): Promise<NestedRows> {
    try {
      const layers = await handle.toArray();
      // WebGL gives zeros from then on, and no error.
      if (this.#backend.gpu.context?.isContextLost?.() === true) throw new Error("the graphics context is lost");
      return layers;
    } catch (error) {
      throw deviceFailed(this.#backend.name, "reading", error);
    }
  }

  /** Releases every array but these. */
  keepOnly(kept: ReadonlySet<DeviceArray>): void {
    for (const array of this.#live) {
      if (kept.has(array)) continue;
      if (isDeviceHandle(array.handle)) array.handle.delete();
      this.#live.delete(array);
    }
  }

  dispose(): void {
    this.keepOnly(new Set());
    for (const copy of this.#copies.values()) copy.destroy();
    this.#copies.clear();
  }
}

const isDeviceHandle = (handle: unknown): handle is DeviceHandle => !Array.isArray(handle);

/** Views of the data as layers of rows, without a copy. */
function nest(data: Float32Array, [width, rows, layers]: Shape): NestedRows {
  return Array.from({ length: layers }, (_, z) =>
    Array.from({ length: rows }, (_, y) => data.subarray((z * rows + y) * width, (z * rows + y + 1) * width)),
  );
}

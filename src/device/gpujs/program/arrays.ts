import type { Backend } from "../backend/backend.js";
import { type DeviceHandle, deviceFailed, type GpuKernel, type NestedRows } from "../backend/library.js";

/** Shape of an array, the fastest axis first: a kernel reads element (x, y, z) as `array[z][y][x]`. */
export type Shape = readonly [width: number, rows: number, layers: number];

/** An array on the device. Kernels never write into an existing array: each launch creates one. */
export interface DeviceArray {
  readonly shape: Shape;
  /** gpu.js's argument: a texture, a buffer, or its `Input`, which carries the layout of the numbers. */
  readonly handle: unknown;
  /** The numbers themselves, `[layers, rows, width]`, if they are JavaScript's. */
  readonly numbers?: Float32Array;
}

export const sizeOf = ([width, rows, layers]: Shape): number => width * rows * layers;

/** Settings of every kernel: without `precision`, GLSL may compute in 16 bits. */
export const KERNEL_SETTINGS = { precision: "single", tactic: "precision", pipeline: true, immutable: true } as const;

const COPY = "function (data) { return data[this.thread.z][this.thread.y][this.thread.x]; }";

/**
 * The arrays of one program. It tracks all arrays until they are released, because gpu.js frees nothing by itself: a
 * texture that is not deleted stays in graphics memory.
 */
export class ArrayStore {
  readonly #backend: Backend;
  readonly #live = new Set<DeviceArray>();
  /** Upload kernel per shape: a kernel that is first called with host data must never get a texture. */
  readonly #copies = new Map<string, GpuKernel>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Number of arrays that have not been released. */
  get count(): number {
    return this.#live.size;
  }

  /**
   * Takes ownership of a kernel's result; with `fourRows`, each of its elements holds one number for each of four
   * rows.
   */
  adopt(result: unknown, shape: Shape, fourRows: boolean): DeviceArray {
    if (fourRows) return this.#keep(separate(result as NestedQuads, shape), shape);
    if (this.#backend.hostArrays) return this.#keep(flatten(result as NestedRows, shape), shape);
    const array = { handle: result, shape };
    this.#live.add(array);
    return array;
  }

  /** Wraps numbers `[layers, rows, width]` without a copy, for the modes whose arrays are JavaScript's. */
  #keep(numbers: Float32Array, shape: Shape): DeviceArray {
    const array = { handle: new this.#backend.library.Input(numbers, shape), shape, numbers };
    this.#live.add(array);
    return array;
  }

  /** Copies numbers `[layers, rows, width]` to the device. The data must not change afterwards. */
  async upload(data: Float32Array, shape: Shape): Promise<DeviceArray> {
    if (this.#backend.hostArrays) return this.#keep(data, shape);
    const key = shape.join("x");
    let copy = this.#copies.get(key);
    if (copy === undefined) {
      copy = this.#backend.gpu.createKernel(COPY, { ...KERNEL_SETTINGS, output: shape });
      this.#copies.set(key, copy);
    }
    return this.adopt(await copy(new this.#backend.library.Input(data, shape)), shape, false);
  }

  /** One layer of an array whose numbers are JavaScript's: a view, which is not released by itself. */
  layer({ numbers, shape }: DeviceArray, z: number): DeviceArray {
    const [width, rows] = shape;
    const layer = numbers!.subarray(z * width * rows, (z + 1) * width * rows);
    return {
      handle: new this.#backend.library.Input(layer, [width, rows, 1]),
      shape: [width, rows, 1],
      numbers: layer,
    };
  }

  /** Stacks layer `z` of each of several such arrays. */
  stack(arrays: readonly DeviceArray[], z: number): DeviceArray {
    const [width, rows] = arrays[0]!.shape;
    const size = width * rows;
    const stacked = new Float32Array(arrays.length * size);
    for (const [index, { numbers }] of arrays.entries()) {
      stacked.set(numbers!.subarray(z * size, (z + 1) * size), index * size);
    }
    return this.#keep(stacked, [width, rows, arrays.length]);
  }

  /**
   * A copy of an array, `[layers, rows, width]`.
   * @throws SpikevineError if the device has lost it.
   */
  async read({ handle, shape, numbers }: DeviceArray): Promise<Float32Array> {
    return numbers?.slice() ?? flatten(await this.#fetch(handle as DeviceHandle), shape);
  }

  async #fetch(handle: DeviceHandle): Promise<NestedRows> {
    try {
      const layers = await handle.toArray();
      // After a lost context WebGL returns zeros and no error.
      if (this.#backend.gpu.context?.isContextLost?.() === true) throw new Error("the graphics context is lost");
      return layers;
    } catch (error) {
      throw deviceFailed(this.#backend.name, "reading", error);
    }
  }

  /** Releases all other arrays. */
  keepOnly(kept: ReadonlySet<DeviceArray>): void {
    for (const array of this.#live) {
      if (kept.has(array)) continue;
      if (array.numbers === undefined) (array.handle as DeviceHandle).delete();
      this.#live.delete(array);
    }
  }

  dispose(): void {
    this.keepOnly(new Set());
    for (const copy of this.#copies.values()) copy.destroy();
    this.#copies.clear();
  }
}

/** Concatenates nested rows; no copy if they are views of one block in this order, as `webasm` returns them. */
function flatten(layers: NestedRows, shape: Shape): Float32Array {
  const block = layers[0]![0]!.buffer;
  if (block.byteLength === sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT) return new Float32Array(block);
  const numbers = new Float32Array(sizeOf(shape));
  let offset = 0;
  for (const rows of layers) {
    for (const row of rows) {
      numbers.set(row, offset);
      offset += row.length;
    }
  }
  return numbers;
}

/** Layers of rows of elements that hold one number each for four rows. */
type NestedQuads = readonly (readonly ArrayLike<number>[])[][];

/** Moves the numbers of four rows, which are adjacent, into separate rows. */
function separate([quads]: NestedQuads, shape: Shape): Float32Array {
  const [width, rows, layers] = shape;
  const numbers = new Float32Array(sizeOf(shape));
  for (let row = 0; row < rows * layers; row++) {
    const elements = quads![row >> 2]!;
    for (let n = 0; n < width; n++) numbers[row * width + n] = elements[n]![row & 3]!;
  }
  return numbers;
}

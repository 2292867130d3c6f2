import type { Backend } from "../backend/backend.js";
import { type DeviceHandle, deviceFailed, type GpuKernel, type NestedRows } from "../backend/library.js";

/** Numbers of an array, the fastest axis first: element (x, y, z) is read in a kernel as `array[z][y][x]`. */
export type Shape = readonly [width: number, rows: number, layers: number];

/** An array on the device. Kernels never write into one: each launch makes a new one. */
export interface DeviceArray {
  readonly shape: Shape;
  /** What gpu.js takes as an argument: a texture, a buffer, or its `Input`, which says how numbers are laid out. */
  readonly handle: unknown;
  /** The numbers themselves, `[layers, rows, width]`, where they are JavaScript's. */
  readonly numbers?: Float32Array;
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

  /** Takes charge of a kernel's result; with `fourRows`, each of its elements stands for one of four rows each. */
  adopt(result: unknown, shape: Shape, fourRows: boolean): DeviceArray {
    if (fourRows) return this.#keep(separate(result as NestedQuads, shape), shape);
    if (this.#backend.hostArrays) return this.#keep(flatten(result as NestedRows, shape), shape);
    const array = { handle: result, shape };
    this.#live.add(array);
    return array;
  }

  /** Numbers `[layers, rows, width]` as they lie, for the modes whose arrays are JavaScript's. */
  #keep(numbers: Float32Array, shape: Shape): DeviceArray {
    const array = { handle: new this.#backend.library.Input(numbers, shape), shape, numbers };
    this.#live.add(array);
    return array;
  }

  /** Puts numbers `[layers, rows, width]` on the device. The data must not change afterwards. */
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

  /** Puts the layer `z` of each of several such arrays on top of each other. */
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
   * @throws SpikevineError if the device no longer has it.
   */
  async read({ handle, shape, numbers }: DeviceArray): Promise<Float32Array> {
    return numbers?.slice() ?? flatten(await this.#fetch(handle as DeviceHandle), shape);
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

/** Nested rows one after the other; no copy where they are views of one block in this order, as `webasm` gives them. */
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

/** Puts the numbers of four rows, which lie next to each other, into rows of their own. */
function separate([quads]: NestedQuads, shape: Shape): Float32Array {
  const [width, rows, layers] = shape;
  const numbers = new Float32Array(sizeOf(shape));
  for (let row = 0; row < rows * layers; row++) {
    const elements = quads![row >> 2]!;
    for (let n = 0; n < width; n++) numbers[row * width + n] = elements[n]![row & 3]!;
  }
  return numbers;
}

import { SpikevineError } from "../../errors.js";
import { DEFLATE_RATIO } from "../formats/inflate.js";
import type { H5Dataset, H5File, H5Library, H5Module, H5wasm } from "./library.js";
import { isNumeric, type NumberArray, numbersFrom, STRING, typeName, VARIABLE } from "./types.js";

/** An array of an HDF5 file, row-major. A scalar has the shape []. */
export interface Hdf5Array {
  readonly shape: readonly number[];
  /**
   * Numbers as a typed array (float16 as a Float32Array, booleans as 0 and 1), texts as strings, or one typed array per
   * element if the elements are rows of different lengths.
   */
  readonly values: NumberArray | readonly string[] | readonly NumberArray[];
}

export type Hdf5Kind = "group" | "array" | "other";

/** Path of a file in the C library's memory; a thread reads one file. */
const PATH = "read.h5";

/** An HDF5 file that is open in the C library. Its thread ends with it, so that it need not be closed. */
export class OpenFile {
  private readonly h5: H5wasm;
  private readonly module: H5Module;
  private readonly file: H5File;
  private readonly fileBytes: number;

  constructor(
    { h5, module }: H5Library,
    bytes: Uint8Array,
    private readonly name: string,
  ) {
    this.h5 = h5;
    this.module = module;
    this.fileBytes = bytes.length;
    module.FS.writeFile(PATH, bytes);
    this.file = this.#attempt([], () => new h5.File(PATH, "r"));
  }

  kind(path: readonly string[]): Hdf5Kind | undefined {
    const found = this.#find(path);
    if (found === undefined) return undefined;
    if (found instanceof this.h5.Dataset) return "array";
    return found instanceof this.h5.Group ? "group" : "other";
  }

  names(path: readonly string[]): readonly string[] {
    const group = this.#find(path);
    if (!(group instanceof this.h5.Group)) throw this.#fault(path, "is not a group");
    return this.#attempt(path, () => group.keys());
  }

  shape(path: readonly string[]): readonly number[] {
    const dataset = this.#dataset(path);
    const { shape } = this.#attempt(path, () => dataset.metadata);
    if (shape === null) throw this.#fault(path, "has no values");
    return shape;
  }

  read(path: readonly string[]): Hdf5Array {
    const dataset = this.#dataset(path);
    const shape = this.shape(path);
    const { metadata, filters } = this.#attempt(path, () => ({ metadata: dataset.metadata, filters: dataset.filters }));
    if (metadata.virtual_sources !== undefined) throw this.#fault(path, "is in other files");
    const count = shape.reduce((product, size) => product * size, 1);
    const most = this.fileBytes * (filters.length > 0 ? DEFLATE_RATIO : 1);
    if (!(count * metadata.size <= most)) {
      throw this.#fault(
        path,
        `has the shape [${shape.join(", ")}], more values than a file of ${this.fileBytes} bytes can hold`,
      );
    }
    if (metadata.type === STRING || metadata.type === VARIABLE) {
      if (metadata.type === VARIABLE && !isNumeric(metadata.vlen_type!)) throw this.#unreadable(path, dataset);
      return this.#attempt(path, () => ({ shape, values: this.#elements(dataset, shape, count) }));
    }
    if (!isNumeric(metadata)) throw this.#unreadable(path, dataset);
    return this.#attempt(path, () => {
      const raw = this.#raw(dataset, null, null, count * metadata.size, (bytes) => bytes);
      return { shape, values: numbersFrom(raw, metadata) };
    });
  }

  attribute(path: readonly string[], name: string): number | bigint | string | undefined {
    const found = this.#find(path);
    if (!(found instanceof this.h5.Dataset || found instanceof this.h5.Group)) return undefined;
    return this.#attempt(path, () => {
      const attribute = Object.entries(found.attrs).find(([key]) => key === name)?.[1];
      const value = attribute?.metadata.shape?.length === 0 ? attribute.value : undefined;
      return typeof value === "number" || typeof value === "bigint" || typeof value === "string" ? value : undefined;
    });
  }

  /** The object at a path; undefined if a name is missing on the way. */
  #find(path: readonly string[]): unknown {
    let found: unknown = this.file;
    for (const name of path) {
      const group = found;
      if (!(group instanceof this.h5.Group)) return undefined;
      const has = this.#attempt(path, () => name !== "." && !name.includes("/") && group.keys().includes(name));
      if (!has) return undefined;
      found = this.#attempt(path, () => group.get(name));
    }
    return found;
  }

  #dataset(path: readonly string[]): H5Dataset {
    const found = this.#find(path);
    if (found === undefined) throw this.#fault(path, "is missing");
    if (!(found instanceof this.h5.Dataset)) throw this.#fault(path, "is not an array");
    return found;
  }

  /**
   * Reads elements of variable length one by one, so that the sum of their lengths can be compared with the file's size:
   * elements may share bytes of the file.
   */
  #elements(dataset: H5Dataset, shape: readonly number[], count: number): string[] | NumberArray[] {
    const { metadata } = dataset;
    const { size, vlen_type: rowType } = metadata;
    let total = 0;
    const elements: (string | NumberArray)[] = [];
    const position = shape.map(() => 0);
    const one = shape.map(() => 1n);
    for (let i = 0; i < count; i++) {
      const read = (bytes: Uint8Array): string | NumberArray => {
        const fields = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const extent = (pointer: number, length: number): Uint8Array => {
          total += length;
          if (total > this.fileBytes) throw this.#tooMuch();
          return this.module.HEAPU8.slice(pointer, pointer + length);
        };
        if (rowType !== undefined) {
          const length = fields.getUint32(0, true) * rowType.size;
          return numbersFrom(extent(fields.getUint32(4, true), length), rowType);
        }
        if (!metadata.vlen) return textOf(bytes);
        const pointer = fields.getUint32(0, true);
        const end = pointer === 0 ? 0 : this.module.HEAPU8.indexOf(0, pointer);
        return textOf(extent(pointer, end - pointer));
      };
      elements.push(
        this.#raw(
          dataset,
          shape.length === 0 ? null : one,
          position,
          size,
          read,
          metadata.vlen || rowType !== undefined,
        ),
      );
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        position[axis]!++;
        if (position[axis]! < shape[axis]!) break;
        position[axis] = 0;
      }
    }
    return elements as string[] | NumberArray[];
  }

  /** Stored bytes of the elements from a position on; `use` is called while their parts of variable length are in memory. */
  #raw<T>(
    { file_id: file, path }: H5Dataset,
    count: readonly bigint[] | null,
    position: readonly number[] | null,
    bytes: number,
    use: (bytes: Uint8Array) => T,
    isVariable = false,
  ): T {
    const { module } = this;
    const pointer = module._malloc(Math.max(bytes, 1));
    if (pointer === 0) throw new Error("no memory");
    try {
      const offset = count === null ? null : position!.map(BigInt);
      const strides = count === null ? null : count.map(() => 1n);
      const status = module.get_dataset_data(file, path, count, offset, strides, BigInt(pointer));
      if (status < 0) throw new Error("not read");
      try {
        return use(module.HEAPU8.slice(pointer, pointer + bytes));
      } finally {
        if (isVariable) module.reclaim_vlen_memory_count(file, path, "", BigInt(pointer), count ?? []);
      }
    } finally {
      module._free(pointer);
    }
  }

  /** Calls the C library, whose errors are traces of many lines. */
  #attempt<T>(path: readonly string[], call: () => T): T {
    try {
      return call();
    } catch (error) {
      if (error instanceof SpikevineError) throw error;
      throw new SpikevineError(
        `HDF5: "${this.name}" is damaged or cut off: ${where(path)} cannot be read; give another copy of it.`,
        { cause: error },
      );
    }
  }

  #unreadable(path: readonly string[], { metadata }: H5Dataset): SpikevineError {
    return this.#fault(path, `has values of type ${typeName(metadata)}, not numbers or texts`);
  }

  #tooMuch(): SpikevineError {
    return new SpikevineError(
      `HDF5: "${this.name}" has rows that are longer together than its ${this.fileBytes} bytes; give another copy of it.`,
    );
  }

  #fault(path: readonly string[], problem: string): SpikevineError {
    return new SpikevineError(`HDF5: "${this.name}": ${where(path)} ${problem}; give a complete file.`);
  }
}

const where = (path: readonly string[]): string => (path.length === 0 ? "its root" : `"${path.join("/")}"`);

/** Text up to the first zero, without the spaces that some writers fill it up with. */
function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

import { SpikevineError } from "../../errors.js";

/** The part of h5wasm that is used here: the HDF5 C library in WebAssembly, with files in its own memory. */
export interface H5wasm {
  readonly File: new (path: string, mode: "r" | "w") => H5File;
  readonly Dataset: abstract new () => H5Dataset;
  readonly Group: abstract new () => H5Group;
  readonly ready: Promise<H5Module>;
}

export interface H5Module {
  readonly FS: {
    writeFile(path: string, bytes: Uint8Array): void;
    readFile(path: string): Uint8Array;
    unlink(path: string): void;
  };
  /** Memory of the C library; the view is a new one whenever the memory grows. */
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  get_dataset_data(
    file: bigint,
    path: string,
    count: readonly bigint[] | null,
    offset: readonly bigint[] | null,
    strides: readonly bigint[] | null,
    pointer: bigint,
  ): number;
  reclaim_vlen_memory_count(
    file: bigint,
    path: string,
    attribute: string,
    pointer: bigint,
    count: readonly bigint[],
  ): number;
  /** The C library then throws errors with its own trace, instead of printing them. */
  activate_throwing_error_handler(): number;
}

/** Type of a stored value: the classes of HDF5 by their numbers in its C library. */
export interface H5Type {
  readonly type: number;
  readonly size: number;
  readonly signed: boolean;
  /** A string of variable length. */
  readonly vlen: boolean;
  readonly enum_type?: { readonly type: number };
  readonly vlen_type?: H5Type;
}

export interface H5Metadata extends H5Type {
  readonly shape: readonly number[] | null;
  readonly chunks: readonly number[] | null;
  readonly virtual_sources?: readonly unknown[];
}

export interface H5Dataset extends H5Object {
  readonly metadata: H5Metadata;
  readonly filters: readonly { readonly id: number; readonly name: string }[];
  readonly value: unknown;
}

export interface H5Object {
  readonly file_id: bigint;
  readonly path: string;
  readonly attrs: Readonly<Record<string, { readonly metadata: H5Metadata; readonly value: unknown }>>;
  create_attribute(name: string, data: unknown, shape?: readonly number[] | null, dtype?: string | null): void;
}

export interface H5Group extends H5Object {
  keys(): string[];
  get(name: string): unknown;
  create_group(name: string): H5Group;
  create_dataset(options: {
    name: string;
    data: unknown;
    shape?: readonly number[];
    dtype?: string;
    chunks?: readonly number[];
    compression?: "gzip";
    compression_opts?: number;
  }): H5Dataset;
}

export interface H5File extends H5Group {
  close(): void;
}

export interface H5Library {
  readonly h5: H5wasm;
  readonly module: H5Module;
}

/**
 * Loads h5wasm, an optional peer dependency. Its errors are thrown from then on.
 * @param address where a page has it; the import map of a page does not count in its workers
 * @throws SpikevineError if it is not installed
 */
export async function loadH5wasm(address: string | undefined): Promise<H5Library> {
  const h5 = await find(address);
  const module = await h5.ready;
  module.activate_throwing_error_handler();
  return { h5, module };
}

async function find(address: string | undefined): Promise<H5wasm> {
  try {
    return (await import("h5wasm").catch((error: unknown) => {
      if (address === undefined) throw error;
      return import(/* @vite-ignore */ address);
    })) as H5wasm;
  } catch (error) {
    throw new SpikevineError('HDF5 needs h5wasm, which is not installed; run "npm install h5wasm".', { cause: error });
  }
}

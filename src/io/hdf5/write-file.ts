import type { Hdf5Group, Hdf5Values } from "./contents.js";
import type { H5Group, H5Library } from "./library.js";
import type { NumberArray } from "./types.js";

/** Path of a new file in the C library's memory; a thread writes one file. */
const PATH = "written.h5";

/** Arrays from this size on are compressed; smaller ones would grow. */
const COMPRESSED_BYTES = 1024;

/** Level of gzip. Higher ones take longer and gain little on weights. */
const GZIP_LEVEL = 4;

/** The bytes of an HDF5 file with these contents. */
export function writeFile({ h5, module }: H5Library, root: Hdf5Group): Uint8Array {
  const file = new h5.File(PATH, "w");
  fill(file, root);
  file.close();
  return module.FS.readFile(PATH);
}

function fill(group: H5Group, { members, attributes = new Map() }: Hdf5Group): void {
  for (const [name, value] of attributes) group.create_attribute(name, value);
  for (const [name, content] of members) {
    if ("members" in content) fill(group.create_group(name), content);
    else createArray(group, name, content);
  }
}

function createArray(group: H5Group, name: string, { shape, values }: Hdf5Values): void {
  const isText = Array.isArray(values);
  const isLarge = !isText && (values as NumberArray).byteLength >= COMPRESSED_BYTES && shape.length > 0;
  group.create_dataset({
    name,
    data: values,
    shape,
    ...(isText && values.length === 0 ? { dtype: "S" } : {}),
    ...(isLarge ? { chunks: shape, compression: "gzip", compression_opts: GZIP_LEVEL } : {}),
  });
}

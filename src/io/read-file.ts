import { SpikevineError } from "../errors.js";
import { cannot } from "./file-problem.js";
import { type FileSystem, systemFiles } from "./file-system.js";

/** Options for reading a file. */
export interface ReadOptions {
  /** Advice for an error, e.g. `check the path`. */
  readonly fix: string;
  /** Largest size in bytes; a larger file is refused before it is read. Default: no limit. */
  readonly largest?: number;
  readonly files?: FileSystem;
}

/**
 * The bytes of a file. A device or a pipe is refused, since reading it may never end.
 * @throws SpikevineError if the file is missing, cannot be read, is not a regular file, or is too large; other errors
 * are rethrown unchanged.
 */
export async function readFileBytes(path: string, options: ReadOptions): Promise<Uint8Array> {
  const { fix, largest = Number.POSITIVE_INFINITY, files = systemFiles } = options;
  try {
    const stat = await files.promises.stat(path);
    if (stat.isDirectory()) throw Object.assign(new Error("EISDIR"), { code: "EISDIR" });
    if (!stat.isFile())
      throw new SpikevineError(`cannot read "${path}": it is a device or a pipe, not a file; ${fix}.`);
    if (stat.size > largest) {
      throw new SpikevineError(`cannot read "${path}": it has ${stat.size} bytes, more than ${largest}; ${fix}.`);
    }
    return await readSlices(path, stat.size, files);
  } catch (error) {
    throw cannot("read", path, error, fix);
  }
}

/** Reads a file slice by slice, since Node reads at most 2 GiB per call. */
async function readSlices(path: string, size: number, { promises }: FileSystem): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  const file = await promises.open(path, "r");
  let at = 0;
  try {
    while (at < size) {
      const { bytesRead } = await file.read(bytes.subarray(at, at + SLICE));
      if (bytesRead === 0) break;
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
  return bytes.subarray(0, at);
}

const SLICE = 2 ** 30;

/** The text of a file in UTF-8; see `readFileBytes`. */
export async function readFileText(path: string, options: ReadOptions): Promise<string> {
  const { buffer, byteOffset, byteLength } = await readFileBytes(path, options);
  return Buffer.from(buffer, byteOffset, byteLength).toString("utf8");
}

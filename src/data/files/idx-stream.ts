import { type FileHandle, open, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createGunzip, gzipSync } from "node:zlib";
import { SpikevineError } from "../../errors.js";
import { writeAtomically } from "../../io/atomic-file.js";
import { cannot } from "../../io/file-problem.js";
import { broken, type IdxArray, idxHeaderBytes, parseIdxHeader, serializeIdx, trailing, truncated } from "../idx.js";

/** Largest compression ratio of deflate (a match of 258 bytes in two bits). */
const DEFLATE_RATIO = 1032;

/** `readIdx` without its check of the path. */
export async function readIdxFile(path: string): Promise<IdxArray> {
  let file: FileHandle;
  try {
    // Checked before opening, since opening a pipe waits for a writer.
    if (!(await stat(path)).isFile()) throw broken(path, "is not a file", "give the path of an IDX file");
    file = await open(path, "r");
  } catch (error) {
    throw cannot("read", path, error, "check the path");
  }
  try {
    const { size } = await file.stat();
    const start = new Uint8Array(2);
    await file.read(start, 0, 2, 0);
    const packed = start[0] === 0x1f && start[1] === 0x8b;
    const collector = idxCollector(path, packed ? size * DEFLATE_RATIO : size);
    const bytes = file.createReadStream({ start: 0, autoClose: false });
    if (packed) await unpack(path, bytes, size, collector);
    else for await (const chunk of bytes) collector.take(chunk as Uint8Array);
    return collector.finish();
  } catch (error) {
    throw cannot("read", path, error, "check the file");
  } finally {
    await file.close();
  }
}

async function unpack(path: string, bytes: Readable, size: number, collector: IdxCollector): Promise<void> {
  const gunzip = createGunzip();
  // Not `pipeline`: it hides the collector's error behind an AbortError.
  bytes.on("error", (error) => gunzip.destroy(error));
  try {
    for await (const chunk of bytes.pipe(gunzip)) collector.take(chunk as Uint8Array);
  } catch (error) {
    if (error instanceof SpikevineError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code === "Z_BUF_ERROR") throw broken(path, "is a cut off gzip file", "download it again");
    if (code.startsWith("Z_")) throw broken(path, "is a damaged gzip file", "download it again");
    throw error;
  } finally {
    bytes.destroy();
  }
  if (gunzip.bytesWritten < size) throw broken(path, "has bytes after its gzip data", "download it again");
}

interface IdxCollector {
  take(chunk: Uint8Array): void;
  finish(): IdxArray;
}

/** Assembles an IDX file from chunks. `most` is the largest size that the source can have, including the header. */
function idxCollector(name: string, most: number): IdxCollector {
  let start = new Uint8Array(0);
  let header: { shape: readonly number[]; data: Uint8Array } | undefined;
  let filled = 0;
  const fill = (chunk: Uint8Array, { shape, data }: { shape: readonly number[]; data: Uint8Array }): void => {
    if (filled + chunk.length > data.length) throw trailing(name, shape, data.length);
    data.set(chunk, filled);
    filled += chunk.length;
  };
  return {
    take(chunk) {
      if (header !== undefined) return fill(chunk, header);
      const joined = new Uint8Array(start.length + chunk.length);
      joined.set(start);
      joined.set(chunk, start.length);
      start = joined;
      if (start.length < 4 || start.length < idxHeaderBytes(start)) return;
      const { shape, offset, bytes } = parseIdxHeader(start, name);
      if (offset + bytes > most) throw truncated(name, shape, Math.max(0, most - offset), bytes);
      header = { shape, data: new Uint8Array(bytes) };
      fill(start.subarray(offset), header);
    },
    finish() {
      if (header === undefined) {
        parseIdxHeader(start, name);
        throw broken(name, "ends inside its header", "download or write it again");
      }
      if (filled < header.data.length) throw truncated(name, header.shape, filled, header.data.length);
      return header;
    },
  };
}

/** `writeIdx` without its check of the arguments. */
export async function writeIdxFile(path: string, array: IdxArray): Promise<void> {
  const bytes = serializeIdx(array);
  await writeAtomically(path, path.endsWith(".gz") ? gzipSync(bytes) : bytes);
}

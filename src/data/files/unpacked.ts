import { type FileHandle, open, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { cannot } from "../../io/file-problem.js";
import { DEFLATE_RATIO } from "../../io/formats/inflate.js";
import { joinBytes } from "../../io/formats/join-bytes.js";
import { broken } from "../idx.js";

/**
 * Reads a file chunk by chunk, unpacked if it is gzipped (detected by its first bytes, not by its name).
 * @param fix advice for a path that is not a file, e.g. `give the path of an IDX file`
 * @param use gets the chunks, and the most bytes that a file of this size can give, so that no more memory is allocated
 * @throws SpikevineError naming the file: missing, not a file, a cut off or damaged gzip file; what `use` throws
 */
export async function readUnpacked<T>(
  path: string,
  fix: string,
  use: (chunks: AsyncIterable<Uint8Array>, most: number) => Promise<T>,
): Promise<T> {
  let file: FileHandle;
  try {
    // Checked before opening, since opening a pipe waits for a writer.
    if (!(await stat(path)).isFile()) throw broken(path, "is not a file", fix);
    file = await open(path, "r");
  } catch (error) {
    throw cannot("read", path, error, "check the path");
  }
  try {
    const { size } = await file.stat();
    const start = new Uint8Array(2);
    await file.read(start, 0, 2, 0);
    const packed = start[0] === 0x1f && start[1] === 0x8b;
    const bytes = file.createReadStream({ start: 0, autoClose: false });
    return packed ? await use(unpack(path, bytes, size), size * DEFLATE_RATIO) : await use(bytes, size);
  } catch (error) {
    throw cannot("read", path, error, "check the file");
  } finally {
    await file.close();
  }
}

async function* unpack(path: string, bytes: Readable, size: number): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  // Not `pipeline`: it hides the error of the file behind an AbortError.
  bytes.on("error", (error) => gunzip.destroy(error));
  try {
    yield* bytes.pipe(gunzip) as AsyncIterable<Uint8Array>;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code === "Z_BUF_ERROR") throw broken(path, "is a cut off gzip file", "download it again");
    if (code.startsWith("Z_")) throw broken(path, "is a damaged gzip file", "download it again");
    throw error;
  } finally {
    bytes.destroy();
  }
  if (gunzip.bytesWritten < size) throw broken(path, "has bytes after its gzip data", "download it again");
}

/**
 * The whole bytes of a file, unpacked if it is gzipped.
 * @param largest most bytes that are accepted
 * @throws SpikevineError as `readUnpacked`, or if there are more bytes
 */
export function readUnpackedBytes(path: string, fix: string, largest: number): Promise<Uint8Array> {
  return readUnpacked(path, fix, async (chunks) => {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of chunks) {
      parts.push(chunk);
      size += chunk.length;
      if (size > largest) throw broken(path, `has more than ${largest} bytes`, fix);
    }
    return joinBytes(parts);
  });
}

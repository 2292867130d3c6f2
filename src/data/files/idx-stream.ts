import { gzipSync } from "node:zlib";
import { writeAtomically } from "../../io/atomic-file.js";
import { broken, type IdxArray, idxHeaderBytes, parseIdxHeader, serializeIdx, trailing, truncated } from "../idx.js";
import { readUnpacked } from "./unpacked.js";

/** `readIdx` without its check of the path. */
export async function readIdxFile(path: string): Promise<IdxArray> {
  return readUnpacked(path, "give the path of an IDX file", async (chunks, most) => {
    const collector = idxCollector(path, most);
    for await (const chunk of chunks) collector.take(chunk);
    return collector.finish();
  });
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

import { SpikevineError } from "../../errors.js";
import { crc32 } from "./crc32.js";
import { DEFLATE_RATIO, inflate } from "./inflate.js";

/** A file in a ZIP archive. */
interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly packedBytes: number;
  readonly bytes: number;
  /** Offset of its own header. */
  readonly offset: number;
}

/** The files of a ZIP archive by name; each is unpacked and checked when it is read. */
export interface ZipArchive {
  readonly names: readonly string[];
  /** @throws SpikevineError if the file is damaged */
  read(name: string): Promise<Uint8Array>;
}

const END = 0x06054b50;
const DIRECTORY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const STORED = 0;
const DEFLATED = 8;

/** True for a file that begins like a ZIP archive. */
export const isZip = (file: Uint8Array): boolean =>
  file[0] === 0x50 && file[1] === 0x4b && ((file[2] === 3 && file[3] === 4) || (file[2] === 5 && file[3] === 6));

/**
 * Reads the directory of a ZIP archive. No size is believed: the files together may not be larger than the archive can unpack to.
 * Source: PKWARE APPNOTE.TXT 6.3.3, sections 4.3.7, 4.3.12 and 4.3.16.
 * @param name the archive's name, for messages
 * @throws SpikevineError naming the archive: damaged, cut off, encrypted, larger than 4 GiB, or with a name twice
 */
export function openZip(file: Uint8Array, name: string): ZipArchive {
  const fail = (what: string, fix = "write it again") => new SpikevineError(`zip: "${name}" ${what}; ${fix}.`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const end = findEnd(view);
  if (end === undefined) throw fail("is cut off or no ZIP archive: its directory is missing");
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  if (start === 0xffffffff || count === 0xffff) throw fail("is larger than 4 GiB", "split it");
  const entries = new Map<string, ZipEntry>();
  let at = start;
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== DIRECTORY) throw fail("has a damaged directory");
    const nameBytes = view.getUint16(at + 28, true);
    const next = at + 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw fail("has a damaged directory");
    const entry: ZipEntry = {
      name: new TextDecoder().decode(file.subarray(at + 46, at + 46 + nameBytes)),
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      packedBytes: view.getUint32(at + 20, true),
      bytes: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    if (view.getUint16(at + 8, true) & 1)
      throw fail(`has the encrypted file "${entry.name}"`, "give one without a password");
    if (entry.bytes === 0xffffffff || entry.packedBytes === 0xffffffff || entry.offset === 0xffffffff) {
      throw fail("is larger than 4 GiB", "split it");
    }
    if (entries.has(entry.name)) throw fail(`has two files "${entry.name}"`);
    entries.set(entry.name, entry);
    total += entry.bytes;
    at = next;
  }
  if (total > DEFLATE_RATIO * file.length) throw fail(`claims ${total} bytes, more than it can have`);
  return {
    names: [...entries.keys()],
    read: (wanted) =>
      readEntry(file, view, entries.get(wanted)!, (what) => fail(`has a file "${wanted}" that ${what}`)),
  };
}

/** Offset of the last record of the archive, behind which there is only a comment. */
function findEnd(view: DataView): number | undefined {
  for (let at = view.byteLength - END_BYTES; at >= Math.max(0, view.byteLength - END_BYTES - LONGEST_COMMENT); at--) {
    if (view.getUint32(at, true) === END && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength)
      return at;
  }
  return undefined;
}

async function readEntry(
  file: Uint8Array,
  view: DataView,
  { method, checksum, packedBytes, bytes, offset }: ZipEntry,
  fail: (what: string) => Error,
): Promise<Uint8Array> {
  if (offset + 30 > file.length || view.getUint32(offset, true) !== LOCAL)
    throw fail("is not where the directory says");
  // The name and the fields of the file's own header may be longer than those of the directory.
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + packedBytes > file.length) throw fail("is cut off");
  const packed = file.subarray(start, start + packedBytes);
  if (method !== STORED && method !== DEFLATED) throw fail(`is compressed by method ${method}, not deflate`);
  const content = method === STORED ? packed : await inflate(packed, "deflate-raw", bytes, fail);
  if (content.length !== bytes) throw fail(`has ${content.length} bytes in place of ${bytes}`);
  if (crc32(content) !== checksum) throw fail("is damaged: its checksum differs");
  return content;
}

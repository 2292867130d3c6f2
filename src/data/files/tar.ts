import { joinBytes } from "../../io/formats/join-bytes.js";
import { broken } from "../idx.js";

/** A file of an archive. */
export interface TarFile {
  /** Its path in the archive, with slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;
/** Largest size of the records that hold a long name. */
const LONGEST_RECORDS = 2 ** 20;
const FIX = "download it again";

/**
 * The wanted files of a tar archive, in their order: regular files only. Links are skipped, and nothing is written to disk, so that a
 * path in the archive is no more than a name. Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Interchange Format"; long
 * names as GNU tar writes them.
 * @param archive name of the archive, for messages
 * @param isWanted tells by a file's path if it is read; other files are skipped
 * @param largest most bytes of a wanted file
 * @throws SpikevineError naming the archive: no tar archive, damaged, cut off, a wanted file is too large
 */
export async function* tarFiles(
  chunks: AsyncIterable<Uint8Array>,
  archive: string,
  isWanted: (path: string) => boolean,
  largest: number,
): AsyncGenerator<TarFile> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    yield* filesOf(reader(iterator), archive, isWanted, largest);
  } finally {
    // Closes the file, if not all of it was read.
    await iterator.return?.();
  }
}

async function* filesOf(
  source: Reader,
  archive: string,
  isWanted: (path: string) => boolean,
  largest: number,
): AsyncGenerator<TarFile> {
  let longName: string | undefined;
  let isFirst = true;
  for (;;) {
    const header = await source.take(BLOCK);
    if (header.length < BLOCK) {
      if (isFirst) throw broken(archive, "is not a tar archive", FIX);
      // Some programs leave out the two empty blocks at the end.
      if (header.length === 0) return;
      throw broken(archive, "is cut off", FIX);
    }
    if (header.every((byte) => byte === 0)) {
      if (isFirst) throw broken(archive, "is not a tar archive", FIX);
      // The rest is read, so that a damaged end of the gzip data is noticed.
      while ((await source.take(BLOCK)).length > 0);
      return;
    }
    if (!isHeader(header)) throw broken(archive, isFirst ? "is not a tar archive" : "is a damaged tar archive", FIX);
    isFirst = false;
    const size = octal(header.subarray(124, 136));
    if (size === undefined) throw broken(archive, "has a file without a size", FIX);
    const kind = String.fromCharCode(header[156]!);
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    if (kind === "x" || kind === "L") {
      if (size > LONGEST_RECORDS) throw broken(archive, `has a name of ${size} bytes`, FIX);
      const records = await source.take(padded);
      if (records.length < padded) throw broken(archive, "is cut off", FIX);
      const text = decode(records.subarray(0, size));
      longName = kind === "L" ? text : (paxPath(text) ?? longName);
      continue;
    }
    const path = longName ?? nameOf(header);
    // A global header describes no file of its own.
    if (kind !== "g") longName = undefined;
    const isFile = kind === "0" || kind === "\0";
    if (!isFile || !isWanted(path)) {
      if (!(await source.skip(padded))) throw broken(archive, "is cut off", FIX);
      continue;
    }
    if (size > largest) throw broken(archive, `has "${path}" of ${size} bytes, more than ${largest}`, FIX);
    const content = await source.take(padded);
    if (content.length < padded) throw broken(archive, `is cut off inside "${path}"`, FIX);
    yield { path, bytes: content.subarray(0, size) };
  }
}

/** Bytes of chunks in pieces of any length. */
function reader(iterator: AsyncIterator<Uint8Array>) {
  let rest: Uint8Array = new Uint8Array(0);
  /** Passes on the next bytes, `length` at most in all; fewer at the end. */
  const next = async (length: number, use: (part: Uint8Array) => void): Promise<number> => {
    let at = 0;
    while (at < length) {
      if (rest.length === 0) {
        const { done, value } = await iterator.next();
        if (done) break;
        rest = value;
        continue;
      }
      const part = rest.subarray(0, length - at);
      use(part);
      at += part.length;
      rest = rest.subarray(part.length);
    }
    return at;
  };
  return {
    /** The next bytes; fewer at the end. Memory grows with the bytes that are there, not with the length that is asked for. */
    async take(length: number): Promise<Uint8Array> {
      const parts: Uint8Array[] = [];
      await next(length, (part) => parts.push(part));
      return joinBytes(parts);
    },
    /** Skips bytes; false if there are fewer. */
    skip: async (length: number): Promise<boolean> => (await next(length, () => undefined)) === length,
  };
}

type Reader = ReturnType<typeof reader>;

/** The checksum of a header is the sum of its bytes, with its own eight bytes read as spaces. */
function isHeader(header: Uint8Array): boolean {
  let sum = 8 * 0x20;
  header.forEach((byte, i) => {
    if (i < 148 || i >= 156) sum += byte;
  });
  return octal(header.subarray(148, 156)) === sum;
}

function octal(field: Uint8Array): number | undefined {
  const digits = /^ *([0-7]+)[ \0]*$/.exec(String.fromCharCode(...field))?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

function nameOf(header: Uint8Array): string {
  const name = decode(header.subarray(0, 100));
  const isPosix = decode(header.subarray(257, 263)) === "ustar";
  const prefix = isPosix ? decode(header.subarray(345, 500)) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** Value of the record `path`: each record is its own length, a space, `key=value` and a line feed. */
const paxPath = (records: string): string | undefined => /(?:^|\n)\d+ path=([^\n]*)\n/.exec(records)?.[1];

/** Text up to the first zero byte. */
function decode(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

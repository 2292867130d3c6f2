import { crc32, deflateRawSync } from "node:zlib";

/** A file of an archive, and the fields in which it differs from an honest one. */
export interface ZipFile {
  readonly name: string;
  readonly content: Uint8Array;
  /** Default: 8, deflate. */
  readonly method?: number;
  readonly flags?: number;
  /** Sizes and checksum that the directory claims. */
  readonly bytes?: number;
  readonly packedBytes?: number;
  readonly checksum?: number;
  readonly offset?: number;
}

/** A ZIP archive whose headers are written field by field; as numpy does, every local header has an extra field. */
export function zipArchive(files: readonly ZipFile[], comment = ""): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const file of files) {
    const { content, method = 8, flags = 0, bytes = content.length, checksum = crc32(content), offset = at } = file;
    const packed = method === 8 ? deflateRawSync(content) : Buffer.from(content);
    const name = Buffer.from(file.name);
    const extra = Buffer.alloc(20);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(extra.length, 28);
    parts.push(local, name, extra, packed);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(flags, 8);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(checksum, 16);
    entry.writeUInt32LE(file.packedBytes ?? packed.length, 20);
    entry.writeUInt32LE(bytes, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, name);
    at += 30 + name.length + extra.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  return Buffer.concat([...parts, listed, end, Buffer.from(comment)]);
}

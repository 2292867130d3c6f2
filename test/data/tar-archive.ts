/** A file of an archive: a path and its content, or another kind of entry. */
export interface Entry {
  readonly path: string;
  readonly content?: Uint8Array;
  /** Default "0", a regular file; "2" a link, "x" pax records, "L" a long name, "5" a folder. */
  readonly kind?: string;
}

/** A tar archive in the ustar format, written field by field. */
export function tarArchive(entries: readonly Entry[], end = true): Buffer {
  const blocks = entries.flatMap(({ path, content = new Uint8Array(0), kind = "0" }) => {
    const header = Buffer.alloc(512);
    header.write(path, 0, 100, "latin1");
    header.write("0000644\0", 100);
    header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("        ", 148);
    header.write(kind, 156);
    header.write("ustar\0", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(end ? 1024 : 0)]);
}

/** The records of a pax header. */
export function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (`${length}${rest}`.length !== length) length = `${length}${rest}`.length;
  return Buffer.from(`${length}${rest}`);
}

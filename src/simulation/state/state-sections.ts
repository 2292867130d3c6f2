/**
 * Joins arrays of bytes so that they can be separated again: each is preceded by its length in 32 bits, little-endian.
 */
export function joinSections(sections: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(sections.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const section of sections) {
    view.setUint32(at, section.length, true);
    bytes.set(section, at + 4);
    at += 4 + section.length;
  }
  return bytes;
}

/** The joined arrays, or undefined if the bytes end too early. */
export function splitSections(bytes: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sections: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return undefined;
    const length = view.getUint32(at, true);
    at += 4;
    if (at + length > bytes.length) return undefined;
    sections.push(bytes.subarray(at, at + length));
    at += length;
  }
  return sections;
}

/** Bytes as 32-bit words: a copy, since words must be aligned; slice() of a Buffer would not be a copy. */
export const wordsOf = (bytes: Uint8Array): Uint32Array => new Uint32Array(new Uint8Array(bytes).buffer);

/** Bytes as numbers of double precision; a copy. */
export const doublesOf = (bytes: Uint8Array): Float64Array => new Float64Array(new Uint8Array(bytes).buffer);

/** The bytes of an array of numbers; a view. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

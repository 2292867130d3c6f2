/** Bytes of WebAssembly code, in order. */
export type Code = readonly number[];

/** Value types of WebAssembly that the kernels use. */
export const TYPE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = (typeof TYPE)[keyof typeof TYPE];

/** LEB128 of an unsigned integer below 2^53. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return bytes;
}

/** LEB128 of a signed 32-bit integer; addresses of 2 GiB and more wrap to negative numbers, as WebAssembly requires. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 0x80);
  }
}

const scratch = new DataView(new ArrayBuffer(8));

/** The four little-endian bytes of a number in single precision. */
export function float32(value: number): number[] {
  scratch.setFloat32(0, value, true);
  return [0, 1, 2, 3].map((i) => scratch.getUint8(i));
}

/** The four little-endian bytes of a 32-bit integer. */
export function integer32(value: number): number[] {
  scratch.setInt32(0, value | 0, true);
  return [0, 1, 2, 3].map((i) => scratch.getUint8(i));
}

/** A UTF-8 string, preceded by its length. */
export function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
}

/** Items, preceded by their number. */
export function vector(items: readonly Code[]): number[] {
  const bytes = unsigned(items.length);
  for (const item of items) for (const byte of item) bytes.push(byte);
  return bytes;
}

/** A section or a function body, preceded by its length in bytes. */
export function sized(body: Code): number[] {
  const bytes = unsigned(body.length);
  for (const byte of body) bytes.push(byte);
  return bytes;
}

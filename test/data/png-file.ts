import { crc32, deflateSync } from "node:zlib";

/** A picture to encode: samples `[height, width, samples]` of `depth` bits. */
export interface PngInput {
  readonly width: number;
  readonly height: number;
  readonly color: number;
  readonly depth: number;
  readonly samples: readonly number[];
  /** Filter of each row of a pass; default 0. */
  readonly filter?: (line: number) => number;
  readonly isInterlaced?: boolean;
  readonly palette?: readonly number[];
  readonly opacity?: readonly number[];
}

const COUNT: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export function chunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** The header of a file; other sizes than those of the pixels make a hostile one. */
export function header(width: number, height: number, depth: number, color: number, interlace = 0): Buffer {
  const content = Buffer.alloc(13);
  content.writeUInt32BE(width, 0);
  content.writeUInt32BE(height, 4);
  content.set([depth, color, 0, 0, interlace], 8);
  return chunk("IHDR", content);
}

export const SIGNATURE = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** A PNG file, written pixel by pixel as the specification says; the pixels are in two IDAT chunks. */
export function pngFile(input: PngInput): Buffer {
  const { width, height, color, depth, samples, filter = () => 0, isInterlaced = false, palette, opacity } = input;
  const count = COUNT[color]!;
  // Pass of each pixel, as the specification draws it for the upper left 8 x 8 pixels.
  const pattern = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"];
  const passOf = (x: number, y: number): number => (isInterlaced ? Number(pattern[y % 8]![x % 8]) : 1);
  const rows: Buffer[] = [];
  for (let pass = 1; pass <= (isInterlaced ? 7 : 1); pass++) {
    let above: number[] | undefined;
    let line = 0;
    for (let y = 0; y < height; y++) {
      let bits = "";
      for (let x = 0; x < width; x++) {
        if (passOf(x, y) !== pass) continue;
        for (let c = 0; c < count; c++) bits += samples[(y * width + x) * count + c]!.toString(2).padStart(depth, "0");
      }
      if (bits === "") continue;
      const bytes = bits.match(/.{1,8}/g)!.map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
      const kind = filter(line++);
      const size = Math.max(1, (count * depth) / 8);
      const filtered = bytes.map((byte, i) => {
        const [a, b, c] = [bytes[i - size] ?? 0, above?.[i] ?? 0, (i < size ? 0 : above?.[i - size]) ?? 0];
        const closest = [a, b, c].reduce((best, one) =>
          Math.abs(a + b - c - one) < Math.abs(a + b - c - best) ? one : best,
        );
        return (byte - [0, a, b, Math.floor((a + b) / 2), closest][kind]!) & 255;
      });
      rows.push(Buffer.from([kind, ...filtered]));
      above = bytes;
    }
  }
  const packed = deflateSync(Buffer.concat(rows));
  return Buffer.concat([
    SIGNATURE,
    header(width, height, depth, color, isInterlaced ? 1 : 0),
    ...(palette === undefined ? [] : [chunk("PLTE", Buffer.from(palette))]),
    ...(opacity === undefined ? [] : [chunk("tRNS", Buffer.from(opacity))]),
    chunk("tEXt", Buffer.from("Title\0a picture")),
    chunk("IDAT", packed.subarray(0, 5)),
    chunk("IDAT", packed.subarray(5)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

import { broken } from "../idx.js";
import type { Picture } from "./picture.js";

const FIX = "save it again, e.g. with an image editor";

/** Most pixels of a picture; a block of 8 x 8 takes 2 bits of a file at least. */
const MOST_PIXELS = 2 ** 26;
const PIXELS_PER_BYTE = 256;
/** Most memory of the decoder, MiB. */
const MOST_MEMORY = 1024;

/** True for a file that begins like a JPEG file. */
export const isJpeg = (file: Uint8Array): boolean => file[0] === 0xff && file[1] === 0xd8 && file[2] === 0xff;

/**
 * Decodes a JPEG file, baseline or progressive, grey or in colours, with the library jpeg-js. Colour profiles and the orientation in
 * EXIF data are not applied.
 * @param name the file's name, for messages
 * @throws SpikevineError naming the file: damaged, cut off, in four colours, or with a size that its bytes cannot fill
 */
export async function decodeJpeg(file: Uint8Array, name: string): Promise<Picture> {
  if (!isJpeg(file)) throw broken(name, "is not a JPEG file", FIX);
  const { width, height, components } = frameOf(file, name);
  if (components !== 1 && components !== 3) throw broken(name, `has ${components} colours per pixel`, "save it as RGB");
  if (width * height > MOST_PIXELS || width * height > PIXELS_PER_BYTE * Math.max(64, file.length)) {
    throw broken(name, `claims ${width} x ${height} pixels, more than ${file.length} bytes can hold`, FIX);
  }
  const { decode } = (await import("jpeg-js")).default;
  let decoded: { readonly width: number; readonly height: number; readonly data: Uint8Array };
  try {
    decoded = decode(file, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: Math.ceil(MOST_PIXELS / 1e6),
      maxMemoryUsageInMB: MOST_MEMORY,
    });
  } catch (error) {
    throw broken(name, `cannot be decoded (${String((error as Error).message ?? error).split("\n")[0]})`, FIX);
  }
  if (decoded.width !== width || decoded.height !== height || decoded.data.length !== 3 * width * height) {
    throw broken(name, "has pictures of several sizes", FIX);
  }
  if (components === 3) return { width, height, channels: 3, data: decoded.data };
  // The decoder repeats a grey value in three channels.
  return {
    width,
    height,
    channels: 1,
    data: Uint8Array.from({ length: width * height }, (_, i) => decoded.data[3 * i]!),
  };
}

/** Size and number of components in the first frame header. Source: ITU-T T.81, annex B. */
function frameOf(file: Uint8Array, name: string): { width: number; height: number; components: number } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 2; at + 4 <= file.length; ) {
    if (file[at] !== 0xff) break;
    const marker = file[at + 1]!;
    // Fill bytes may precede a marker.
    if (marker === 0xff) {
      at++;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame && at + 10 <= file.length) {
      if (marker > 0xc2)
        throw broken(name, "is a JPEG file of a rare kind (lossless, arithmetic or hierarchical)", FIX);
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      if (width === 0 || height === 0) throw broken(name, `claims ${width} x ${height} pixels`, FIX);
      return { width, height, components: file[at + 9]! };
    }
    at += 2 + view.getUint16(at + 2);
  }
  throw broken(name, "has no header of a picture, or is cut off before it", FIX);
}

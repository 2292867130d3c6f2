import { joinBytes } from "./join-bytes.js";

/** Largest compression ratio of deflate (a match of 258 bytes in two bits). */
export const DEFLATE_RATIO = 1032;

/**
 * Unpacks bytes, in Node and in browsers.
 * @param most most bytes that are accepted
 * @param fail makes the error to throw from a problem, e.g. `is damaged`
 */
export async function inflate(
  packed: Uint8Array,
  format: "gzip" | "deflate-raw" | "deflate",
  most: number,
  fail: (problem: string) => Error,
): Promise<Uint8Array> {
  const reader = new Blob([packed as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream(format))
    .getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      // Damaged bytes; which ones, the error does not tell in the same words everywhere.
      throw fail(/unexpected end/i.test(String((error as Error).cause ?? error)) ? "is cut off" : "is damaged");
    });
    if (done) break;
    size += value.length;
    if (size > most) {
      await reader.cancel().catch(() => undefined);
      throw fail(`unpacks to more than ${most} bytes`);
    }
    parts.push(value);
  }
  return joinBytes(parts);
}

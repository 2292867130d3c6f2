import { createHash } from "node:crypto";

/** Most bytes that Node hashes in one call are 2 GiB. */
const SLICE = 2 ** 30;

/** SHA-256 as hexadecimal digits of bytes or texts, one after the other. */
export function sha256(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    if (typeof part === "string") hash.update(part);
    else for (let at = 0; at < part.length; at += SLICE) hash.update(part.subarray(at, at + SLICE));
  }
  return hash.digest("hex");
}

/** The bytes of an array of numbers. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

import { sha256 as digest } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/**
 * SHA-256 of texts, one after the other, as hexadecimal digits. Plain JavaScript: a browser has no SHA-256 that answers
 * at once. `io/sha256.ts` gives the same digits for large data in Node.
 */
export function sha256(...texts: readonly string[]): string {
  const hash = digest.create();
  for (const text of texts) hash.update(new TextEncoder().encode(text));
  return bytesToHex(hash.digest());
}

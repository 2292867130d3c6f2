import { list, signature, text } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { sha256 } from "./sha256.js";

/** Largest number of bytes that a name contributes to its file name; file systems allow 255. */
const LONGEST = 120;

const check = signature("fileNames", { texts: list(text()) });

/**
 * File names for names in any script. They differ for different texts, even on file systems that ignore case or Unicode
 * normalization. Characters other than letters, digits, dots and underscores become dashes; texts that would collide
 * get a part of their SHA-256 at the end. Repeated texts are numbered.
 * @throws SpikevineError if two names are still the same
 */
export function fileNames(texts: readonly string[]): string[] {
  check([texts]);
  const plain = texts.map(simplified);
  const seen = new Map<string, number>();
  const names = texts.map((text, i) => {
    const isShared = texts.some((other, j) => other !== text && folded(plain[j]!) === folded(plain[i]!));
    const number = (seen.get(text) ?? 0) + 1;
    seen.set(text, number);
    return [plain[i]!, ...(isShared ? [sha256(text).slice(0, 12)] : []), ...(number > 1 ? [number] : [])].join("-");
  });
  names.forEach((name, i) => {
    const first = names.findIndex((other) => folded(other) === folded(name));
    if (first === i) return;
    throw new SpikevineError(
      `the names ${JSON.stringify(texts[first])} and ${JSON.stringify(texts[i])} would give one file "${name}"; rename one.`,
    );
  });
  return names;
}

/** A text as a file name that every system accepts, though it may not be unique. */
function simplified(text: string): string {
  const name = text.normalize("NFC").replace(/[^\p{L}\p{M}\p{N}._]+/gu, "-");
  let short = "";
  for (const character of name) {
    if (Buffer.byteLength(short + character) > LONGEST) break;
    short += character;
  }
  const cut = short.replace(/^[-.]+|[-.]+$/g, "");
  // Windows reserves these names, with any extension, for its devices.
  return cut === "" || /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(cut) ? `${cut}_` : cut;
}

/** Normalized form that a file system may treat as the same name. */
const folded = (name: string): string => name.normalize("NFKC").toUpperCase().toLowerCase();

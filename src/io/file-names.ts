import { list, signature, text } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { sha256 } from "./sha256.js";

/** Most bytes that a name gives to its file; file systems take 255. */
const LONGEST = 120;

const check = signature("fileNames", { texts: list(text()) });

/**
 * Names of files for names in any script: distinct for distinct texts, also where a file system does not tell apart upper
 * and lower case, or two Unicode forms of one text. What is not a letter, a digit, a dot or an underscore becomes a dash;
 * where two would be the same then, both have a part of their SHA-256 at the end. A text that is there several times is
 * numbered.
 * @throws SpikevineError where even so two are the same
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

/** A text as a file name that every system takes, though perhaps not its own. */
function simplified(text: string): string {
  const name = text.normalize("NFC").replace(/[^\p{L}\p{M}\p{N}._]+/gu, "-");
  let short = "";
  for (const character of name) {
    if (Buffer.byteLength(short + character) > LONGEST) break;
    short += character;
  }
  const cut = short.replace(/^[-.]+|[-.]+$/g, "");
  // Windows keeps these names, with any ending, for its devices.
  return cut === "" || /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(cut) ? `${cut}_` : cut;
}

/** What a file system may take for the same name. */
const folded = (name: string): string => name.normalize("NFKC").toUpperCase().toLowerCase();

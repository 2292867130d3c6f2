/** Largest nesting depth of arrays and objects; files of Spikevine have fewer than twenty levels. */
const DEEPEST = 100;

/**
 * Reads JSON from a file. It is stricter than `JSON.parse`, which overflows the stack on deep nesting and keeps the
 * last of two values with the same key. A byte-order mark, which editors on Windows write, is skipped.
 * @param fail makes the error to throw from a problem, e.g. `has the key "a" twice`
 */
export function parseJson(text: string, fail: (problem: string) => Error): unknown {
  const json = text.startsWith("\ufeff") ? text.slice(1) : text;
  if (isDeep(json)) throw fail(`is nested deeper than ${DEEPEST} levels`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw fail(`is not JSON (${(error as Error).message})`);
  }
  const twice = duplicateKey(json);
  if (twice !== undefined) throw fail(`has the key ${JSON.stringify(twice)} twice`);
  return value;
}

// Compare character codes: comparing strings of one character takes several times as long, and headers have megabytes.
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Tells if brackets outside of strings nest deeper than `DEEPEST` levels. The text need not be JSON. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) i = endOfString(text, i);
    else if (c === OPEN_OBJECT || c === OPEN_LIST) depth++;
    else if (c === CLOSE_OBJECT || c === CLOSE_LIST) depth--;
    if (depth > DEEPEST) return true;
  }
  return false;
}

/**
 * Finds a key that occurs twice in one object of a JSON text, at any depth.
 * @param text valid JSON
 * @returns the first such key, or undefined
 */
function duplicateKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === OPEN_OBJECT) open.push(new Set());
    else if (c === OPEN_LIST) open.push(undefined);
    else if (c === CLOSE_OBJECT || c === CLOSE_LIST) open.pop();
    else if (c === QUOTE) {
      const start = i;
      i = endOfString(text, i);
      const keys = open.at(-1);
      if (keys === undefined || !isKey(text, i + 1)) continue;
      const written = text.slice(start + 1, i);
      // Parse keys with escapes, because "a" and "\u0061" are the same key.
      const key = written.includes("\\") ? (JSON.parse(`"${written}"`) as string) : written;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

/** Position of the closing quote of the string that starts at `start`, or of the end of the text. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i;
}

/** Tells if the string that ended before `i` is followed by a colon. */
function isKey(text: string, i: number): boolean {
  while (text.charCodeAt(i) <= 0x20) i++;
  return text.charCodeAt(i) === COLON;
}

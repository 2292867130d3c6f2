/**
 * Finds a key that stands twice in one object of a JSON text, at any depth. `JSON.parse` keeps the last value without
 * a word, which lets two readers of one file see different things.
 * @param text valid JSON
 * @returns the first such key, or undefined
 */
export function duplicateKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "{") open.push(new Set());
    else if (c === "[") open.push(undefined);
    else if (c === "}" || c === "]") open.pop();
    else if (c === '"') {
      const start = i;
      i = endOfString(text, i);
      const keys = open.at(-1);
      if (keys === undefined || !isKey(text, i + 1)) continue;
      // Parsed, because "a" and "\u0061" are one key.
      const key: string = JSON.parse(text.slice(start, i + 1));
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

/** Position of the quote that ends the string beginning at `start`. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
  return i;
}

/** Whether the string that ended before `i` is followed by a colon. */
function isKey(text: string, i: number): boolean {
  while (" \t\n\r".includes(text[i] ?? "x")) i++;
  return text[i] === ":";
}

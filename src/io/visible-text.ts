/**
 * Text with its control characters spelled out, except line breaks and tabs. Names in external files must not move the
 * cursor of a terminal, change its title or reverse the direction of the surrounding text.
 */
export const visibleText = (text: string): string =>
  text.replace(/(?![\n\t])[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu, (character) => {
    const code = character.codePointAt(0)!.toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
  });

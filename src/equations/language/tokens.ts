/** A part of an equation's text. `start` and `end` are positions in it. */
export interface Token {
  readonly kind: "number" | "name" | "symbol" | "end" | "other";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const NAME = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
/** The longer ones first. Those that equations do not have are refused by name. */
const SYMBOL = /<=|>=|==|!=|->|\.\*|\.\/|\.\^|<<|>>|[-+*/^()<>?:,=!~&|]/y;
const SPACE = /\s*/y;

/** Words that are operators in other languages of formulas, so that no equation uses them as names. */
const WORDS: ReadonlySet<string> = new Set(["and", "or", "not", "xor", "mod", "to", "in"]);

/** Splits the text of an equation; the last token is the end. A character that no token has is a token of kind "other". */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  /** `mod` is a function here, and `not (a)` is none. */
  const isCalled = (name: string): boolean => name === "mod" && /^\s*\(/.test(text.slice(at + name.length));
  for (;;) {
    at += match(SPACE)!.length;
    if (at >= text.length) break;
    const start = at;
    const add = (kind: Token["kind"], found: string): void => {
      at += found.length;
      tokens.push({ kind, text: found, start, end: at });
    };
    const number = match(NUMBER);
    const name = number === undefined ? match(NAME) : undefined;
    if (number !== undefined) add("number", number);
    else if (name !== undefined) add(WORDS.has(name) && !isCalled(name) ? "symbol" : "name", name);
    else {
      const symbol = match(SYMBOL);
      if (symbol !== undefined) add("symbol", symbol);
      else add("other", String.fromCodePoint(text.codePointAt(at)!));
    }
  }
  tokens.push({ kind: "end", text: "", start: text.length, end: text.length });
  return tokens;
}

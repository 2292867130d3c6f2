/** A part of a text. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

/** A definition in text form that cannot be read, with its place. */
export class TextProblem extends Error {
  constructor(
    message: string,
    readonly place: Place,
  ) {
    super(message);
    this.name = "TextProblem";
  }
}

export interface ReadText {
  readonly value: Readonly<Record<string, unknown>>;
  /** Places of the values by their paths, such as `dynamics.v`; of texts without their quotes. */
  readonly places: ReadonlyMap<string, Place>;
}

/**
 * Reads an object as it is written in JavaScript: names or texts as keys, texts, numbers, true, false, lists and objects as
 * values, commas at the end, comments. Nothing is evaluated, so a text from a link can do no harm.
 * @throws TextProblem at the first character that does not fit
 */
export function readText(text: string): ReadText {
  const reader = new Reader(text);
  const value = reader.value("");
  reader.end();
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TextProblem("A definition is an object: { name: …, states: { … } }.", { from: 0, to: text.length });
  }
  return { value: value as Record<string, unknown>, places: reader.places };
}

/** Levels of objects and lists; a definition has four. */
const DEEPEST = 20;
const NUMBER = /[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/iy;
const NAME = /[A-Za-z_$][\w$]*/y;
const SPACE = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;

class Reader {
  readonly places = new Map<string, Place>();
  #at = 0;

  constructor(private readonly text: string) {}

  value(path: string, depth = 0): unknown {
    if (depth > DEEPEST) throw this.#expected(`at most ${DEEPEST} levels`);
    this.#space();
    const from = this.#at;
    const character = this.text[from];
    if (character === "{") return this.#object(path, depth);
    if (character === "[") return this.#list(path, depth);
    if (character === '"' || character === "'") {
      const value = this.#string();
      this.places.set(path, { from: from + 1, to: this.#at - 1 });
      return value;
    }
    const number = this.#match(NUMBER);
    const word = number === undefined ? this.#match(NAME) : undefined;
    this.places.set(path, { from, to: this.#at });
    if (number !== undefined) return Number(number);
    if (word === "true" || word === "false") return word === "true";
    this.#at = from;
    throw this.#expected(
      word === undefined ? "a value" : `a value, but "${word}" is a name without quotes`,
      word?.length,
    );
  }

  end(): void {
    this.#space();
    if (this.#at < this.text.length) throw this.#expected("the end of the definition");
  }

  #object(path: string, depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#at++;
    for (;;) {
      this.#space();
      if (this.#take("}")) return object;
      const quote = this.text[this.#at];
      const from = this.#at;
      const key = quote === '"' || quote === "'" ? this.#string() : this.#match(NAME);
      if (key === undefined) throw this.#expected("a name or }");
      if (key === "__proto__" || Object.hasOwn(object, key)) {
        throw new TextProblem(`"${key}" is there twice or cannot be a name.`, { from, to: this.#at });
      }
      this.#space();
      if (!this.#take(":")) throw this.#expected(`: after ${key}`);
      object[key] = this.value(path === "" ? key : `${path}.${key}`, depth + 1);
      this.#space();
      if (this.#take(",")) continue;
      if (this.#take("}")) return object;
      throw this.#expected(", or }");
    }
  }

  #list(path: string, depth: number): unknown[] {
    const list: unknown[] = [];
    this.#at++;
    for (;;) {
      this.#space();
      if (this.#take("]")) return list;
      list.push(this.value(`${path}.${list.length}`, depth + 1));
      this.#space();
      if (this.#take(",")) continue;
      if (this.#take("]")) return list;
      throw this.#expected(", or ]");
    }
  }

  #string(): string {
    const quote = this.text[this.#at]!;
    const from = this.#at++;
    const end = this.text.indexOf(quote, this.#at);
    const line = this.text.indexOf("\n", this.#at);
    if (end < 0 || (line >= 0 && line < end)) {
      throw new TextProblem("This text has no closing quote in its line.", {
        from,
        to: line < 0 ? this.text.length : line,
      });
    }
    const inner = this.text.slice(this.#at, end);
    if (inner.includes("\\")) {
      throw new TextProblem("A backslash has no meaning in an equation.", { from, to: end });
    }
    this.#at = end + 1;
    return inner;
  }

  #take(character: string): boolean {
    if (this.text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #expected(what: string, length = 1): TextProblem {
    const found = this.text[this.#at];
    const got = found === undefined ? "the text ends" : `"${found === "\n" ? "a new line" : found}" is here`;
    return new TextProblem(`Expected ${what}; ${got}.`, { from: this.#at, to: this.#at + length });
  }
}

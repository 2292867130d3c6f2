import type { Place, ReadText } from "./read-text.js";

/** Paths of equations by the way in which messages of the library name them. */
const PATHS: readonly (readonly [RegExp, (name: string) => readonly string[]])[] = [
  [/\bd(\w+)\/dt\b/, (name) => [`dynamics.${name}`]],
  [/\bthe reset of (\w+)/, (name) => [`reset.${name}`]],
  [/\bthe update of (\w+)/, (name) => [`update.${name}`]],
  [/\bin (spike|output|refractory)\b/, (name) => [name]],
  [/\b(?:onPre|onPost)[^:]*?\b(\w+)/, (name) => [`onPre.${name}`, `onPost.${name}`]],
  [/\bderived\.?(\w+)/, (name) => [`derived.${name}`, `derived.${name}.equation`]],
  [
    /: "(\w+)"[: ]/,
    (name) => [`parameters.${name}.value`, `parameters.${name}.min`, `states.${name}.initial`, `states.${name}.unit`],
  ],
  [/\b((?:parameters|states|dynamics|reset|update|input|derived|onPre|onPost)(?:\.\w+)+)/, (path) => [path]],
];

/**
 * The place in the text that a message of the library is about: the term or name that it quotes inside the equation that it
 * names, or the equation. Undefined if the message names none.
 */
export function locate(message: string, text: string, { places }: ReadText): Place | undefined {
  const field = /unknown field "(\w+)"/.exec(message)?.[1];
  const key = field === undefined ? undefined : new RegExp(`\\b${field}\\s*:`).exec(text)?.index;
  if (field !== undefined && key !== undefined) return { from: key, to: key + field.length };
  const equation = equationOf(message, places);
  const range = equation ?? { from: 0, to: text.length };
  const part = text.slice(range.from, range.to);
  const character = /\(char (\d+)\)/.exec(message)?.[1];
  if (equation !== undefined && character !== undefined) {
    const at = Math.min(equation.to - 1, equation.from + Number(character) - 1);
    return { from: Math.max(equation.from, at), to: Math.max(equation.from, at) + 1 };
  }
  for (const [, quoted] of message.matchAll(/"([^"]+)"/g)) {
    const at = find(part, quoted!);
    if (at >= 0) return { from: range.from + at, to: range.from + at + quoted!.length };
  }
  return equation;
}

function equationOf(message: string, places: ReadonlyMap<string, Place>): Place | undefined {
  for (const [pattern, paths] of PATHS) {
    const name = pattern.exec(message)?.[1];
    if (name === undefined) continue;
    for (const path of paths(name)) {
      const found = places.get(path);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** A name is found as a word, any other term as it is. */
function find(text: string, term: string): number {
  if (!/^\w+$/.test(term)) return text.indexOf(term);
  return new RegExp(`\\b${term}\\b`).exec(text)?.index ?? -1;
}

/** Line and column of a place, from 1. */
export function lineOf(text: string, { from }: Place): { readonly line: number; readonly column: number } {
  const before = text.slice(0, from);
  return { line: before.split("\n").length, column: from - before.lastIndexOf("\n") };
}

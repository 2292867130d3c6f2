import type { EditorProblem } from "./editor.js";
import { locate } from "./locate.js";
import { type ReadText, readText, TextProblem } from "./read-text.js";

/** Reads a definition; the problem has its place. */
export function readDefinition(text: string): { readonly read?: ReadText; readonly problem?: EditorProblem } {
  try {
    return { read: readText(text) };
  } catch (error) {
    if (!(error instanceof TextProblem)) throw error;
    return { problem: { message: error.message, place: error.place } };
  }
}

/** A message of the library about a definition, with its place in the text. */
export const problemIn = (message: string, text: string, read: ReadText): EditorProblem => ({
  message: message.replace(/^(?:neurons|plasticity)\/\S+ /, "").replace(/^./, (letter) => letter.toUpperCase()),
  place: locate(message, text, read),
});

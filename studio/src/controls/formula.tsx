import { useMemo } from "preact/hooks";
import { mathOf } from "./math.js";

/** An equation, typeset; as plain text if it is of a form that is not typeset. */
export function Formula({ text }: { readonly text: string }) {
  const html = useMemo(() => mathOf(text), [text]);
  if (html === undefined) return <code class="formula">{text}</code>;
  // MathOf makes it of numbers, letters and operators only.
  return <span class="formula" dangerouslySetInnerHTML={{ __html: html }} />;
}

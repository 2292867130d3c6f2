import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { mathOf } from "./math.js";

/** An equation, typeset; as plain text, which can wrap, if it is too wide or of a form that is not typeset. */
export function Formula({ text }: { readonly text: string }) {
  const html = useMemo(() => mathOf(text), [text]);
  const ref = useRef<HTMLSpanElement>(null);
  const [isWide, setWide] = useState(false);
  useLayoutEffect(() => {
    const { offsetWidth = 0, parentElement } = ref.current ?? {};
    if (offsetWidth > (parentElement?.clientWidth ?? 0)) setWide(true);
  });
  useEffect(() => {
    const measure = (): void => setWide(false);
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, []);
  if (html === undefined || isWide) return <code class="formula">{text}</code>;
  // MathOf makes the markup of numbers, letters and operators only.
  return <span ref={ref} class="formula" dangerouslySetInnerHTML={{ __html: html }} />;
}

/** SVG as text: elements with escaped attributes, without a document object model. */

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text escaped for an element or an attribute. Control characters, which XML forbids, become spaces. */
export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML forbids
  return text.replace(/[\u0000-\u001f\u007f\ufffe\uffff]/g, " ").replace(/[&<>"]/g, (character) => ESCAPES[character]!);
}

/** A coordinate with at most two decimals and no trailing zeros. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** One element. Numbers are rounded; children are SVG already. */
export function element(
  tag: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  ...children: readonly string[]
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${typeof value === "number" ? round(value) : escapeXml(value!)}"`)
    .join("");
  return children.length === 0 ? `<${tag}${written}/>` : `<${tag}${written}>${children.join("")}</${tag}>`;
}

/** One line of text whose baseline begins (or ends, by `anchor`) at a point. */
export function text(
  x: number,
  y: number,
  content: string,
  style: { anchor?: "start" | "middle" | "end"; size?: number; fill?: string; bold?: boolean } = {},
): string {
  const attributes = {
    x,
    y,
    "text-anchor": style.anchor,
    "font-size": style.size,
    fill: style.fill,
    "font-weight": style.bold === true ? 600 : undefined,
  };
  return element("text", attributes, escapeXml(content));
}

/** Upper estimate of a text's width in pixels for common fonts, since no font metrics are available. */
export function textWidth(content: string, size: number): number {
  return content.length * size * 0.58;
}

const LONGEST = 60;

/** A value as a message shows it: short, and without reading all of a large value. */
export function show(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value);
  if (typeof value === "function") return value.name === "" ? "a function" : `the function ${value.name}`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return showList(value);
  const tag = tagOf(value);
  if (tag === "Promise") return "a promise that must be awaited first";
  if (ArrayBuffer.isView(value) && "length" in value) return `${withArticle(tag)} of ${value.length} values`;
  if (tag !== "Object") return withArticle(tag);
  const keys = Object.keys(value);
  const shown = keys.slice(0, 4).join(", ");
  return keys.length === 0 ? "an object without fields" : `an object with ${shown}${keys.length > 4 ? ", ..." : ""}`;
}

/** "an Int16Array", but "a Uint16Array". */
const withArticle = (tag: string): string => `${/^[AEIO]/.test(tag) ? "an" : "a"} ${tag}`;

/** The built-in kind of an object, the same in every realm: `Map`, `Uint8Array` (of a Node Buffer too), `Object`. */
export const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

function showList(list: readonly unknown[]): string {
  const simple = list.length <= 8 && list.every((item) => typeof item === "number" || typeof item === "string");
  const text = simple ? JSON.stringify(list) : "";
  return text !== "" && text.length <= LONGEST ? text : `a list of ${list.length} values`;
}

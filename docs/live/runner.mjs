// The worker in which a page runs a script: it removes the types, gives the imports the addresses of the library's modules
// beside it, and runs the result as a module.
import { transform } from "sucrase";
import { send } from "./messages.mjs";

/** The build puts each module that a script may import beside this worker. */
const moduleFile = (specifier) => (specifier === "node:fs/promises" ? "files.js" : `${specifier.replace("/", "-")}.js`);

const IMPORT = /(\bfrom\s+|\bimport\s+)"(spikevine(?:\/\w+)?|node:fs\/promises)"/g;

function inspect(value) {
  if (typeof value === "string") return value;
  if (ArrayBuffer.isView(value)) return `[ ${Array.from(value).join(", ")} ]`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

console.log = (...values) => send({ kind: "print", text: values.map(inspect).join(" ") });
console.warn = console.log;

addEventListener("message", async ({ data: script }) => {
  try {
    const { code } = transform(script, { transforms: ["typescript"], disableESTransforms: true });
    const module = code.replace(
      IMPORT,
      (_, before, specifier) => `${before}"${new URL(moduleFile(specifier), import.meta.url).href}"`,
    );
    await import(/* @vite-ignore */ URL.createObjectURL(new Blob([module], { type: "text/javascript" })));
    send({ kind: "end" });
  } catch (error) {
    send({ kind: "end", error: error instanceof Error ? error.message : String(error) });
  }
});

import { readFileSync } from "node:fs";

const { exports } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

/** The entries of the package, the root first: the source file of each, and the name of its page. */
export const entries = Object.entries(exports)
  .filter(([, target]) => target.types !== undefined)
  .map(([entry, { types }]) => ({
    source: types.replace("./dist/", "").replace(".d.ts", ".ts"),
    name: entry === "." ? "spikevine" : entry.slice(2),
  }));

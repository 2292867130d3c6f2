import { readFileSync } from "node:fs";

/** The package's version, from its package.json (dist/src/version.js is two folders below it). */
export function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

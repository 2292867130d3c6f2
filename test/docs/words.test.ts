import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Private and old-fashioned words. CONTRIBUTING's "Words" has the standard ones. */
const BANNED = [
  "anew",
  "departures",
  "foresee",
  "habit",
  "heed",
  "heeded",
  "heeds",
  "lest",
  "to be had",
  "told of",
  "way back",
  "whoever",
  "workshop",
  "yardstick",
];
/** Words of a phrase may stand on two lines of a comment. */
const banned = new RegExp(`\\b(?:${BANNED.map((phrase) => phrase.replaceAll(" ", "[\\s*/#]+")).join("|")})\\b`, "gi");

/** This list, text of other authors, and files of earlier versions. */
const exempt = /^(?:test\/docs\/words\.test\.ts|package-lock\.json|LICENSE|test\/.*\/fixtures\/.*)$/;
const text = /\.(?:ts|mjs|js|json|md|svg|html|yml|sh)$|^\.ci\//;

/** Installed, built or temporary folders. */
const skipped = /^(?:node_modules|dist|runs|results|coverage|\..*)$/;

/** The built documentation site, and the pages that its build writes. */
const site = /^(?:site|docs\/reference|docs\/gallery)$/;

/** Paths of the text files below a folder of the repository. */
function files(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory())
      return (skipped.test(entry.name) && entry.name !== ".ci") || site.test(path) ? [] : files(path);
    return entry.isFile() && text.test(path) && !exempt.test(path) ? [path] : [];
  });
}

it("code and documents use none of the banned words", () => {
  const paths = files("");
  expect(paths).toEqual(
    expect.arrayContaining(["README.md", "docs/simd.md", "src/index.ts", "test/docs/pages.test.ts"]),
  );
  const found = paths.flatMap((path) => {
    const content = readFileSync(join(root, path), "utf8");
    const line = (index: number): number => content.slice(0, index).split("\n").length;
    return [...content.matchAll(banned)].map(
      ({ 0: words, index }) => `${path}:${line(index)}: ${words.replace(/\s+/g, " ")}`,
    );
  });
  expect(found).toEqual([]);
});

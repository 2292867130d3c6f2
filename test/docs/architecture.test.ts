import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const text = readFileSync(join(root, "docs/architecture.md"), "utf8");

/** The first code block after a heading, as lines. */
const blockAfter = (heading: string): string[] =>
  new RegExp(`## ${heading}\\n[\\s\\S]*?\`\`\`\\n([\\s\\S]*?)\`\`\``).exec(text)![1]!.trimEnd().split("\n");

/** The folders of src, and those beside it that the package is built from. */
const folders = (path: string): string[] =>
  readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
const beside = ["neurons", "encoders", "plasticity", "losses", "networks"];

/** The folder that a file belongs to, as the diagram names it; undefined for files of src itself. */
function folderOf(path: string): string | undefined {
  const [top, second, third] = path.split("/");
  return top === "src" ? (third === undefined ? undefined : second) : top;
}

/** Imports between folders, as pairs of files. */
function imports(): [string, string][] {
  return ["src", ...beside].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .flatMap((name) => {
        const file = join(root, folder, name);
        const targets = readFileSync(file, "utf8").matchAll(/(?:from|import\() ?"(\.\.?\/[^"]+)"/g);
        return [...targets].map(([, to]): [string, string] => [
          relative(root, file),
          relative(root, join(dirname(file), to!)),
        ]);
      }),
  );
}

describe("docs/architecture.md", () => {
  it("has every folder of src in its tree, and no other", () => {
    const tree = blockAfter("The folders");
    const inSrc = tree.slice(tree.indexOf("src/") + 1).map((line) => /^ {2}(\w+)\/ /.exec(line)?.[1]);
    expect(inSrc.filter((name) => name !== undefined).sort()).toEqual(folders("src").sort());
    for (const name of beside) expect(tree.some((line) => line.startsWith(`${name}/ `))).toBe(true);
  });

  it("has the order in which folders import each other", () => {
    const rows = blockAfter("Dependencies").map((line) => line.trim().split(/\s+/));
    const row = new Map(rows.flatMap((names, index) => names.map((name) => [name, index] as const)));
    expect([...row.keys()].sort()).toEqual([...folders("src"), ...beside].sort());
    const upwards = imports().filter(([from, to]) => {
      const [here, there] = [folderOf(from), folderOf(to)];
      return here !== undefined && there !== undefined && here !== there && row.get(there)! <= row.get(here)!;
    });
    const exceptions = upwards.filter(
      ([from, to]) => from.startsWith("src/checkpoint/") && to === "src/experiment/schema.js",
    );
    expect(exceptions).not.toEqual([]);
    expect(upwards).toEqual(exceptions);
  });
});

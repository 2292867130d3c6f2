import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const FOLDERS = ["src", "networks", "neurons", "plasticity", "encoders", "losses"];

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => join(root, folder, name)),
);

/** Files that a file imports, those of which it imports only types included. */
const importsOf = (file: string): string[] =>
  [
    ...readFileSync(file, "utf8").matchAll(/^(?:import|export)\b[^;]*?from "(\.[^"]+)\.js"|^import "(\.[^"]+)\.js"/gm),
  ].map(([, from, alone]) => join(dirname(file), `${from ?? alone}.ts`));

const graph = new Map(files.map((file) => [file, importsOf(file)]));

/** Groups of files that import each other, directly or through others. Source: R. Tarjan, SIAM J. Comput. 1 (1972). */
function cycles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.get(file)!);
    stack.push(file);
    for (const next of imports.get(file) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file)!, low.get(next)!));
    }
    if (low.get(file) !== index.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1 || imports.get(file)?.includes(file)) found.push(group.sort());
  };
  for (const file of imports.keys()) if (!index.has(file)) visit(file);
  return found;
}

it("finds a cycle of three files, and a file that imports itself", () => {
  const imports = new Map([
    ["a", ["b", "d"]],
    ["b", ["c"]],
    ["c", ["a"]],
    ["d", ["d"]],
    ["e", ["a"]],
  ]);
  expect(cycles(imports)).toEqual([["d"], ["a", "b", "c"]]);
});

it("no files import each other, not even types", () => {
  expect(files.length).toBeGreaterThan(300);
  const missing = [...graph.values()].flat().filter((file) => !graph.has(file));
  expect(missing.map((file) => relative(root, file))).toEqual([]);
  expect(cycles(graph).map((group) => group.map((file) => relative(root, file)))).toEqual([]);
});

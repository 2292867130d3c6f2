import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createJiti } from "jiti";
import { describe, expect, it } from "vitest";
import { codeBlocks } from "./code-blocks.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const recipes = codeBlocks(await readFile(join(root, "CONTRIBUTING.md"), "utf8"), "ts");

/** Runs a recipe as the file that its first line names, on the built package, and returns its exports. */
async function runRecipe(text: string): Promise<Record<string, unknown>> {
  const path = /^\/\/ (\S+\.ts)\n/.exec(text)?.[1];
  expect(path, text).toBeDefined();
  const file = join(await mkdtemp(join(tmpdir(), "spikevine-recipe-")), path!);
  await mkdir(dirname(file), { recursive: true });
  const onBuilt = text.replace(/"(\.\.?\/[^"]+)"/g, (_, to: string) => `"${join(root, "dist", dirname(path!), to)}"`);
  await writeFile(file, onBuilt);
  return createJiti(import.meta.url).import(file);
}

describe("recipes in CONTRIBUTING.md", () => {
  it("has one for each kind of definition", () => {
    const folders = recipes.map((text) => /^\/\/ ([\w/]+)\//.exec(text)?.[1]);
    expect(folders).toEqual(["neurons", "neurons/surrogates", "encoders", "plasticity", "losses"]);
  });

  it.each(recipes.map((text) => [text.split("\n")[0], text] as const))(
    "makes a definition that describes itself: %s",
    async (_, text) => {
      const [factory, ...others] = Object.values(await runRecipe(text)) as ((options?: object) => {
        name: string;
        describe(): string;
      })[];
      expect(others).toEqual([]);
      const definition = factory!();
      expect(definition.describe()).toContain(definition.name);
      expect(() => factory!({ nonsense: 1 })).toThrow(/nonsense/);
    },
  );
});

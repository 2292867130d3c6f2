import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const dist = fileURLToPath(new URL("../../dist/src/", import.meta.url));

/** Everything a built module imports, directly or not. */
function imports(file: string, seen = new Set<string>()): Set<string> {
  expect(existsSync(file), file).toBe(true);
  for (const [, name] of readFileSync(file, "utf8").matchAll(/(?:from|import) "([^"]+)"/g)) {
    const target = name!.startsWith(".") ? join(dirname(file), name!) : name!;
    if (seen.has(target)) continue;
    seen.add(target);
    if (name!.startsWith(".")) imports(target, seen);
  }
  return seen;
}

it.each([
  "data/augmentation/index.js",
  "data/dataset.js",
  "data/digits.js",
  "data/subset.js",
  "data/idx.js",
  "record/safetensors.js",
  "record/npy.js",
  "record/metrics.js",
  "record/plots/index.js",
  "statistics/index.js",
])("%s needs nothing that a browser does not have", (module) => {
  const outside = [...imports(join(dist, module))].filter((name) => !name.startsWith("/"));
  for (const name of outside) expect(["d3-scale", "d3-shape", "fastest-levenshtein"]).toContain(name);
});

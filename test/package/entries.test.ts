import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  exports: Record<string, { default: string } | string>;
};

/** Modules that a built module imports when it is loaded, with the path of imports that leads to each. */
function imports(file: string, path: readonly string[] = [], seen = new Map<string, readonly string[]>()) {
  for (const [, name] of readFileSync(file, "utf8").matchAll(
    /^(?:import|export)\b[^;]*?from "([^"]+)"|^import "([^"]+)"/gm,
  )) {
    if (name === undefined) continue;
    const target = name.startsWith(".") ? join(dirname(file), name) : name;
    if (seen.has(target)) continue;
    seen.set(target, [...path, target.replace(join(root, "dist/"), "")]);
    if (name.startsWith(".")) imports(target, seen.get(target), seen);
  }
  return seen;
}

/** Modules of Node that a built module needs when it is loaded. */
const needed = (file: string): string[] =>
  [...imports(file)]
    .filter(([name]) => name.startsWith("node:") || name === "pino")
    .map(([, path]) => path.join(" > "));

/** Entries that keep files or start threads of Node. */
const NEED_NODE = ["./io", "./sweep"];

describe("entries of the package", () => {
  it.each(Object.entries(exports).filter(([name, entry]) => typeof entry !== "string" && !NEED_NODE.includes(name)))(
    "%s loads without Node",
    (_, entry) => {
      expect(needed(join(root, (entry as { default: string }).default))).toEqual([]);
    },
  );

  it.each(NEED_NODE)("%s needs Node", (name) => {
    expect(needed(join(root, (exports[name] as { default: string }).default))).not.toEqual([]);
  });

  it.each(["formats/safetensors", "formats/npy", "formats/csv", "run-folder/metrics"])(
    "the reader of %s loads without Node",
    (module) => {
      expect(needed(join(root, "dist/src/io", `${module}.js`))).toEqual([]);
    },
  );

  it.each([
    ['const { loadModel } = await import("spikevine/models"); await loadModel("a");', "loadModel"],
    [
      'const { dense, network, rate, snu } = await import("spikevine"); const { saveModel } = await import("spikevine/models"); await saveModel("a", network({ inputs: 1, encoder: rate(), steps: 1, layers: [dense(1, snu())] }));',
      "saveModel",
    ],
    ['const { readIdx } = await import("spikevine/data"); await readIdx("a");', "readIdx"],
    ['const { readImages } = await import("spikevine/data"); await readImages("a");', "readIdx"],
    ['const { loadDataset } = await import("spikevine/data"); await loadDataset("mnist");', "loadMnist"],
    [
      'const { writeIdx } = await import("spikevine/data"); await writeIdx("a", { shape: [1], data: new Uint8Array(1) });',
      "writeIdx",
    ],
  ])("without Node, %s is refused in one sentence", async (code, name) => {
    const program = `const { log } = console; delete globalThis.process; try { ${code} } catch (error) { log(String(error)); }`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
      cwd: root,
    });
    expect(stdout).toBe(
      `SpikevineError: ${name}: it uses files, which need Node; in a browser work on the data in memory.\n`,
    );
  });
});

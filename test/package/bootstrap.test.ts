import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

it("a build restores a file that is missing in dist, and writes nothing if none is missing", async () => {
  const project = await mkdtemp(join(tmpdir(), "spikevine-build-"));
  try {
    await cp(join(root, "scripts"), join(project, "scripts"), { recursive: true });
    await symlink(join(root, "node_modules"), join(project, "node_modules"));
    await mkdir(join(project, "src"));
    await writeFile(join(project, "src/one.ts"), "export const one = 1;\n");
    await writeFile(join(project, "package.json"), '{ "type": "module", "engines": { "node": ">=20.19" } }');
    const options = JSON.parse(await readFile(join(root, "tsconfig.json"), "utf8")).compilerOptions;
    await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["src"] }));
    const build = async (): Promise<string> =>
      (await promisify(execFile)(process.execPath, ["scripts/build.mjs"], { cwd: project })).stderr;
    expect(await build()).toContain("Building");
    expect(await build()).toBe("");
    await rm(join(project, "dist/src/one.js"));
    expect(await build()).toContain("Building");
    expect(await readFile(join(project, "dist/src/one.js"), "utf8")).toContain("one = 1");
  } finally {
    await rm(project, { recursive: true, force: true });
  }
});

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "spikevine-packed-studio-"));
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], {
    cwd: root,
  });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  await writeFile(join(project, "package.json"), '{ "name": "empty", "private": true }');
  const args = ["install", "--prefer-offline", "--no-audit", "--no-fund", join(project, filename)];
  await run("npm", args, { cwd: project });
}, 180_000);

afterAll(() => rm(project, { recursive: true, force: true }));

describe("the packed package", () => {
  test("`npx spikevine studio` serves the page that it contains", { timeout: 60_000 }, async () => {
    const studio = spawn("npx", ["--no-install", "spikevine", "studio", "--port", "0"], {
      cwd: project,
      detached: true,
    });
    try {
      const address = await new Promise<string>((resolve, reject) => {
        let printed = "";
        studio.stdout.on("data", (part) => {
          printed += part;
          const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed);
          if (found !== null) resolve(found[0]);
        });
        studio.stderr.on("data", (part) => reject(new Error(String(part))));
        studio.on("exit", (code) => reject(new Error(`ended with ${code}: ${printed}`)));
      });
      const page = await (await fetch(address)).text();
      const [, script] = /src="\.\/(assets\/[^"]+\.js)"/.exec(page)!;
      expect((await fetch(address + script)).headers.get("content-type")).toContain("text/javascript");
    } finally {
      // npx and the command that it started are one group.
      process.kill(-studio.pid!, "SIGTERM");
    }
  });
});

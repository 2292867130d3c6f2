import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { codeBlocks } from "../package/code-blocks.js";

it("docs/brian2.md has code that runs", { timeout: 60_000 }, async () => {
  const [code] = codeBlocks(await readFile("docs/brian2.md", "utf8"), "ts");
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code!]);
  expect(stderr).toBe("");
  expect(stdout.trim()).toBe("150 true true");
});

import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tutorials = readdirSync(join(root, "docs/tutorials")).map((name) => join("docs/tutorials", name));
const pages = [join("docs", "index.md"), ...tutorials].map(
  (path) => [path, readFileSync(join(root, path), "utf8")] as const,
);
const EXAMPLE = /<!-- example: (\S+)(?: \|.*?)? -->\n([\s\S]*?)<!-- end of example -->/g;
const examples = pages.flatMap(([, text]) => [...text.matchAll(EXAMPLE)].map(([, name]) => name!));

describe("examples in pages", { timeout: 120_000 }, () => {
  it.each(examples)("%s: code, output and figure are those of the file and its run", async (name) => {
    const { stdout } = await promisify(execFile)(process.execPath, ["scripts/page-examples.mjs", "--check", name], {
      cwd: root,
    }).catch(({ stdout, stderr }: { stdout: string; stderr: string }) => {
      throw new Error(stdout + stderr);
    });
    expect(stdout).toContain("up to date");
  });

  it("the figures and the accuracy in README.md are those of npm start", { timeout: 300_000 }, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["scripts/readme-run.mjs", "--check"], {
      cwd: root,
    }).catch(({ stdout, stderr }: { stdout: string; stderr: string }) => {
      throw new Error(stdout + stderr);
    });
    expect(stdout).toContain("up to date");
  });

  it("every file of examples/tutorials is in a page", () => {
    const files = readdirSync(join(root, "examples/tutorials")).map((name) => `tutorials/${name.replace(".ts", "")}`);
    expect(examples).toEqual(expect.arrayContaining(files));
  });

  it.each(pages)("%s: code of pages is an example or one line of a shell", (_path, text) => {
    const others = text.replace(EXAMPLE, "").matchAll(/^```(\w*)/gm);
    expect([...others].map(([, language]) => language).filter((language) => language !== "")).toEqual(
      [...text.replace(EXAMPLE, "").matchAll(/^```sh/gm)].map(() => "sh"),
    );
  });

  it.each(pages)("%s: a number with decimals in the text is one that an example has or prints", (_path, text) => {
    const shown = [...text.matchAll(EXAMPLE)].map(([, , lines]) => lines!).join("\n");
    const prose = text.replace(EXAMPLE, "").replace(/\]\([^)]*\)|`[^`]*`|Node \d+\.\d+/g, "");
    const numbers = [...prose.matchAll(/\d+\.\d+/g)].map(([number]) => number);
    expect(numbers.filter((number) => !shown.includes(number))).toEqual([]);
  });
});

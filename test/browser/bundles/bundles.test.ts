import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumMissing, launchChromium } from "../chromium.js";
import { BUNDLERS, installedApp } from "./bundlers.js";
import { serve } from "./serve.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const required = process.env.SPIKEVINE_REQUIRE_CHROMIUM === "1";

/** Results of `everything` in app/everything.js. */
interface Everything {
  readonly numbers: object;
  readonly report: {
    readonly threads: number;
    readonly warnings: readonly string[];
    readonly simulationWarnings: readonly string[];
  };
}

if (chromiumMissing === undefined) describe("bundles in Chromium", { timeout: 300_000 }, testBundles);
else if (required) {
  test("Chromium is there", () => {
    throw new Error(chromiumMissing);
  });
} else test.skip(`bundles in Chromium: ${chromiumMissing}`, () => {});

/** The numbers of a result in order, with texts as they are. */
function leaves(value: unknown): (number | string)[] {
  if (Array.isArray(value)) return value.flatMap(leaves);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(leaves);
  return [value as number | string];
}

function expectNumbers(found: object, expected: object): void {
  const [given, wanted] = [leaves(found), leaves(expected)];
  expect(given.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    if (typeof value === "number") expect(given[i]).toBeCloseTo(value, 5);
    else expect(given[i]).toBe(value);
  });
}

function testBundles(): void {
  let folder: string;
  let browser: Browser;
  let inNode: Everything;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "spikevine-bundles-"));
    await installedApp(folder);
    const app = join(ROOT, "test/browser/bundles/app/everything.js");
    const code = `const { everything } = await import(${JSON.stringify(app)}); console.log(JSON.stringify(await everything(2)));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], { cwd: ROOT });
    inNode = JSON.parse(stdout) as Everything;
    browser = await launchChromium();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Calls a global function of a page. */
  async function call<Result>(url: string, name: string, ...given: readonly unknown[]) {
    const page = await browser.newPage();
    const failures: string[] = [];
    page.on("pageerror", (error) => failures.push(error.message));
    const missing: string[] = [];
    page.on("response", (response) => response.ok() || missing.push(response.url()));
    await page.goto(url);
    await page
      .waitForFunction((global) => global in globalThis, name, { timeout: 30_000 })
      .catch((error: unknown) => {
        throw new Error(`the page did not load: ${[...failures, ...missing].join("; ") || String(error)}`);
      });
    const result = (await page.evaluate(
      ([called, values]) =>
        (globalThis as unknown as Record<string, (...v: readonly unknown[]) => unknown>)[called]!(...values),
      [name, given] as const,
    )) as Result;
    expect(failures).toEqual([]);
    await page.close();
    return result;
  }

  async function expectEverything(out: string, page?: string): Promise<void> {
    const given = page === undefined ? {} : { page };
    const path = page === undefined ? "/page/everything.js" : "/page";
    const isolated = await serve(out, { isolated: true, ...given });
    const shared = await call<Everything>(`${isolated.url}${path}`, "everything", 2);
    isolated.close();
    expectNumbers(shared.numbers, inNode.numbers);
    expect(shared.report).toEqual({ threads: 2, warnings: [], simulationWarnings: [] });

    const plain = await serve(out, { isolated: false, ...given });
    const alone = await call<Everything>(`${plain.url}${path}`, "everything", 2);
    plain.close();
    expectNumbers(alone.numbers, inNode.numbers);
    expect(alone.report.threads).toBe(1);
    expect(alone.report.warnings).toEqual([
      "device simd has one thread instead of 2: memory cannot be shared between threads here (no SharedArrayBuffer).",
    ]);
  }

  test.each(Object.keys(BUNDLERS))(
    "%s bundles all entries, which run with threads and without isolation",
    async (name) => {
      const out = join(folder, "out", name);
      const warnings = await BUNDLERS[name]!(folder, ["everything", "train"], out);
      expect(warnings.filter((warning) => warning.includes("node:"))).toEqual([]);
      await expectEverything(out);
    },
  );

  test("the page of docs/browser.md runs them from an import map, without a bundler", async () => {
    const [page] = /<!doctype html>[\s\S]*?(?=```)/.exec(await readFile(join(ROOT, "docs/browser.md"), "utf8"))!;
    for (const [, name] of page.matchAll(/"\/node_modules\/((?:@[^/]+\/)?[^/"]+)\//g)) {
      const [from, to] = [join(ROOT, "node_modules", name!), join(folder, "node_modules", name!)];
      if (!existsSync(to)) await symlink(from, to);
    }
    await expectEverything(folder, page);
  });

  test("a worker that cannot start means one thread and one warning", async () => {
    const site = await serve(join(folder, "out", "esbuild"), { isolated: true, missing: "simd-worker.js" });
    const result = await call<Everything>(`${site.url}/page/everything.js`, "everything", 2);
    site.close();
    expectNumbers(result.numbers, inNode.numbers);
    expect(result.report).toEqual({
      threads: 1,
      warnings: ["device simd has one thread instead of 2: a worker could not start (its file could not be loaded)."],
      simulationWarnings: [],
    });
  });

  test("a simulation whose worker cannot start runs on one thread, with one warning", async () => {
    const site = await serve(join(folder, "out", "esbuild"), { isolated: true, missing: "simulation-worker.js" });
    const result = await call<Everything>(`${site.url}/page/everything.js`, "everything", 2);
    site.close();
    expectNumbers(result.numbers, inNode.numbers);
    expect(result.report).toEqual({
      threads: 2,
      warnings: [],
      simulationWarnings: [
        "simulation: one thread computes instead of 2: a worker could not start (its file could not be loaded).",
      ],
    });
  });

  test.each(Object.keys(BUNDLERS))(
    "the page that trains loads at most 200 kB, compressed, bundled by %s",
    async (name) => {
      const out = join(folder, "out", `train-${name}`);
      await BUNDLERS[name]!(folder, ["train"], out);
      const site = await serve(out, { isolated: true });
      const result = await call<number>(`${site.url}/page/train.js`, "trained");
      site.close();
      // A browser that caches loads a chunk of page and worker once.
      const bytes = [...site.scripts.values()].reduce((sum, script) => sum + gzipSync(script, { level: 9 }).length, 0);
      expect(result).toBeGreaterThan(0.9);
      expect(bytes).toBeGreaterThan(50_000);
      expect(bytes).toBeLessThanOrEqual(200_000);
    },
  );
}

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUNDLERS, installedApp } from "./bundlers.js";
import { serve } from "./serve.js";

const PATH = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
const missing = existsSync(PATH) ? undefined : `no Firefox at ${PATH}; install it or set FIREFOX to its path`;

/** The page trains and sends its result: a page needs no driver of a browser for that. */
const PAGE = `<!doctype html>
<meta charset="utf-8"><title>Spikevine</title><link rel="icon" href="data:,">
<script type="module">
  const send = (result) => fetch("/result", { method: "POST", body: JSON.stringify(result) });
  try {
    await import("/train.js");
    await send({ accuracy: await trained(), isolated: crossOriginIsolated });
  } catch (error) {
    await send({ error: String(error) });
  }
</script>`;

if (missing === undefined) describe("the page that trains in Firefox", testFirefox);
else if (process.env.SPIKEVINE_REQUIRE_FIREFOX === "1") {
  test("Firefox is there", () => {
    throw new Error(missing);
  });
} else test.skip(`the page that trains in Firefox: ${missing}`, () => {});

function testFirefox(): void {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "spikevine-firefox-"));
    await installedApp(folder);
    await BUNDLERS.esbuild!(folder, ["train"], join(folder, "out"));
  });

  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  test.each([true, false])("isolated: %s", async (isolated) => {
    const site = await serve(join(folder, "out"), { isolated, page: PAGE });
    const profile = await mkdtemp(join(folder, "profile-"));
    const browser = spawn(PATH, ["--headless", "--no-remote", "--profile", profile, `${site.url}/page`], {
      stdio: "ignore",
      env: { ...process.env, HOME: profile },
    });
    try {
      const result = JSON.parse(await Promise.race([site.result, ended(browser)])) as object;
      expect(result).toEqual({ accuracy: 1, isolated });
    } finally {
      const closed = ended(browser).catch(() => {});
      browser.kill();
      await closed;
      site.close();
    }
  });
}

/** Fails when a browser ends. */
const ended = (browser: ChildProcess): Promise<never> =>
  new Promise((_, reject) => {
    if (browser.exitCode !== null) reject(new Error(`Firefox ended with code ${browser.exitCode}`));
    browser.once("exit", (code) => reject(new Error(`Firefox ended with code ${code}`)));
    browser.once("error", reject);
  });

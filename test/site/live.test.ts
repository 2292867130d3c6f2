import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumMissing, launchChromium } from "../browser/chromium.js";
import { type SiteServer, serveSite, site } from "./serve.js";

const required = process.env.SPIKEVINE_REQUIRE_CHROMIUM === "1";
const pages = ["index.html", ...readdirSync(join(site, "tutorials")).map((name) => `tutorials/${name}`)].filter(
  (name) => name.endsWith(".html"),
);

describe.skipIf(chromiumMissing !== undefined && !required)("examples run in the page", { timeout: 240_000 }, () => {
  let server: SiteServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await serveSite();
    browser = await launchChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** A page of the site, and the errors that its console reports. */
  async function open(name: string): Promise<{ page: Page; errors: string[] }> {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => void errors.push(message));
    await page.goto(server.address + name, { waitUntil: "networkidle" });
    return { page, errors };
  }

  test.each(pages)("%s: every example prints in the page what it printed in Node", async (name) => {
    const { page, errors } = await open(name);
    for (const example of await page.locator(".live-example").all()) {
      const recorded = (await example.locator(".language-text code").allTextContents()).join("\n").trim();
      const figures = await example.locator("img").count();
      await example.getByRole("button", { name: "Run here" }).click();
      await example.and(page.locator('[data-state="done"], [data-state="failed"]')).waitFor({ timeout: 120_000 });
      expect((await example.locator(".live-output").textContent())!.trim()).toBe(recorded);
      expect(await example.locator("img.live-figure").count()).toBe(figures);
    }
    await page.close();
    expect(errors).toEqual([]);
  });

  test("a changed script runs as it is changed, and its errors are shown", async () => {
    const { page } = await open("tutorials/one-neuron.html");
    const example = page.locator(".live-example").first();
    await example.getByRole("button", { name: "Edit" }).click();
    const editor = example.getByLabel("Script");
    const script = await editor.inputValue();
    for (const [changed, printed] of [
      ['console.log("changed" as string);', /^changed\n$/],
      [script.replace('"140 pA"', '"140 mV"'), /140 mV.*e\.g\./s],
    ] as const) {
      await editor.fill(changed);
      await example.getByRole("button", { name: "Run here" }).click();
      await example.and(page.locator('[data-state="done"], [data-state="failed"]')).waitFor();
      expect(await example.locator(".live-output").textContent()).toMatch(printed);
    }
    await page.close();
  });
});

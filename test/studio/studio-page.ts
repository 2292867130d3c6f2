import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type StudioServer, startStudio } from "#spikevine/src/cli/studio/server";
import { chromiumMissing, launchChromium } from "../browser/chromium.js";

/** A browser with the server of the studio. */
export interface Studio {
  readonly url: string;
  /** Folder of the runs that the server lists. */
  readonly runs: string;
  /** Opens the page in a context of its own. */
  open(hash?: string, options?: BrowserContextOptions): Promise<Page>;
  /** Errors of the console and of the page since the last call. */
  errors(): string[];
}

/** Declares tests in Chromium; they are skipped where it is missing, unless it is required. */
export function inChromium(name: string, declare: (studio: Studio) => void): void {
  if (chromiumMissing !== undefined) {
    if (process.env.SPIKEVINE_REQUIRE_CHROMIUM === "1") {
      test("Chromium is there", () => {
        throw new Error(chromiumMissing);
      });
    } else test.skip(`${name}: ${chromiumMissing}`, () => {});
    return;
  }
  describe(name, { timeout: 180_000 }, () => {
    let server: StudioServer;
    let browser: Browser;
    let runs = "";
    let errors: string[] = [];
    beforeAll(async () => {
      runs = await mkdtemp(join(tmpdir(), "spikevine-studio-runs-"));
      server = await startStudio({ port: 0, runs });
      browser = await launchChromium();
    }, 60_000);
    afterAll(async () => {
      await browser?.close();
      await server?.close();
    });
    declare({
      get url() {
        return server.url;
      },
      get runs() {
        return runs;
      },
      async open(hash = "", options = {}) {
        const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
        const page = await context.newPage();
        page.setDefaultTimeout(120_000);
        page.on("pageerror", (error) => errors.push(error.message));
        page.on("console", (message) => {
          if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
        });
        await page.goto(server.url + hash);
        return page;
      },
      errors() {
        const found = errors;
        errors = [];
        return found;
      },
    });
  });
}

/** A training of a second, as a link. */
export const SMALL = "train.samples=1500&train.hidden=48&train.epochs=2";

/** Trains with the settings of the page, and returns the test accuracy in percent. */
export async function trainAndRead(page: Page): Promise<number> {
  await page.getByRole("button", { name: "Train", exact: true }).click();
  return Number.parseFloat((await page.getByTestId("accuracy").textContent())!);
}

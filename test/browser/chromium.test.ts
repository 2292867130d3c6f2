import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LimitsReport } from "../device/conformance/limits.js";
import { graphicsCases } from "../device/gpujs/graphics-cases.js";
import { trainedWeights } from "./augmented-training.js";
import { chromiumMissing, launchChromium } from "./chromium.js";
import { startServer, type TestServer } from "./server.js";
import { steppedOutputs } from "./stepped-network.js";

const required = process.env.SPIKEVINE_REQUIRE_CHROMIUM === "1";

if (chromiumMissing === undefined) describe("in Chromium", { timeout: 120_000 }, testPage);
else if (required) {
  test("Chromium is there", () => {
    throw new Error(chromiumMissing);
  });
} else test.skip(`in Chromium: ${chromiumMissing}`, () => {});

function testPage(): void {
  let server: TestServer;
  let browser: Browser;
  let page: Page;
  const failures: string[] = [];

  /** Calls a function of suite.ts in the page. */
  const inPage = <Result>(name: string, ...given: readonly unknown[]): Promise<Result> =>
    page.evaluate(
      ([called, values]) => {
        const { suite } = globalThis as unknown as { suite: Record<string, (...given: readonly unknown[]) => unknown> };
        return suite[called]!(...values);
      },
      [name, given] as const,
    ) as Promise<Result>;

  beforeAll(async () => {
    server = await startServer();
    browser = await launchChromium();
    page = await browser.newPage();
    page.on("pageerror", (error) => failures.push(error.message));
    page.on("response", (response) => {
      if (!response.ok()) failures.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(server.url);
    await page.waitForFunction("window.suite !== undefined", undefined, { timeout: 30_000 }).catch((error: unknown) => {
      throw new Error(`the page did not load: ${failures.join("; ") || String(error)}`);
    });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  describe.each(["webgl2", "webgpu"] as const)("%s", (mode) => {
    test("really runs, and the driver is named", async () => {
      const name = { webgl2: "WebGL 2", webgpu: "WebGPU" }[mode];
      expect(await inPage<string>("executor", mode)).toMatch(new RegExp(`^gpu\\.js, ${name} on .`));
    });

    test.each(graphicsCases().map(({ name }) => name))("%s", async (name) => {
      expect(await inPage<string[]>("differences", mode, name)).toEqual([]);
    });

    test("ten updates stay within the limits of single precision", async () => {
      const limits = await inPage<LimitsReport>("limits", mode);
      expect(limits.inputSpikesDiffering).toBe(0);
      expect(limits.hiddenSpikesDiffering).toBeLessThanOrEqual(limits.hiddenSpikes / 100_000);
      expect(limits.gradientError).toBeLessThan(1e-4);
      expect(limits.weightError).toBeLessThan(1e-4);
    });
  });

  test("webgl2: every texture of a run is deleted", async () => {
    const { made, left } = await inPage<{ made: number; left: number }>("texturesOfRuns");
    expect(made).toBeGreaterThan(100);
    expect(left).toBe(0);
  });

  test("the SIMD device trains with one thread", async () => {
    expect(await inPage<string[]>("simdDifferences")).toEqual([]);
  });

  test("training with GRAPES and augmented images gives what it gives in Node, where a worker deforms them", async () => {
    const [here, there] = [await trainedWeights(true), await inPage<number[]>("trainedWeights", true)];
    expect(Math.max(...there.map((w, i) => Math.abs(w - here[i]!)))).toBeLessThan(1e-6);
    const plain = await trainedWeights(false);
    expect(Math.max(...plain.map((w, i) => Math.abs(w - here[i]!)))).toBeGreaterThan(1e-2);
  });

  test("a network step by step gives what it gives in Node", async () => {
    const here = await steppedOutputs();
    expect(await inPage<number[]>("steppedOutputs")).toEqual(here);
    expect(new Set(here.slice(0, -3))).toEqual(new Set([0, 1]));
  });

  test("nothing failed to load", () => {
    expect(failures).toEqual([]);
  });
}

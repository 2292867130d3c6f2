import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { PAGE_FOLDER } from "#spikevine/src/cli/studio/page-files";
import { inChromium, SMALL, trainAndRead } from "./studio-page.js";

const gzipped = async (path: string): Promise<number> =>
  gzipSync(await readFile(join(PAGE_FOLDER, path)), { level: 9 }).length;

inChromium("the weight of the studio", (studio) => {
  test("all that training and opening every view loads is below 400 kB, gzipped", async () => {
    const page = await studio.open(`#/train?${SMALL}`);
    await trainAndRead(page);
    const loaded = new Set<string>(["index.html"]);
    // Requests of workers belong to the context.
    page.context().on("request", (request) => loaded.add(new URL(request.url()).pathname.slice(1)));
    await page.reload();
    await trainAndRead(page);
    for (const [view, heading] of [
      ["synapse", "STDP curve"],
      ["neuron", "Phase plane"],
    ] as const) {
      await page.locator(`nav a[href^="#/${view}"]`).click();
      await page.getByRole("heading", { name: heading }).waitFor();
    }
    await page.locator('nav a[href^="#/network"]').click();
    const files = [...loaded].filter((name) => name !== "" && !name.startsWith("api/"));
    expect(files.some((name) => /worker/.test(name))).toBe(true);
    const sizes = await Promise.all(files.map(gzipped));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total, files.map((name, i) => `${name} ${sizes[i]}`).join("\n")).toBeLessThan(400_000);
    await page.context().close();
  });

  test("the built page adds at most 600 kB to the package", async () => {
    const assets = await readdir(join(PAGE_FOLDER, "assets"));
    const sizes = await Promise.all(assets.map((name) => gzipped(`assets/${name}`)));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(600_000);
  });
});

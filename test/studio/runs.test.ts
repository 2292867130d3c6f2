import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pageFile } from "#spikevine/src/cli/studio/page-files";
import { spikevine, TINY } from "../cli/run-cli.js";
import { violations } from "./accessibility.js";
import { blankCanvases, overlaps } from "./pixels.js";
import { inChromium, SMALL, trainAndRead } from "./studio-page.js";

inChromium("runs in the studio", (studio) => {
  test("a run of the command line is listed, followed while it grows, and compared", async () => {
    const folder = join(studio.runs, "growing");
    const epoch = (k: number): string =>
      `${JSON.stringify({ kind: "epoch", epoch: k, loss: 1 / k, accuracy: 0.5 + k / 20, testLoss: 1 / k, testAccuracy: 0.4 + k / 20 })}\n`;
    await mkdir(folder);
    await writeFile(join(folder, "config.json"), JSON.stringify({ network: { neuron: "lif" }, seed: 7 }));
    await writeFile(join(folder, "metrics.ndjson"), epoch(1));
    const page = await studio.open("#/runs");
    await page.getByLabel("growing").check();
    await page.getByText("1 epochs, training or stopped").waitFor();
    await appendFile(join(folder, "metrics.ndjson"), epoch(2) + epoch(3).slice(0, 20));
    await page.getByText("2 epochs, training or stopped").waitFor();
    await appendFile(join(folder, "metrics.ndjson"), epoch(3).slice(20));
    await page.getByText("3 epochs, training or stopped").waitFor();
    await page.getByRole("cell", { name: "lif" }).waitFor();
    expect((await spikevine("train", ...TINY, "--out", studio.runs)).code).toBe(0);
    const real = page.getByRole("listitem").filter({ hasText: "snu-digits" });
    await real.getByText(/\d %$/).waitFor();
    await real.getByRole("checkbox").check();
    await page.getByRole("columnheader", { name: "neuron" }).waitFor();
    expect(await blankCanvases(page)).toEqual([]);
    expect(await overlaps(page)).toEqual([]);
    expect(await violations(page)).toEqual([]);
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });

  test("a sweep's table is a plot", async () => {
    const swept = await spikevine(
      ...[
        "sweep",
        ...TINY,
        "--epochs",
        "1",
        "--set",
        "learning-rate=0.01,0.1",
        "--seeds",
        "0..1",
        "--out",
        studio.runs,
      ],
    );
    expect(swept.code).toBe(0);
    const page = await studio.open("#/runs?runs.chosen=sweep");
    await page.getByRole("img", { name: /over .*learning/i }).waitFor();
    expect(await page.locator("svg.sweep circle").count()).toBe(2);
    expect(await overlaps(page)).toEqual([]);
    expect(await violations(page)).toEqual([]);
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });

  test("a static page without isolation trains, says what it leaves out, and takes a dropped run", async () => {
    const server = await serveStatic();
    const page = await studio.open();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/some/folder/#/train?${SMALL}`);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    expect(await trainAndRead(page)).toBeGreaterThan(75);
    await page.getByRole("link", { name: "Runs", exact: true }).click();
    await page.getByText("it lists no runs by itself and follows none").waitFor();
    await page
      .locator("input[type=file]")
      .first()
      .setInputFiles({
        name: "metrics.ndjson",
        mimeType: "application/x-ndjson",
        buffer: Buffer.from(
          '{"kind":"epoch","epoch":1,"loss":1,"accuracy":0.5}\n{"kind":"test","accuracy":0.75,"samples":4}\n',
        ),
      });
    await page.getByRole("cell", { name: "75.00 %" }).waitFor();
    await page.context().close();
    server.close();
    expect(studio.errors()).toEqual([]);
  });
});

/** A plain web space: the built files in a folder, without a header of the studio's server. */
async function serveStatic(): Promise<Server> {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname.replace("/some/folder", "");
    const file = await pageFile(path);
    const isPage = path === "/";
    const body = isPage ? file?.body.toString("utf8").replace(/<meta name="spikevine-server"[^>]*>/, "") : file?.body;
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "Content-Type": file.type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

import { expect, test } from "vitest";
import { violations } from "./accessibility.js";
import { blankCanvases, overlaps } from "./pixels.js";
import { inChromium, SMALL, trainAndRead } from "./studio-page.js";

inChromium("training in the studio", (studio) => {
  test("trains above 90 %, and draws everything", async () => {
    const page = await studio.open();
    expect(await trainAndRead(page)).toBeGreaterThan(90);
    await page.getByRole("heading", { name: "Firing rates" }).waitFor();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await blankCanvases(page)).toEqual([]);
    expect(await overlaps(page)).toEqual([]);
    expect(await violations(page)).toEqual([]);
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });

  test("a link holds the settings, and a change of them changes the link", async () => {
    const page = await studio.open(`#/train?${SMALL}&train.grapes=local&train.neuron=lif`);
    expect(await page.getByLabel("Hidden layers").inputValue()).toBe("48");
    expect(await page.getByLabel("GRAPES").inputValue()).toBe("local");
    await page.getByLabel("Neuron").selectOption("ssnu");
    await page.getByLabel("GRAPES").selectOption("off");
    expect(page.url()).toBe(
      `${studio.url}#/train?${SMALL.replace("&train.epochs", "&train.neuron=ssnu&train.epochs")}`,
    );
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });

  test("goes on batch by batch, and stops", async () => {
    const page = await studio.open(`#/train?${SMALL}`);
    await page.getByRole("button", { name: "One batch" }).click();
    await page.getByText("Paused after batch 1:").waitFor();
    await page.getByRole("button", { name: "One batch" }).click();
    await page.getByText("Paused after batch 2:").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped.").waitFor();
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });

  test("several threads on an isolated page, with the result of one; two runs beside each other", async () => {
    const page = await studio.open(`#/train?${SMALL}&train.threads=2`);
    const first = await trainAndRead(page);
    await page.getByText("WebAssembly SIMD, 2 threads").waitFor();
    await page.getByRole("button", { name: "Keep for comparison" }).click();
    await page.getByLabel("Threads").fill("1");
    await page.getByLabel("Threads").blur();
    const second = await trainAndRead(page);
    await page.getByText("WebAssembly SIMD, 1 thread").waitFor();
    expect(second).toBe(first);
    await page.getByRole("columnheader", { name: "threads" }).waitFor();
    expect(await page.getByRole("rowheader").allTextContents()).toEqual(["Run 1", "Run 2"]);
    expect(await overlaps(page)).toEqual([]);
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });

  test("a network that is not one is refused in its sentence", async () => {
    const page = await studio.open("#/train?train.hidden=12X5");
    await page.getByRole("button", { name: "Train", exact: true }).click();
    expect(await page.getByRole("alert").textContent()).toContain('"12X5" of "12X5" is no layer');
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });
});

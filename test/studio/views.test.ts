import { expect, test } from "vitest";
import { violations } from "./accessibility.js";
import { blankCanvases, overlaps } from "./pixels.js";
import { inChromium, SMALL, type Studio, trainAndRead } from "./studio-page.js";

/** Every view with its link and a figure that it has when it is ready. */
const VIEWS = [
  ["train", "#/train", undefined],
  ["draw", "#/draw", undefined],
  ["synapse", "#/synapse", "STDP curve"],
  ["neuron", "#/neuron", "Phase plane"],
  ["network", "#/network", undefined],
  ["runs", "#/runs", undefined],
] as const;

inChromium("the views of the studio", (studio: Studio) => {
  test.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 360],
    ["dark", 360],
  ] as const)("in the %s theme, %d px wide: no overlap, no violation, nothing blank", async (colorScheme, width) => {
    const page = await studio.open("", { colorScheme, viewport: { width, height: 800 } });
    for (const [view, hash, figure] of VIEWS) {
      await page.goto(studio.url + hash);
      await page.locator(`nav a[aria-current=page][href^="#/${view}"]`).waitFor();
      if (figure !== undefined) await page.getByRole("heading", { name: figure }).waitFor();
      expect(await overlaps(page), view).toEqual([]);
      expect(await violations(page), view).toEqual([]);
      if (figure !== undefined) expect(await blankCanvases(page), view).toEqual([]);
    }
    const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(dark).toBe(colorScheme === "dark" ? "rgb(19, 22, 25)" : "rgb(247, 246, 242)");
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });

  test("the theme can be chosen and stays", async () => {
    const page = await studio.open();
    await page.getByRole("button", { name: "Switch to the dark theme" }).click();
    await page.reload();
    expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
    await page.context().close();
  });

  test("nothing is loaded from elsewhere, and nothing after the views are open", async () => {
    const page = await studio.open("#/neuron");
    const seen: string[] = [];
    await page.getByRole("heading", { name: "Phase plane" }).waitFor();
    page.on("request", (request) => seen.push(request.url()));
    for (const view of ["train", "draw", "synapse"]) await page.locator(`nav a[href^="#/${view}"]`).click();
    await page.getByRole("heading", { name: "STDP curve" }).waitFor();
    expect(seen).toEqual([]);
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });

  test("a drawn digit is answered, and its spikes can be scrubbed", async () => {
    const page = await studio.open(`#/train?${SMALL}`, { reducedMotion: "reduce" });
    await trainAndRead(page);
    await page.getByRole("link", { name: "Draw", exact: true }).click();
    const pad = page.getByRole("application");
    const box = (await pad.boundingBox())!;
    const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
    await page.mouse.move(...at(0.52, 0.15));
    await page.mouse.down();
    await page.mouse.move(...at(0.5, 0.5), { steps: 8 });
    await page.mouse.move(...at(0.48, 0.85), { steps: 8 });
    await page.mouse.up();
    expect(await page.getByTestId("answer").textContent()).toBe("1");
    expect(page.url()).toContain("draw.image=");
    const slider = page.getByLabel("Step", { exact: false }).first();
    await slider.fill("0");
    await page.getByText("After 1 steps:").waitFor();
    await page.getByLabel("Layer", { exact: true }).selectOption("2");
    await page.getByRole("columnheader", { name: "unit of layer1" }).waitFor();
    expect(await overlaps(page)).toEqual([]);
    expect(await violations(page)).toEqual([]);
    expect(await blankCanvases(page)).toEqual([]);
    // The link has the drawing: another page shows it after training the same network.
    const other = await studio.open(page.url().slice(studio.url.length), { reducedMotion: "reduce" });
    await other.getByRole("button", { name: "Train it" }).click();
    expect(await other.getByTestId("answer").textContent()).toBe("1");
    await other.context().close();
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });

  test("by keyboard alone: train, draw, clear, and read the code", async () => {
    const page = await studio.open(`#/train?${SMALL}`, { reducedMotion: "reduce" });
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Train");
    await page.keyboard.press("Enter");
    await page.getByTestId("accuracy").waitFor();
    await page.locator('nav a[href^="#/draw"]').focus();
    await page.keyboard.press("Enter");
    await page.getByRole("application").focus();
    for (let i = 0; i < 16; i++) await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByTestId("answer").waitFor();
    await page.keyboard.press("Delete");
    await page.getByText("Draw a digit on the sheet.").waitFor();
    await page.getByRole("button", { name: "As code" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });

  test("a mistake in an equation is marked where it is, and its correction is simulated", async () => {
    const page = await studio.open("#/neuron");
    const editor = page.getByLabel("Definition, as given to defineNeuron");
    await page.getByText("No mistakes.").waitFor();
    const right = await editor.inputValue();
    const cases = [
      [right.replace("leak * slope * exp", "leak * slop * exp"), "slop", 'unknown name "slop": did you mean "slope"?'],
      [right.replace("- w + I)", "- w + v)"), "v", "every term must be in"],
      [right.replace('"144 ms"', '"144 mss"'), "mss", 'unknown unit "mss"'],
      [right.replace('spike: "', "spike: "), "(", "Expected a value"],
    ] as const;
    for (const [text, marked, message] of cases) {
      await editor.fill(text);
      await page.getByTestId("problem").getByText(message).waitFor();
      expect((await page.locator(".editor mark").textContent())!).toContain(marked[0]);
      expect(await editor.getAttribute("aria-invalid")).toBe("true");
    }
    await editor.fill(right.replace('"80.5 pA"', '"8 pA"'));
    await page.getByText("No mistakes.").waitFor();
    const spikes = Number.parseInt((await page.getByText(/\d+ spikes\. Scheme/).textContent())!, 10);
    expect(spikes).toBeGreaterThan(10);
    expect(new URL(page.url()).hash).toContain("neuron.text=");
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });

  test("a gradient that is drawn changes the curves of Bio-Adam", async () => {
    const page = await studio.open("#/synapse");
    const momentum = page.getByRole("img", { name: /^Momentum: m\+ and m−/ });
    await momentum.waitFor();
    const before = await momentum.getAttribute("aria-label");
    const box = (await page.getByRole("application").boundingBox())!;
    await page.mouse.move(box.x + 0.7 * box.width, box.y + 0.1 * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.99 * box.width, box.y + 0.1 * box.height, { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => momentum.getAttribute("aria-label")).not.toBe(before);
    expect(page.url()).toContain("synapse.gradient=");
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });

  test.each(["coba", "stdp"])("the network %s runs and is drawn", async (model) => {
    const page = await studio.open(
      `#/network?network.model=${model}&network.size=400&network.inputs=50&network.duration=400`,
    );
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("Done.").waitFor();
    expect(await page.getByTestId("time").textContent()).toBe("400 ms");
    expect(await blankCanvases(page)).toEqual([]);
    expect(await overlaps(page)).toEqual([]);
    expect(await violations(page)).toEqual([]);
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });

  test("figures are saved as SVG and CSV", async () => {
    const page = await studio.open("#/synapse");
    await page.getByRole("heading", { name: "STDP curve" }).waitFor();
    const save = async (name: string): Promise<string> => {
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
      const chunks: Buffer[] = [];
      for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString("utf8");
    };
    expect(await save("Save STDP curve as SVG")).toMatch(/^<svg[\s\S]*STDP curve[\s\S]*<\/svg>\s*$/);
    const rows = (await save("Save the data of STDP curve as CSV")).trim().split("\n");
    expect(rows[0]).toBe("s (ms),change of weight");
    expect(rows).toHaveLength(82);
    // 60 pairs 20 ms apart each change the weight by 0.005 exp(-20 / 20).
    const change = Number(rows.find((row) => row.startsWith("20,"))!.split(",")[1]);
    expect(change).toBeCloseTo(60 * 0.005 * Math.exp(-1), 5);
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });
});

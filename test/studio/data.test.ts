import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeDigits } from "spikevine";
import { serializeIdx } from "spikevine/data";
import { serializeNpz } from "spikevine/io";
import { expect, test } from "vitest";
import { pngFile } from "../data/png-file.js";
import { inChromium, trainAndRead } from "./studio-page.js";

const { train, test: tested } = makeDigits({ train: 600, test: 100 });
const SMALL_OWN = "#/train?train.data=own&train.hidden=32&train.epochs=3";

inChromium("data of one's own in the studio", (studio) => {
  test("a file of NumPy arrays", async () => {
    const page = await studio.open(SMALL_OWN);
    const npz = await serializeNpz({
      x: { shape: [600, 28, 28], data: train.images as Uint8Array },
      y: { shape: [600], data: train.labels },
    });
    await page.getByLabel("Column or array of the labels").fill("y");
    await page.getByLabel("Column or array of the labels").blur();
    const file = page.locator("input[type=file]").first();
    await file.setInputFiles({ name: "digits.npz", mimeType: "application/zip", buffer: Buffer.from(npz) });
    await page.getByText(/^480 samples for training, 120 for the test, 784 values each, 10 classes\.$/).waitFor();
    expect(await trainAndRead(page)).toBeGreaterThan(50);
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });

  test("the four files of MNIST", async () => {
    const page = await studio.open(SMALL_OWN);
    const files = [
      ["train-images-idx3-ubyte", [600, 28, 28], train.images],
      ["train-labels-idx1-ubyte", [600], train.labels],
      ["t10k-images-idx3-ubyte", [100, 28, 28], tested.images],
      ["t10k-labels-idx1-ubyte", [100], tested.labels],
    ] as const;
    await page
      .locator("input[type=file]")
      .first()
      .setInputFiles(
        files.map(([name, shape, data]) => ({
          name,
          mimeType: "application/octet-stream",
          buffer: Buffer.from(serializeIdx({ shape: [...shape], data: data as Uint8Array })),
        })),
      );
    await page.getByText(/^600 samples for training, 100 for the test/).waitFor();
    expect(await trainAndRead(page)).toBeGreaterThan(50);
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });

  test("a folder of pictures, and files that are none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "spikevine-pictures-"));
    for (const [sample, name] of [
      "dark",
      "light",
      "dark",
      "light",
      "dark",
      "light",
      "dark",
      "light",
      "dark",
      "light",
    ].entries()) {
      await mkdir(join(folder, name), { recursive: true });
      const samples = new Array<number>(16).fill(name === "dark" ? 20 : 230);
      await writeFile(
        join(folder, name, `${sample}.png`),
        pngFile({ width: 4, height: 4, color: 0, depth: 8, samples }),
      );
    }
    const page = await studio.open(SMALL_OWN);
    await page.locator("input[type=file]").last().setInputFiles(folder);
    await page.getByText("8 samples for training, 2 for the test, 16 values each, 2 classes.").waitFor();
    expect(await trainAndRead(page)).toBeGreaterThan(0);
    await page
      .locator("input[type=file]")
      .first()
      .setInputFiles({ name: "a.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n1,2\n") });
    await page.getByRole("status").filter({ hasText: "label" }).waitFor();
    await page.context().close();
    expect(studio.errors()).toEqual([]);
  });
});

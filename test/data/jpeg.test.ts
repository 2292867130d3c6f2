import { copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeJpeg } from "#spikevine/src/data/formats/jpeg";
import { readDataset } from "#spikevine/src/data/index";
import { temporaryFolder } from "../cli/run-cli.js";
import { failure } from "./failure.js";

const fixture = (name: string): string => join(import.meta.dirname, "fixtures", name);

/** Pixels that djpeg of libjpeg-turbo 2.1.5 decoded (-dct float -nosmooth). */
async function pixelsOf(name: string): Promise<{ channels: number; data: Uint8Array }> {
  const file = await readFile(fixture(`${name}.pnm`));
  const header = /^P([56])\n(\d+) (\d+)\n255\n/.exec(file.toString("latin1"))!;
  expect([header[2], header[3]]).toEqual(["20", "14"]);
  return { channels: header[1] === "5" ? 1 : 3, data: file.subarray(header[0].length) };
}

describe("JPEG", () => {
  it.each([["color"], ["progressive"], ["grey"]])("%s has the pixels that libjpeg decodes", async (name) => {
    const { channels, data } = await pixelsOf(name);
    const picture = await decodeJpeg(await readFile(fixture(`${name}.jpg`)), name);
    expect(picture).toMatchObject({ width: 20, height: 14, channels });
    expect(picture.data.length).toBe(data.length);
    // Decoders may round differently.
    const largest = picture.data.reduce((most, value, i) => Math.max(most, Math.abs(value - data[i]!)), 0);
    expect(largest).toBeLessThanOrEqual(3);
  });

  it("is read from folders of pictures, whatever the ending says", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "a"));
    await mkdir(join(folder, "b"));
    await copyFile(fixture("grey.jpg"), join(folder, "a", "1.jpeg"));
    await copyFile(fixture("color.jpg"), join(folder, "b", "1.png"));
    const data = await readDataset(folder);
    expect(data).toMatchObject({ count: 2, shape: [3, 14, 20], classNames: ["a", "b"] });
    await rm(folder, { recursive: true });
  });

  it("is refused if it is damaged, cut off or claims more than it has", async () => {
    const file = await readFile(fixture("color.jpg"));
    expect(await failure(decodeJpeg(file.subarray(0, 100), "x"))).toMatch(/^data: "x" has no header of a picture/);
    expect(await failure(decodeJpeg(Buffer.from("hello"), "x"))).toMatch(/"x" is not a JPEG file/);
    const large = Buffer.from(file);
    const frame = large.indexOf(Buffer.of(0xff, 0xc0));
    large.writeUInt16BE(60_000, frame + 5);
    expect(await failure(decodeJpeg(large, "x"))).toMatch(/claims 20 x 60000 pixels, more than \d+ bytes can hold/);
    const cmyk = Buffer.from(file);
    cmyk[frame + 9] = 4;
    expect(await failure(decodeJpeg(cmyk, "x"))).toMatch(/has 4 colours per pixel/);
  });
});

import { mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readImagesAndLabels, serializeIdx, streamImagesAndLabels } from "#spikevine/src/data/index";

const COUNT = 2 ** 18;
const SIDE = 64;
const BYTES = COUNT * SIDE * SIDE;

/** The first pixel of an image in the large file; the other pixels are 0. */
const pixelOf = (index: number): number => (index * 7 + 3) % 256;

describe("images on disk", () => {
  let folder: string;
  const path = (name: string): string => join(folder, name);
  const named = { name: "large", classes: 10 };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "spikevine-stream-"));
    // A sparse file of 1 GiB: only the pages that are written are on the disk.
    const header = serializeIdx({ shape: [1, SIDE, SIDE], data: new Uint8Array(SIDE * SIDE) }).slice(0, 16);
    new DataView(header.buffer).setUint32(4, COUNT);
    await writeFile(path("images"), header);
    await truncate(path("images"), 16 + BYTES);
    const file = await open(path("images"), "r+");
    for (const index of [0, 1, 77, COUNT - 1]) {
      await file.write(Uint8Array.of(pixelOf(index)), 0, 1, 16 + index * SIDE * SIDE);
    }
    await file.close();
    await writeFile(
      path("labels"),
      serializeIdx({ shape: [COUNT], data: Uint8Array.from({ length: COUNT }, (_, i) => i % 10) }),
    );
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("are read by their index, in little memory", async () => {
    const before = process.memoryUsage();
    const stream = await streamImagesAndLabels({ images: path("images"), labels: path("labels"), ...named });
    expect(stream).toMatchObject({ count: COUNT, pixels: SIDE * SIDE, classes: 10, shape: [SIDE, SIDE] });
    for (let round = 0; round < 20; round++) {
      const part = await stream.read(Uint32Array.of(COUNT - 1, 77, 0, 1));
      expect([...part.labels]).toEqual([(COUNT - 1) % 10, 7, 0, 1]);
      expect([0, 1, 2, 3].map((i) => part.images![i * SIDE * SIDE])).toEqual([COUNT - 1, 77, 0, 1].map(pixelOf));
      expect(part.images).toHaveLength(4 * SIDE * SIDE);
    }
    const after = process.memoryUsage();
    // A batch is 16 KiB, the file 1 GiB.
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(BYTES / 64);
    expect(after.rss - before.rss).toBeLessThan(BYTES / 8);
  });

  it("are those of the whole file", async () => {
    const data = Uint8Array.from({ length: 5 * 6 }, (_, i) => (i * 37) % 256);
    await writeFile(path("small"), serializeIdx({ shape: [5, 2, 3], data }));
    await writeFile(path("small-labels"), serializeIdx({ shape: [5], data: Uint8Array.of(3, 1, 4, 1, 5) }));
    const files = { images: path("small"), labels: path("small-labels"), ...named };
    const whole = await readImagesAndLabels(files);
    const part = await (await streamImagesAndLabels(files)).read(Uint32Array.of(4, 2));
    expect(part.images).toEqual(Uint8Array.of(...whole.images.subarray(24, 30), ...whole.images.subarray(12, 18)));
    expect(part.labels).toEqual(Uint8Array.of(5, 4));
  });

  it("are refused in words", async () => {
    const small = serializeIdx({ shape: [2, 1, 1], data: new Uint8Array(2) });
    await writeFile(path("gzipped"), gzipSync(small));
    await writeFile(path("cut"), small.slice(0, -1));
    await writeFile(path("two"), serializeIdx({ shape: [2], data: Uint8Array.of(0, 12) }));
    await writeFile(path("good"), small);
    const files = (images: string, labels = "two") => ({ images: path(images), labels: path(labels), ...named });
    await expect(streamImagesAndLabels(files("gzipped"))).rejects.toThrow(
      "is gzipped, so its records cannot be read one by one; unpack it.",
    );
    await expect(streamImagesAndLabels(files("cut"))).rejects.toThrow("is cut off: its shape 2 x 1 x 1 needs 2 values");
    await expect(streamImagesAndLabels(files("good", "labels"))).rejects.toThrow(
      `has 2 images but "${path("labels")}" has ${COUNT} labels`,
    );
    await expect(streamImagesAndLabels(files("two"))).rejects.toThrow("has 1 dimensions; give the file of the images");
    await expect(streamImagesAndLabels(files("nowhere"))).rejects.toThrow("there is no such file or folder");
    const stream = await streamImagesAndLabels(files("good"));
    await expect(stream.read(Uint32Array.of(1))).rejects.toThrow(/a label is 12, but there are 10 classes/);
    await truncate(path("good"), 17);
    await expect(stream.read(Uint32Array.of(0, 1))).rejects.toThrow("has become shorter while it was read");
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import {
  parseIdx,
  readIdx,
  readImages,
  readImagesAndLabels,
  readLabels,
  serializeIdx,
  writeIdx,
} from "#spikevine/src/data/index";
import { SpikevineError } from "#spikevine/src/errors";

const folder = mkdtempSync(join(tmpdir(), "idx-"));
afterAll(() => rmSync(folder, { recursive: true }));

let serial = 0;
function file(bytes: Uint8Array, name = `file-${serial++}`): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Two images of 1 x 3 pixels, byte by byte. */
const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30, 40, 50, 255);
const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 0);

describe("IDX in memory", () => {
  it("reads literal bytes", () => {
    expect(parseIdx(images, "a")).toEqual({ shape: [2, 1, 3], data: Uint8Array.of(10, 20, 30, 40, 50, 255) });
    expect(parseIdx(labels, "a")).toEqual({ shape: [2], data: Uint8Array.of(7, 0) });
  });

  it("copies the values, also those of a Buffer", () => {
    const buffer = Buffer.from(labels);
    const { data } = parseIdx(buffer, "a");
    buffer[8] = 99;
    expect(data).toEqual(Uint8Array.of(7, 0));
  });

  it("writes literal bytes", () => {
    expect(serializeIdx({ shape: [2], data: Uint8Array.of(7, 0) })).toEqual(labels);
    expect(serializeIdx(parseIdx(images, "a"))).toEqual(images);
  });

  it("refuses to write a shape that does not fit", () => {
    expect(() => serializeIdx({ shape: [3], data: Uint8Array.of(7, 0) })).toThrow(/shape 3 does not fit 2 values/);
    expect(() => serializeIdx({ shape: [], data: Uint8Array.of(7) })).toThrow(SpikevineError);
    expect(() => serializeIdx({ shape: [0], data: new Uint8Array(0) })).toThrow(SpikevineError);
  });

  it.each<[string, number[], RegExp]>([
    ["an empty file", [], /"x.idx" is empty; download/],
    ["a very short file", [0, 0, 8], /ends after 3 bytes/],
    [
      "a wrong magic number",
      [0x89, 0x50, 0x4e, 0x47, 1, 2],
      /not an IDX file: it begins with 89 50 4e 47, not 00 00 08/,
    ],
    ["floats", [0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0, 0], /holds single-precision numbers, not unsigned bytes; convert/],
    ["an unknown type", [0, 0, 1, 1, 0, 0, 0, 1, 0], /an unknown type 0x01/],
    ["no dimensions", [0, 0, 8, 0, 1], /claims 0 dimensions/],
    ["too many dimensions", [0, 0, 8, 255, 1], /claims 255 dimensions/],
    ["a header cut off", [0, 0, 8, 3, 0, 0, 0, 2, 0], /ends inside its header/],
    ["no samples", [0, 0, 8, 1, 0, 0, 0, 0], /has no values: its shape is 0/],
    [
      "a size that overflows",
      [0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255, 1],
      /claims 4294967295 x 4294967295 bytes/,
    ],
    ["missing values", [0, 0, 8, 1, 0, 0, 0, 3, 1, 2], /is cut off: its shape 3 needs 3 values, it has 2/],
    ["trailing bytes", [0, 0, 8, 1, 0, 0, 0, 1, 1, 2], /has bytes after the 1 values of its shape 1/],
  ])("refuses %s, in memory, plain and gzipped alike", async (_, bytes, message) => {
    const data = Uint8Array.from(bytes);
    expect(() => parseIdx(data, "x.idx")).toThrow(message);
    const onDisk = new RegExp(message.source.replace('"x.idx"', '"[^"]*"').replace("it has 2", "it has \\d+"));
    for (const path of [file(data), file(gzipSync(data))]) {
      const error = await readIdx(path).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(SpikevineError);
      expect((error as Error).message).toMatch(onDisk);
      expect((error as Error).message).toContain(path);
    }
  });
});

describe("IDX files", () => {
  it("are read whether gzipped or not, whatever their name", async () => {
    for (const path of [file(images, "a.gz"), file(gzipSync(images), "b")]) {
      expect((await readImages(path)).data).toEqual(Uint8Array.of(10, 20, 30, 40, 50, 255));
    }
  });

  it("are written plain or gzipped by their name", async () => {
    const array = { shape: [4, 2, 2], data: Uint8Array.from({ length: 16 }, (_, i) => i) };
    for (const name of ["w.idx", "w.idx.gz"]) {
      await writeIdx(join(folder, name), array);
      expect(await readIdx(join(folder, name))).toEqual(array);
    }
  });

  it("make a data set of images and labels", async () => {
    const set = await readImagesAndLabels({
      images: file(images),
      labels: file(gzipSync(labels)),
      name: "two",
      classes: 10,
    });
    expect(set).toMatchObject({ name: "two", count: 2, pixels: 3, classes: 10, shape: [1, 3] });
    expect([...set.labels]).toEqual([7, 0]);
  });

  it("refuse a missing file, a folder, and the wrong kind of file", async () => {
    await expect(readIdx(join(folder, "none.gz"))).rejects.toThrow(/cannot read ".*none.gz": there is no such file/);
    await expect(readIdx(folder)).rejects.toThrow(SpikevineError);
    await expect(readImages(file(labels))).rejects.toThrow(/holds labels, not images/);
    await expect(readLabels(file(images))).rejects.toThrow(/holds images, not labels/);
  });

  it("refuse pairs that do not belong together", async () => {
    const three = file(serializeIdx({ shape: [3], data: Uint8Array.of(1, 2, 3) }));
    const pair = { images: file(images), name: "x", classes: 10 };
    await expect(readImagesAndLabels({ ...pair, labels: three })).rejects.toThrow(/has 2 images but ".*" has 3 labels/);
    const large = file(serializeIdx({ shape: [2], data: Uint8Array.of(1, 10) }));
    await expect(readImagesAndLabels({ ...pair, labels: large })).rejects.toThrow(
      /has the label 10 at sample 1; labels go from 0 to 9/,
    );
  });

  it("refuse damaged gzip data", async () => {
    const packed = gzipSync(
      serializeIdx({ shape: [5000], data: Uint8Array.from({ length: 5000 }, (_, i) => (i * i) % 251) }),
    );
    await expect(readIdx(file(packed.subarray(0, packed.length - 20)))).rejects.toThrow(/is a cut off gzip file/);
    const flipped = Uint8Array.from(packed);
    flipped[packed.length - 6]! ^= 1;
    await expect(readIdx(file(flipped))).rejects.toThrow(/is a damaged gzip file/);
    await expect(readIdx(file(Buffer.concat([packed, Buffer.alloc(9)])))).rejects.toThrow(/bytes after its gzip data/);
    await expect(readIdx(file(Buffer.concat([packed, packed])))).rejects.toThrow(/bytes after the 5000 values/);
  });

  it("cannot make it set aside more than they could fill", async () => {
    const claimsMuch = Uint8Array.of(0, 0, 8, 1, 0x3f, 0xff, 0xff, 0xff, 1, 2);
    const bomb = file(gzipSync(Buffer.concat([Buffer.from(labels), Buffer.alloc(200_000_000)])));
    const before = process.memoryUsage().arrayBuffers;
    const start = performance.now();
    await expect(readIdx(file(claimsMuch))).rejects.toThrow(/needs 1073741823 values/);
    await expect(readIdx(file(gzipSync(claimsMuch)))).rejects.toThrow(/needs 1073741823 values/);
    await expect(readIdx(bomb)).rejects.toThrow(/has bytes after the 2 values/);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  }, 20_000);
});

describe("IDX fuzz", () => {
  const arrays = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
    const length = shape.reduce((a, b) => a * b, 1);
    return fc.record({
      shape: fc.constant(shape),
      data: fc.uint8Array({ minLength: length, maxLength: length }),
    });
  });

  it("reads back every array", () => {
    fc.assert(
      fc.property(arrays, (array) => {
        expect(parseIdx(serializeIdx(array), "x")).toEqual(array);
      }),
      { numRuns: 500 },
    );
  });

  it("gives the right values or a SpikevineError for any damage, in memory and in files", async () => {
    await fc.assert(
      fc.asyncProperty(
        arrays,
        fc.boolean(),
        fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 3 }),
        fc.option(fc.nat(60)),
        async (array, packed, damage, cut) => {
          const whole = serializeIdx(array);
          const bytes = packed ? Uint8Array.from(gzipSync(whole)) : whole;
          let touched = false;
          for (const [at, value] of damage) {
            if (at < bytes.length && bytes[at] !== value) {
              bytes[at] = value;
              touched = true;
            }
          }
          const given = cut === null ? bytes : bytes.subarray(0, Math.min(cut, bytes.length));
          touched ||= given.length < bytes.length;
          const path = file(given, "fuzz");
          const result = await readIdx(path).catch((error: unknown) => error);
          if (!touched) expect(result).toEqual(array);
          else if (result instanceof Error) expect(result).toBeInstanceOf(SpikevineError);
          else expect((result as { data: Uint8Array }).data.length).toBeLessThanOrEqual(1296);
        },
      ),
      { numRuns: 400 },
    );
  }, 60_000);

  it("never fails otherwise on arbitrary bytes", () => {
    const bytes = fc.tuple(
      fc.constantFrom<number[]>([], [0, 0, 8], [0, 0, 8, 1], [0, 0, 8, 3]),
      fc.uint8Array({ maxLength: 40 }),
    );
    fc.assert(
      fc.property(bytes, ([head, tail]) => {
        try {
          const { shape, data } = parseIdx(Uint8Array.from([...head, ...tail]), "x");
          expect(data).toHaveLength(shape.reduce((a, b) => a * b, 1));
        } catch (error) {
          expect(error).toBeInstanceOf(SpikevineError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

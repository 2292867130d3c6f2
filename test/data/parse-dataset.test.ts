import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { describeDataset, type ParseOptions, parseDataset, readDataset, serializeIdx } from "#spikevine/src/data/index";
import { serializeNpy, serializeNpz, serializeSafetensors } from "#spikevine/src/io/index";
import { failure } from "./failure.js";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

describe("CSV", () => {
  const csv = (content: string, options: ParseOptions = { labels: "label" }) =>
    parseDataset(text(content), "a/x.csv", options);

  it("has one column of labels, wherever it is, by name or number", async () => {
    for (const labels of ["kind", "2"]) {
      const data = await csv("a,kind,b\n1,0,2.5\n-3e2,1,4\n", { labels });
      expect(data).toMatchObject({ name: "x.csv", count: 2, pixels: 2, classes: 2, labels: Uint8Array.of(0, 1) });
      expect(data.images).toEqual(Float32Array.of(1, 2.5, -300, 4));
      expect(data.shape).toBeUndefined();
    }
    const data = await csv("1,2,0\n3,4,1", { labels: "3" });
    expect(data.images).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(describeDataset(data)).toBe(
      "x.csv: 2 samples of 2 values; numbers 1 to 4, mean 2.5\n2 classes of 1 samples",
    );
  });

  it("may have a byte-order mark, quotes, other delimiters and line ends, and empty lines", async () => {
    const content = '\ufeff"a ""1""\nx";label\r\n\r\n"1";"cat"\r\n 2 ; dog \r\n\r\n';
    const data = await csv(content);
    expect([data.images, data.labels, data.classNames]).toEqual([
      Float32Array.of(1, 2),
      Uint8Array.of(0, 1),
      ["cat", "dog"],
    ]);
    expect((await csv("a\tlabel\n1\t0\n")).images).toEqual(Float32Array.of(1));
  });

  it("may begin with a sample whose label is a text", async () => {
    const data = await csv("1,cat\n2,dog\n3,cat\n", { labels: "2" });
    expect([data.images, data.labels]).toEqual([Float32Array.of(1, 2, 3), Uint8Array.of(0, 1, 0)]);
    // Numbers as the names of columns, as pandas writes them.
    expect((await csv("0,label\n7,1\n8,0\n", { labels: "2" })).images).toEqual(Float32Array.of(7, 8));
  });

  it("numbers names in their order, or as another file does", async () => {
    const rows = "v,label\n1,b\n2,c\n3,a\n";
    expect([...(await csv(rows)).labels]).toEqual([1, 2, 0]);
    const data = await csv(rows, { labels: "label", classNames: ["c", "b", "a", "d"] });
    expect([[...data.labels], data.classes]).toEqual([[1, 0, 2], 4]);
    expect(await failure(csv(rows, { labels: "label", classNames: ["a", "b"] }))).toBe(
      'data: "a/x.csv" has the label "c" at sample 1; the classes are a, b.',
    );
  });

  it("may be an image per row, with a scale", async () => {
    const data = await csv("p,q,r,s,label\n0,8,16,4,1\n", { labels: "label", shape: [2, 2], scale: 16, classes: 3 });
    expect([data.images, data.shape, data.classes]).toEqual([Float32Array.of(0, 0.5, 1, 0.25), [2, 2], 3]);
  });

  it.each<[string, string, ParseOptions, string]>([
    [
      "no name",
      "a,b\n1,2",
      {},
      'data: labels of "a/x.csv" is missing; give labels (--labels): one of its columns a, b.',
    ],
    [
      "another name",
      "a,b\n1,2",
      { labels: "c" },
      'data: "a/x.csv" has no column "c"; give labels (--labels): one of its columns a, b.',
    ],
    [
      "a name without names",
      "1,2",
      { labels: "c" },
      'has no column "c"; give labels (--labels): the number of its column, from 1 to 2.',
    ],
    ["column 0", "1,2", { labels: "0" }, 'has no column "0"'],
    ["two columns of the name", "label,label\n1,2", { labels: "label" }, 'has 2 columns "label"'],
    ["labels only", "label\n1", { labels: "label" }, "has no column beside the labels"],
    ["names only", "a,label\n", { labels: "label" }, "has no rows beside the names of its columns"],
    ["empty lines only", "\n\n", { labels: "label" }, "is empty; give a table"],
    [
      "a text",
      "a,label\n1,0\nred,1",
      { labels: "label" },
      'data: "a/x.csv" has "red" in line 3, column "a"; give finite numbers.',
    ],
    ["an empty cell", "a,label\n,0", { labels: "label" }, "has an empty cell in line 2"],
    ["a missing value in the first line", "nan,1\n2,0", { labels: "2" }, 'has "nan" in line 1, column 1'],
    ["a missing cell in the first line", ",1\n2,0", { labels: "2" }, "has an empty cell in line 1, column 1"],
    ["infinity", "1,2\n1e999,0", { labels: "2" }, 'has "1e999" in line 2, column 1'],
    ["a long row", 'a,label\n"1\n",0\n1,2,3', { labels: "label" }, "has 3 cells in line 4, but 2 in the first line"],
    ["no label", "a,label\n1,", { labels: "label" }, "has no label in line 2"],
    ["an open quote", 'a,label\n"1,0', { labels: "label" }, "has a quote in line 2 that does not end; close it"],
    ["text behind a quote", 'a,label\n"1"2,0', { labels: "label" }, "has text behind a quote in line 2"],
    [
      "fractions as labels",
      "a,label\n1,0.5",
      { labels: "label" },
      "labels[0] is 0.5; give whole numbers from 0 to classes - 1.",
    ],
    ["another shape", "a,label\n1,0", { labels: "label", shape: [2, 2] }, "the shape 2 x 2 does not fit the 1 pixels"],
  ])("is refused with %s", async (_, content, options, message) => {
    expect(await failure(csv(content, options))).toContain(message);
  });

  it("is refused if it is not UTF-8", async () => {
    expect(await failure(parseDataset(Uint8Array.of(0x61, 0xff, 0x2c), "x.csv", { labels: "1" }))).toContain(
      "is not text in UTF-8",
    );
  });
});

describe("arrays", () => {
  const images = { shape: [2, 2, 3], data: Float32Array.from({ length: 12 }, (_, i) => i / 11) };
  const y = { shape: [2], data: Int32Array.of(1, 0) };
  const npz = serializeNpz({ x: images, y });

  it("of an .npz file are samples and labels", async () => {
    const data = await parseDataset(npz, "my.npz", { labels: "y" });
    expect(data).toMatchObject({
      name: "my.npz",
      count: 2,
      pixels: 6,
      shape: [2, 3],
      labels: Uint8Array.of(1, 0),
      images: images.data,
    });
    expect((await parseDataset(gzipSync(npz), "my.npz.gz", { labels: "y", images: "x" })).count).toBe(2);
  });

  it("of a safetensors file too, of any type", async () => {
    const tensors = new Map<string, { shape: number[]; data: Int16Array | BigInt64Array }>([
      ["x", { shape: [2, 2], data: Int16Array.of(0, 4, 8, 16) }],
      ["y", { shape: [2, 1], data: BigInt64Array.of(2n, 0n) }],
    ]);
    const data = await parseDataset(serializeSafetensors(tensors), "my", { labels: "y", scale: 16 });
    expect([data.images, [...data.labels], data.classes]).toEqual([Float32Array.of(0, 0.25, 0.5, 1), [2, 0], 3]);
  });

  it("of .npy and IDX files have their labels in another file", async () => {
    const npy = serializeNpy({ shape: [2, 4], data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 255) });
    for (const labelFile of [
      serializeNpy({ shape: [2], data: Uint8Array.of(1, 0) }),
      gzipSync(serializeIdx({ shape: [2], data: Uint8Array.of(1, 0) })),
      text("\ufeff1\r\n0\r\n\n"),
    ]) {
      const data = await parseDataset(npy, "x.npy", { labelFile });
      expect([data.images[7], [...data.labels]]).toEqual([255, [1, 0]]);
    }
    const idx = serializeIdx({ shape: [2, 2, 2], data: new Uint8Array(8).fill(9) });
    const named = await parseDataset(idx, "anything", { labelFile: text("dog\ncat\n") });
    expect([named.shape, named.classNames, [...named.labels]]).toEqual([
      [2, 2],
      ["cat", "dog"],
      [1, 0],
    ]);
  });

  it("of images may have their channels last", async () => {
    // Sample 0 has the value 10 p + c at pixel p and channel c.
    const data = Uint8Array.from({ length: 2 * 5 * 6 * 3 }, (_, i) => (Math.floor(i / 3) % 30) * 8 + (i % 3));
    const last = await parseDataset(serializeNpy({ shape: [2, 5, 6, 3], data }), "x.npy", { labelFile: text("0\n1") });
    expect(last.shape).toEqual([3, 5, 6]);
    expect([0, 1, 29, 30, 89, 90].map((i) => last.images[i])).toEqual([0, 8, 232, 1, 234, 0]);
    const first = await parseDataset(serializeNpy({ shape: [2, 3, 5, 6], data }), "x.npy", { labelFile: text("0\n1") });
    expect([first.shape, first.images]).toEqual([[3, 5, 6], data]);
  });

  it("of small images need a shape where their channels may be first or last", async () => {
    const small = serializeNpy({ shape: [1, 2, 2, 3], data: Uint8Array.from({ length: 12 }, (_, i) => i) });
    const read = (shape?: [number, number, number]) => parseDataset(small, "x.npy", { labelFile: text("0"), shape });
    expect(await failure(read())).toBe(
      'data: "x.npy" has the shape [1, 2, 2, 3], whose channels may be first or last; give shape: 2,2,3 if they are first, 3,2,2 if they are last (--shape).',
    );
    expect([...(await read([2, 2, 3])).images]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect([...(await read([3, 2, 2])).images]).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
  });

  it("of truth values are 0 and 1", async () => {
    const header = JSON.stringify({
      x: { dtype: "BOOL", shape: [2, 2], data_offsets: [0, 4] },
      y: { dtype: "U8", shape: [2], data_offsets: [4, 6] },
    });
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(header.length));
    const file = Buffer.concat([size, Buffer.from(header), Buffer.of(0, 1, 1, 0, 0, 1)]);
    const { images } = await parseDataset(file, "x.safetensors", { labels: "y" });
    expect([...images]).toEqual([0, 1, 1, 0]);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    [
      "no labels named",
      () => parseDataset(npz, "a.npz"),
      'data: "a.npz" has the arrays x, y; give labels (--labels), the name of one.',
    ],
    [
      "another name",
      () => parseDataset(npz, "a.npz", { labels: "z" }),
      'has no array "z", but the arrays x, y; give labels (--labels)',
    ],
    [
      "several arrays of samples",
      () => parseDataset(serializeNpz({ x: images, y, z: y }), "a.npz", { labels: "y" }),
      'data: "a.npz" has the arrays x, y, z; give images (--images), the name of one.',
    ],
    ["an archive without arrays", () => parseDataset(serializeNpz({}), "a.npz", { labels: "y" }), "no arrays"],
    [
      "one label too many",
      () =>
        parseDataset(serializeNpz({ x: images, y: { shape: [3], data: Uint8Array.of(0, 1, 1) } }), "a.npz", {
          labels: "y",
        }),
      'data: "a.npz: x" has 2 samples for 3 labels; give one label for each sample.',
    ],
    [
      "a row per label",
      () =>
        parseDataset(serializeNpz({ x: images, y: { shape: [2, 2], data: Uint8Array.of(0, 1, 1, 0) } }), "a.npz", {
          labels: "y",
        }),
      "numpy.argmax(y, axis=1)",
    ],
    [
      "five dimensions",
      () =>
        parseDataset(serializeNpy({ shape: [1, 1, 1, 1, 1], data: Uint8Array.of(1) }), "a.npy", {
          labelFile: text("0"),
        }),
      "has 5 dimensions: [1, 1, 1, 1, 1]; give [count, values]",
    ],
    [
      "no samples",
      () => parseDataset(serializeNpy({ shape: [0, 4], data: new Uint8Array(0) }), "a.npy", { labelFile: text("0") }),
      "has no samples: its shape is [0, 4]",
    ],
    [
      "numbers that are not finite",
      () =>
        parseDataset(serializeNpy({ shape: [1, 2], data: Float32Array.of(1, Number.NaN) }), "a.npy", {
          labelFile: text("0"),
        }),
      "images[sample 0, pixel 1] is NaN",
    ],
    [
      "no file of labels",
      () => parseDataset(serializeNpy(images), "a.npy"),
      '"a.npy" has no labels; give labels (--labels)',
    ],
    [
      "another file of labels",
      () => parseDataset(serializeNpy(images), "a.npy", { labelFile: npz }),
      "is no file of labels",
    ],
    [
      "an empty line",
      () => parseDataset(serializeNpy(images), "a.npy", { labelFile: text("0\n\n1") }),
      "has no label in line 2",
    ],
    ["an empty file", () => parseDataset(new Uint8Array(0), "a.npy"), '"a.npy" is empty'],
    [
      "a file of another format",
      () => parseDataset(Uint8Array.of(1, 2, 0, 3), "a.xyz"),
      "has no format that is read; give CSV",
    ],
    ["a cut off gzip file", () => parseDataset(gzipSync(npz).subarray(0, -30), "a.gz"), "is cut off"],
    ["a damaged gzip file", () => parseDataset(gzipSync(npz).fill(255, 12, 20), "a.gz"), "is damaged"],
    [
      "floats in IDX",
      () => parseDataset(Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 1), "a", { labelFile: text("0") }),
      "single-precision",
    ],
    [
      "an option that has no meaning",
      () => parseDataset(text("a,b\n1,0"), "x.csv", { labels: "b", images: "a" }),
      "images (--images) has no meaning",
    ],
    ["a wrong .bin", () => parseDataset(text("hello"), "a.bin"), "not whole records of 3073"],
  ])("are refused with %s", async (_, read, message) => {
    expect(await failure(read())).toContain(message);
  });

  it("report values outside of the range", async () => {
    const warnings: string[] = [];
    const file = serializeNpy({ shape: [1, 2], data: Int32Array.of(0, 16) });
    await parseDataset(file, "x.npy", { labelFile: text("0"), onWarning: (problem) => warnings.push(problem) });
    expect(warnings).toEqual([
      'data: the largest pixel of "x.npy" is 16, and an encoder codes numbers in [0, 1]; give scale: 16 (--scale 16) if that is white.',
    ]);
  });
});

describe("files", () => {
  const folder = mkdtempSync(join(tmpdir(), "dataset-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const put = (name: string, content: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  it("are read by their paths", async () => {
    const labels = put("y.txt", text("1\n0\n"));
    const images = put("x.npy", serializeNpy({ shape: [2, 2], data: Uint8Array.of(1, 2, 3, 4) }));
    expect([...(await readDataset(images, { labels })).labels]).toEqual([1, 0]);
    expect((await readDataset(put("x.csv", text("a,b\n1,2\n")), { labels: "b" })).count).toBe(1);
    expect(await failure(readDataset(images))).toMatch(/x.npy" has no labels; give labels \(--labels\), the path of/);
    expect(await failure(readDataset(images, { labels: join(folder, "z") }))).toContain(
      "there is no such file or folder",
    );
    const link = join(folder, "link");
    symlinkSync(images, link);
    expect((await readDataset(link, { labels })).name).toBe("link");
  });

  it.skipIf(process.platform === "win32")("are refused if they are folders, pipes or devices", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const images = put("z.npy", serializeNpy({ shape: [1, 2], data: Uint8Array.of(1, 2) }));
    for (const path of [pipe, "/dev/zero"]) {
      expect(await failure(readDataset(path, { labels: "y" }))).toMatch(/cannot read ".*": it is a device or a pipe/);
      expect(await failure(readDataset(images, { labels: path }))).toMatch(
        /cannot read ".*": it is a device or a pipe/,
      );
    }
    expect(await failure(readDataset(images, { labels: folder }))).toMatch(/cannot read ".*": it is a folder/);
    expect(await failure(readDataset(join(folder, "nowhere")))).toMatch(/there is no such file or folder/);
  });

  const shared = new URL("../../../shared/data/digits/", import.meta.url).pathname;
  it.skipIf(!existsSync(shared))("of the UCI's digits are the same as CSV and as IDX", async () => {
    const csv = await readDataset(join(shared, "digits.csv.gz"), { labels: "65", scale: 16, shape: [8, 8] });
    const idx = await readDataset(join(shared, "t10k-images-idx3-ubyte.gz"), {
      labels: join(shared, "t10k-labels-idx1-ubyte.gz"),
      scale: 16,
    });
    expect({ ...csv, name: "" }).toEqual({ ...idx, name: "" });
    expect([csv.count, csv.classes, csv.shape]).toEqual([1797, 10, [8, 8]]);
  });
});

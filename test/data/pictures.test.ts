import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodePng } from "#spikevine/src/data/formats/png";
import { describeDataset, readDataset } from "#spikevine/src/data/index";
import { spikevine } from "../cli/run-cli.js";
import { failure } from "./failure.js";
import { chunk, header, type PngInput, pngFile, SIGNATURE } from "./png-file.js";

describe("PNG", () => {
  /** Samples that look random, below 2^depth. */
  const noise = (length: number, depth: number): number[] =>
    Array.from({ length }, (_, i) => Math.floor(((Math.sin(i * 12.9898) * 43758.5453) % 1) ** 2 * 2 ** depth));
  const COUNT: Readonly<Record<number, number>> = { 0: 1, 2: 3, 4: 2, 6: 4 };

  it.each([
    ...[1, 2, 4, 8, 16].map((depth) => [0, depth] as const),
    ...[2, 4, 6].flatMap((color) => [8, 16].map((depth) => [color, depth] as const)),
  ])("of colour type %i with %i bits is decoded, with every filter, interlaced or not", async (color, depth) => {
    for (const [width, height] of [
      [1, 1],
      [5, 11],
      [9, 8],
    ] as const) {
      const count = COUNT[color]!;
      const samples = noise(width * height * count, depth);
      const channels = color === 2 || color === 6 ? 3 : 1;
      const byte = (i: number): number => (depth === 16 ? samples[i]! >> 8 : (samples[i]! * 255) / (2 ** depth - 1));
      const expected = Array.from({ length: width * height * channels }, (_, i) => {
        const from = Math.floor(i / channels) * count;
        const alpha = count > channels ? byte(from + channels) / 255 : 1;
        return Math.round(byte(from + (i % channels)) * alpha);
      });
      for (const isInterlaced of [false, true]) {
        const input: PngInput = {
          width,
          height,
          color,
          depth,
          samples,
          isInterlaced,
          filter: (line) => (line + 4) % 5,
        };
        expect(await decodePng(pngFile(input), "x.png")).toEqual({
          width,
          height,
          channels,
          data: Uint8Array.from(expected),
        });
      }
    }
  });

  it("has colours of a palette, some transparent", async () => {
    const input: PngInput = {
      ...{ width: 3, height: 1, color: 3, depth: 2, samples: [2, 0, 1] },
      ...{ palette: [10, 20, 30, 40, 50, 60, 70, 80, 90], opacity: [255, 51] },
    };
    expect((await decodePng(pngFile(input), "x")).data).toEqual(Uint8Array.of(70, 80, 90, 10, 20, 30, 8, 10, 12));
    const key: PngInput = { width: 3, height: 1, color: 0, depth: 8, samples: [7, 8, 9], opacity: [0, 8] };
    expect((await decodePng(pngFile(key), "x")).data).toEqual(Uint8Array.of(7, 0, 9));
  });

  const grey = { width: 2, height: 2, color: 0, depth: 8, samples: [1, 2, 3, 4] };
  const good = pngFile(grey);
  const flipped = (at: number): Buffer => Buffer.from(good.map((byte, i) => (i === at ? byte ^ 1 : byte)));
  const around = (head: Buffer, rows: Uint8Array): Buffer =>
    Buffer.concat([SIGNATURE, head, chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);

  it.each<[string, Uint8Array, string]>([
    ["nothing", Buffer.alloc(0), 'data: "x.png" is empty; save it again, e.g. with an image editor.'],
    ["another file", Buffer.from("hello, world"), "is not a PNG file"],
    ["a cut", good.subarray(0, -5), "is cut off"],
    ["a damaged header", flipped(19), "is damaged in its part IHDR"],
    ["damaged pixels", flipped(good.length - 20), "is damaged in its part IDAT"],
    ["no header", Buffer.concat([SIGNATURE, chunk("IEND", Buffer.alloc(0))]), "does not begin with its size"],
    ["no pixels", around(header(0, 2, 8, 0), Buffer.alloc(4)), "has 0 x 2 pixels"],
    ["3 bits", around(header(2, 2, 3, 0), Buffer.alloc(4)), "has an unknown form (colour type 0 of 3 bits)"],
    ["colour type 5", around(header(2, 2, 8, 5), Buffer.alloc(4)), "colour type 5"],
    ["a huge size", around(header(2 ** 31, 2 ** 31, 8, 6), Buffer.alloc(4)), "claims 2147483648 x 2147483648 pixels"],
    ["too few pixels", around(header(2, 2, 8, 0), Buffer.alloc(5)), "has 5 bytes of pixels in place of 6"],
    ["too many pixels", around(header(2, 2, 8, 0), Buffer.alloc(100_000)), "unpacks to more than 6 bytes"],
    ["an unknown filter", around(header(1, 1, 8, 0), Buffer.of(5, 1)), "has an unknown filter 5"],
    ["no palette", around(header(1, 1, 8, 3), Buffer.of(0, 1)), "has no palette"],
    [
      "another colour",
      pngFile({ width: 1, height: 1, color: 3, depth: 8, samples: [1], palette: [1, 2, 3] }),
      "has colour 1, which its palette does not have",
    ],
  ])("is refused with %s", async (_, file, message) => {
    expect(await failure(decodePng(file, "x.png"))).toContain(message);
  });
});

describe("folders of pictures", () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "pictures-"));
  });
  afterAll(() => rm(root, { recursive: true }));
  let serial = 0;
  const grey = (value: number, width = 2): Buffer =>
    pngFile({ width, height: 1, color: 0, depth: 8, samples: Array.from({ length: width }, (_, i) => value + i) });
  const red = pngFile({ width: 2, height: 1, color: 2, depth: 8, samples: [200, 1, 2, 201, 3, 4] });
  const folderWith = async (files: Readonly<Record<string, Uint8Array>>): Promise<string> => {
    const folder = join(root, `${serial++}`);
    await mkdir(folder);
    for (const [path, content] of Object.entries(files)) {
      await mkdir(join(folder, path, ".."), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    return folder;
  };

  it("are read in the order of the classes and names, other files left out", async () => {
    const folder = await folderWith({
      "dog/2.png": grey(30),
      "dog/1.PNG": grey(20),
      "cat/x.png": grey(10),
      "cat/readme.txt": Buffer.from("hello"),
      "cat/.hidden.png": Buffer.from("hello"),
      ".git/x.png": Buffer.from("hello"),
      "list.txt": Buffer.from("hello"),
    });
    const data = await readDataset(folder);
    expect(data).toMatchObject({
      count: 3,
      pixels: 2,
      shape: [1, 2],
      classNames: ["cat", "dog"],
      labels: Uint8Array.of(0, 1, 1),
    });
    expect(data.images).toEqual(Uint8Array.of(10, 11, 20, 21, 30, 31));
    expect(describeDataset(data)).toMatch(
      /3 samples of 1 x 2 pixels; bytes 10 to 31.*\n2 classes \(cat, dog\) of 1 to 2 samples/,
    );
    const other = await readDataset(folder, { classNames: ["dog", "bird", "cat"] });
    expect([[...other.labels], other.classes]).toEqual([[2, 0, 0], 3]);
    expect(await failure(readDataset(folder, { classNames: ["dog"] }))).toContain(
      'has the class "cat"; the classes are dog',
    );
  });

  it("have three channels if one picture has colours", async () => {
    const data = await readDataset(await folderWith({ "a/1.png": grey(10), "b/1.png": red }));
    expect([data.shape, [...data.images]]).toEqual([
      [3, 1, 2],
      [10, 11, 10, 11, 10, 11, 200, 201, 1, 3, 2, 4],
    ]);
  });

  it("are refused in one sentence", async () => {
    const sizes = await folderWith({ "a/1.png": grey(10), "b/1.png": grey(10, 3) });
    expect(await failure(readDataset(sizes))).toMatch(
      /a\/1.png" has 2 x 1 pixels but ".*b\/1.png" has 3 x 1; give pictures of one size/,
    );
    expect(await failure(readDataset(await folderWith({ "a/1.txt": grey(1) })))).toMatch(
      /has no pictures; give a folder with one/,
    );
    expect(await failure(readDataset(await folderWith({ "a/1.png": Buffer.from("x") })))).toMatch(
      /1.png" is not a PNG file/,
    );
    expect(await failure(readDataset(await folderWith({ "a/1.png/2.png": grey(1) })))).toMatch(
      /1.png": it is a folder/,
    );
    const many = await folderWith({});
    for (let i = 0; i < 257; i++) await mkdir(join(many, `c${i}`));
    expect(await failure(readDataset(many))).toContain("has 257 folders of classes; give 256 classes at most");
  });

  it.skipIf(process.platform === "win32")("may have links within, but none that lead out", async () => {
    const folder = await folderWith({ "a/1.png": grey(1), "b/1.png": grey(5) });
    await symlink(join(folder, "a/1.png"), join(folder, "b/2.png"));
    expect((await readDataset(folder)).count).toBe(3);
    const elsewhere = await folderWith({ "x/1.png": grey(9) });
    await symlink(join(elsewhere, "x/1.png"), join(folder, "b/3.png"));
    expect(await failure(readDataset(folder))).toMatch(/b\/3.png" is a link that leads out of/);
    await rm(join(folder, "b/3.png"));
    await symlink(join(elsewhere, "x"), join(folder, "c"));
    expect(await failure(readDataset(folder))).toMatch(/c" is a link that leads out of/);
  });

  it("train a network from the command line, with a share or a folder of test pictures", async () => {
    const class10 = (name: string, value: number) =>
      Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${name}/${i}.png`, grey(value + i)]));
    const flags = [
      "--hidden",
      "4",
      "--steps",
      "3",
      "--epochs",
      "1",
      "--device",
      "reference",
      "--out",
      join(root, "runs"),
    ];
    const whole = await folderWith({ ...class10("dark", 0), ...class10("light", 200) });
    const { stdout, stderr } = await spikevine("train", ...flags, "--data", whole);
    expect(stderr).toBe("");
    expect(stdout).toMatch(
      /16 training, 4 test samples of 2 pixels in 2 classes\n.*2 classes \(dark, light\) of 8 samples/,
    );
    const split = await folderWith({
      ...class10("train/dark", 0),
      ...class10("train/light", 200),
      ...class10("test/light", 200),
    });
    expect((await spikevine("train", ...flags, "--data", split)).stdout).toMatch(
      /20 training, 10 test samples of 2 pixels in 2/,
    );
  });
});

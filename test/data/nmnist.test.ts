import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Events, parseNmnist, readNmnist, streamNmnist } from "#spikevine/src/data/index";
import { event } from "./nmnist-folder.js";
import { type Entry, tarArchive } from "./tar-archive.js";

describe("parseNmnist", () => {
  it("reads place, polarity and time", () => {
    const file = Uint8Array.from([...event(3, 33, 1, 0x123456), ...event(0, 0, 0, 0x7fffff)]);
    expect(parseNmnist(file, "x")).toEqual({
      x: Uint16Array.of(3, 0),
      y: Uint16Array.of(33, 0),
      p: Uint8Array.of(1, 0),
      t: Uint32Array.of(0x123456, 0x7fffff),
    });
  });

  it("adds 2^13 microseconds after an event of row 240, which is none itself", () => {
    const file = Uint8Array.from([
      ...event(1, 1, 0, 5),
      ...event(9, 240, 0, 0),
      ...event(2, 2, 0, 7),
      ...event(9, 240, 1, 3),
      ...event(3, 3, 1, 9),
    ]);
    expect(parseNmnist(file, "x")).toEqual({
      x: Uint16Array.of(1, 2, 3),
      y: Uint16Array.of(1, 2, 3),
      p: Uint8Array.of(0, 0, 1),
      t: Uint32Array.of(5, 8199, 16393),
    });
  });

  it("refuses other files by name", () => {
    expect(() => parseNmnist(new Uint8Array(7), "a.bin")).toThrow('"a.bin" has 7 bytes, not whole events of 5');
    expect(() => parseNmnist(Uint8Array.from(event(34, 0, 0, 1)), "a.bin")).toThrow(
      '"a.bin" is not a recording of N-MNIST: its event 0 is at x 34, y 0, 1 us',
    );
  });
});

describe("folders of N-MNIST", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "spikevine-nmnist-"));
    for (let digit = 0; digit < 10; digit++) await mkdir(join(folder, String(digit)));
    await writeFile(join(folder, "7", "00001.bin"), Uint8Array.from(event(1, 2, 1, 1500)));
    await writeFile(join(folder, "2", "00003.bin"), Uint8Array.from(event(4, 5, 0, 2500)));
    await writeFile(join(folder, "2", "00002.bin"), Uint8Array.from([...event(4, 5, 0, 500), ...event(4, 5, 0, 9000)]));
    await writeFile(join(folder, "2", "notes.txt"), "no recording");
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("are read in the order of the file names", async () => {
    const data = await readNmnist({ folder, bin: "1 ms" });
    expect(data).toMatchObject({ name: "n-mnist", count: 3, pixels: 2312, classes: 10, series: { steps: 10 } });
    expect(data.labels).toEqual(Uint8Array.of(7, 2, 2));
    expect(data.series!.samples.map((sample) => (sample as { t: Uint32Array }).t)).toEqual([
      Uint32Array.of(1500),
      Uint32Array.of(500, 9000),
      Uint32Array.of(2500),
    ]);
    expect((await readNmnist({ folder, bin: "1 ms", count: 2, steps: 5 })).series).toMatchObject({ steps: 5 });
  });

  it("are streamed sample by sample", async () => {
    const stream = await streamNmnist({ folder, bin: "1 ms", steps: 5 });
    expect(stream).toMatchObject({ count: 3, pixels: 2312, form: { kind: "spikes", steps: 5, bin: 1000 } });
    const part = await stream.read(Uint32Array.of(2, 0));
    expect(part.labels).toEqual(Uint8Array.of(2, 7));
    await expect(stream.read(Uint32Array.of(3))).rejects.toThrow(
      'sample 3 of "n-mnist" does not exist; it has 3 samples',
    );
    const counts = await streamNmnist({ folder, bin: "1 ms", steps: 5, as: "counts" });
    expect(counts.form).toMatchObject({ kind: "values" });
  });

  it("are refused in words", async () => {
    await expect(readNmnist({ folder: join(folder, "7"), bin: "1 ms" })).rejects.toThrow(
      /give the folder Train or Test of N-MNIST/,
    );
    await expect(readNmnist({ folder, bin: "1 ms", count: 4 })).rejects.toThrow("has 3 recordings; give at most that");
    await expect(streamNmnist({ folder, bin: "1 ms" } as never)).rejects.toThrow("steps is missing");
  });
});

describe("archives of N-MNIST", () => {
  const recordings = ["3/00002.bin", "0/00001.bin", "3/00003.bin"];
  const entriesOf = (split: string): Entry[] =>
    recordings.map((path, i) => ({ path: `${split}${path}`, content: Uint8Array.from(event(i + 1, 2, 1, 1000 * i)) }));
  const options = { bin: "1 ms", steps: 5 };
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "spikevine-nmnist-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const put = async (entries: readonly Entry[]): Promise<string> => {
    const path = join(folder, "n.tar.gz");
    await writeFile(path, gzipSync(tarArchive(entries)));
    return path;
  };

  it("are read in the order of the file names, gzipped or not, of one split", async () => {
    const both = await put([
      ...entriesOf("x/Train/"),
      ...entriesOf("x/Test/").slice(0, 1),
      { path: "x/Train/7/a.txt" },
    ]);
    const train = await readNmnist({ folder: both, split: "Train", ...options });
    expect([train.count, [...train.labels], train.shape]).toEqual([3, [0, 3, 3], [2, 34, 34]]);
    expect(train.series!.samples.map((sample) => (sample as Events).x[0])).toEqual([2, 1, 3]);
    expect((await readNmnist({ folder: both, split: "Test", ...options })).count).toBe(1);
    expect((await readNmnist({ folder: both, split: "Train", count: 2, ...options })).count).toBe(2);
    await writeFile(join(folder, "plain.tar"), tarArchive(entriesOf("")));
    expect((await readNmnist({ folder: join(folder, "plain.tar"), ...options })).labels).toEqual(train.labels);
  });

  it.each<[string, readonly Entry[], object, string]>([
    [
      "two splits",
      [...entriesOf("Train/"), ...entriesOf("Test/")],
      {},
      'has recordings of "Train" and "Test"; give split',
    ],
    ["no recording", [{ path: "readme" }], {}, "has no recordings (*.bin)"],
    ["another split", entriesOf("Train/"), { split: "Test" }, "has no recordings (*.bin)"],
    ["a name twice", [...entriesOf("Train/"), ...entriesOf("Train/")], {}, 'has two files "3/00002.bin"'],
    ["too few", entriesOf(""), { count: 4 }, "has 3 recordings; give at most that"],
    [
      "a broken recording",
      [{ path: "1/1.bin", content: Uint8Array.of(1) }],
      {},
      'n.tar.gz: 1/1.bin" has 1 bytes, not whole',
    ],
  ])("are refused with %s", async (_, entries, more, message) => {
    await expect(readNmnist({ folder: await put(entries), ...options, ...more })).rejects.toThrow(message);
  });

  it("are refused if they are no archives, and where samples are read one by one", async () => {
    const path = await put(entriesOf(""));
    await expect(streamNmnist({ folder: path, ...options })).rejects.toThrow("cannot be read one by one; unpack it");
    await writeFile(path, "hello");
    await expect(readNmnist({ folder: path, ...options })).rejects.toThrow("is not a tar archive");
    await expect(readNmnist({ folder: join(folder, "nowhere"), ...options })).rejects.toThrow("no such file or folder");
  });

  const shared = new URL("../../../shared/data/nmnist-small/", import.meta.url).pathname;
  it.skipIf(!existsSync(shared))("have the digits of MNIST's first test images", async () => {
    const test = await readNmnist({ folder: join(shared, "test.tar.gz"), bin: "10 ms", steps: 30 });
    const published = readFileSync(join(shared, "test-labels.txt"), "utf8").split("\n").slice(1, 101);
    expect([...test.labels]).toEqual(published.map((line) => Number(line.split(/\s+/)[1])));
  });
});

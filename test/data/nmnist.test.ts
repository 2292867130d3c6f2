import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseNmnist, readNmnist, streamNmnist } from "#spikevine/src/data/index";
import { event } from "./nmnist-folder.js";

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

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { CIFAR10 } from "#spikevine/src/data/catalogue";
import {
  type Cifar10Options,
  describeDataset,
  loadCifar10,
  loadDataset,
  parseCifar10,
} from "#spikevine/src/data/index";
import { failure } from "./failure.js";
import { type Entry, paxRecord, tarArchive } from "./tar-archive.js";

const root = mkdtempSync(join(tmpdir(), "cifar-"));
afterAll(() => rmSync(root, { recursive: true }));
let serial = 0;
const newFolder = (): string => {
  const path = join(root, `${serial++}`);
  mkdirSync(path);
  return path;
};

/** Records whose image i has the value (i + channel) in every pixel of a channel, and a label that counts from `first`. */
function records(first: number, count: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, i) => {
      const record = Buffer.alloc(3073);
      record[0] = (first + i) % 10;
      for (let channel = 0; channel < 3; channel++)
        record.fill(first + i + channel, 1 + 1024 * channel, 1025 + 1024 * channel);
      return record;
    }),
  );
}

const entries: readonly Entry[] = [
  { path: "cifar-10-batches-bin/", kind: "5" },
  ...[1, 2].map((part) => ({ path: `cifar-10-batches-bin/data_batch_${part}.bin`, content: records(4 * part, 4) })),
  { path: "cifar-10-batches-bin/readme.html", content: Buffer.from("hello") },
  { path: "cifar-10-batches-bin/test_batch.bin", content: records(20, 3) },
];
const archive = gzipSync(tarArchive(entries));
const file = "cifar-10-binary.tar.gz";

const options = (given: Partial<Cifar10Options> = {}): Cifar10Options => ({
  env: {},
  cacheDir: newFolder(),
  timeoutMs: 2000,
  ...given,
});
/** Loads a folder with these files. */
const loaded = (files: Readonly<Record<string, Uint8Array>>) => {
  const dataDir = newFolder();
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(dataDir, name), bytes);
  return loadCifar10(options({ dataDir }));
};
const firstPixels = ({ images, count }: { images: Uint8Array | Float32Array; count: number }): number[] =>
  Array.from({ length: count }, (_, i) => images[3072 * i]!);

describe("records", () => {
  it("are a label and three channels", () => {
    const data = parseCifar10(records(7, 2), "x.bin");
    expect(data).toMatchObject({
      count: 2,
      pixels: 3072,
      classes: 10,
      shape: [3, 32, 32],
      labels: Uint8Array.of(7, 8),
    });
    expect([0, 1023, 1024, 2047, 2048, 3071].map((p) => data.images[3072 + p])).toEqual([8, 8, 9, 9, 10, 10]);
    expect(describeDataset(data)).toBe(
      "cifar-10: 2 samples of 3 x 32 x 32 pixels; bytes 7 to 10, mean 8.5\n" +
        "10 classes (airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck) of 0 to 1 samples",
    );
  });

  it.each([
    ["no bytes", Buffer.alloc(0), 'data: "x.bin" is empty; download it again.'],
    ["half a record", Buffer.alloc(3000), "has 3000 bytes, not whole records of 3073; give CIFAR-10's binary version."],
    ["another label", Buffer.alloc(2 * 3073, 10), "has the label 10 at sample 0; labels go from 0 to 9"],
  ])("are refused if there are %s", (_, bytes, message) => {
    expect(() => parseCifar10(bytes, "x.bin")).toThrow(message);
  });
});

describe("folders", () => {
  it("have parts, gzipped or not, in the order of their numbers; each part counts once", async () => {
    const { train, test } = await loaded({
      "data_batch_10.bin": records(90, 1),
      "data_batch_2.bin.gz": gzipSync(records(20, 2)),
      "data_batch_1.bin": records(10, 1),
      "data_batch_1.bin.gz": gzipSync(records(11, 1)),
      "test_batch_first1000.bin.gz": gzipSync(records(3, 2)),
      "batches.meta.txt": Buffer.from("airplane"),
    });
    expect(firstPixels(train)).toEqual([10, 20, 21, 90]);
    expect(firstPixels(test)).toEqual([3, 4]);
  });

  it("may hold the folder of the archive, or the archive", async () => {
    const dataDir = newFolder();
    const inner = join(dataDir, "cifar-10", "cifar-10-batches-bin");
    mkdirSync(inner, { recursive: true });
    for (const { path, content } of entries)
      if (content) writeFileSync(join(inner, path.slice(path.indexOf("/"))), content);
    const packed = newFolder();
    writeFileSync(join(packed, file), archive);
    for (const folder of [dataDir, packed]) {
      const { train, test } = await loadDataset("cifar-10", { dataDir: folder, train: 7 });
      expect(firstPixels(train)).toEqual([4, 5, 6, 7, 8, 9, 10]);
      expect(firstPixels(test)).toEqual([20, 21, 22]);
    }
    const { train } = await loadCifar10({ env: { SPIKEVINE_DATA: packed } });
    expect(train.count).toBe(8);
  });

  it("are refused without a split, with a broken part, and with a link that leads out", async () => {
    const part = { "data_batch_1.bin": records(0, 1) };
    expect(await failure(loaded(part))).toMatch(/^cifar-10: ".*" does not have its files; put data_batch_\*\.bin and /);
    const cut = gzipSync(records(0, 4)).subarray(0, -20);
    expect(await failure(loaded({ ...part, "test_batch.bin.gz": cut }))).toMatch(
      /test_batch.bin.gz" is a cut off gzip/,
    );
    expect(await failure(loaded({ ...part, "test_batch.bin": Buffer.from("hello") }))).toContain(
      "has 5 bytes, not whole",
    );
    expect(await failure(loadCifar10({ dataDir: join(root, "nowhere") }))).toContain("does not have its files");
    const dataDir = newFolder();
    writeFileSync(join(dataDir, "data_batch_1.bin"), records(0, 1));
    symlinkSync(writeElsewhere(), join(dataDir, "test_batch.bin"));
    expect(await failure(loadCifar10({ dataDir }))).toMatch(/test_batch.bin" is a link that leads out of ".*"; copy/);
    rmSync(join(dataDir, "test_batch.bin"));
    mkdirSync(join(dataDir, "test_batch.bin"));
    expect(await failure(loadCifar10({ dataDir }))).toMatch(/test_batch.bin" is not a file; give the path/);
    rmSync(join(dataDir, "test_batch.bin"), { recursive: true });
    execFileSync("mkfifo", [join(dataDir, "test_batch.bin")]);
    expect(await failure(loadCifar10({ dataDir }))).toMatch(/test_batch.bin" is not a file; give the path/);
  });
  const writeElsewhere = (): string => {
    const path = join(newFolder(), "test_batch.bin");
    writeFileSync(path, records(0, 1));
    return path;
  };
});

describe("archives", () => {
  const load = (bytes: Uint8Array) => loaded({ [file]: bytes });
  const whole = tarArchive(entries);

  it("may have long names, other paths, and no gzip", async () => {
    const deep = `${"deep/".repeat(40)}data_batch_1.bin`;
    const others = [
      { path: "x", kind: "x", content: paxRecord("path", deep) },
      { path: "data", content: records(1, 1) },
      { path: "L", kind: "L", content: Buffer.from(`${deep.replace("1.bin", "2.bin")}\0`) },
      { path: "data", content: records(2, 1) },
      { path: "../../test_batch.bin", content: records(3, 1) },
    ];
    const { train, test } = await load(tarArchive(others, false));
    expect([firstPixels(train), firstPixels(test)]).toEqual([[1, 2], [3]]);
  });

  it("of a well-known program are read too", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "in"));
    for (const name of ["data_batch_1.bin", "test_batch.bin"]) writeFileSync(join(folder, "in", name), records(5, 2));
    for (const format of ["gnu", "posix", "ustar"]) {
      execFileSync("tar", ["-c", "-z", "-f", join(folder, file), `--format=${format}`, "-C", folder, "in"]);
      expect((await loadCifar10({ dataDir: folder })).train.labels).toEqual(Uint8Array.of(5, 6));
    }
  });

  it.each([
    ["no archive", Buffer.from("hello"), /is not a tar archive; download it again/],
    ["empty blocks", Buffer.alloc(1024), /is not a tar archive/],
    ["a wrong checksum", Buffer.from(whole.map((byte, i) => (i === 3 ? byte ^ 1 : byte))), /is not a tar archive/],
    ["a damaged second header", Buffer.from(whole.map((byte, i) => (i === 520 ? byte ^ 1 : byte))), /damaged tar/],
    ["a cut inside a file", whole.subarray(0, 9000), /is cut off inside "cifar-10-batches-bin\/data_batch_1.bin"/],
    ["a cut inside a header", whole.subarray(0, 800), /is cut off/],
    ["no test images", tarArchive(entries.slice(0, 4)), /has no file of the test images/],
    ["a part twice", tarArchive([...entries, entries[1]!]), /has two files "data_batch_1.bin"/],
    ["a link", tarArchive([entries[1]!, { path: "test_batch.bin", kind: "2" }]), /has no file of the test images/],
    [
      "a broken part",
      tarArchive([entries[1]!, { path: "test_batch.bin", content: Buffer.alloc(9) }]),
      /gz: test_batch.bin" has 9 b/,
    ],
  ])("are refused with %s", async (_, bytes, message) => {
    expect(await failure(load(bytes))).toMatch(message);
    expect(await failure(load(gzipSync(bytes)))).toMatch(message);
  });

  it("that claim a huge file are refused before memory is allocated", async () => {
    const header = tarArchive([{ path: "data_batch_1.bin" }], false);
    header.write("77777777777\0", 124);
    header.write("        ", 148);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    expect(await failure(load(header))).toContain('has "data_batch_1.bin" of 8589934591 bytes, more than 268435456');
  });
});

describe("downloading", () => {
  it("checks the archive, keeps it, and does not download again", async () => {
    let requests = 0;
    let sent = Buffer.concat([archive.subarray(0, -1), Buffer.of(1)]);
    const server = createServer((request, response) => {
      requests++;
      expect(request.url).toBe(`/${file}`);
      response.end(sent);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const sha256 = createHash("sha256").update(archive).digest("hex");
    const given = options({ catalogue: { mirrors: [url], archive: { file, bytes: archive.length, sha256 } } });
    const kept = join(given.cacheDir!, "cifar-10");
    const message = await failure(loadCifar10(given));
    expect(message.split("\n")).toEqual([
      "cifar-10: the data is not on this machine and could not be downloaded.",
      "  SPIKEVINE_DATA: not set",
      `  ${join(kept, file)}: there is no such file`,
      `  ${url}${file}: sent other bytes: the SHA-256 is wrong`,
      `Without a network, put this file into a folder: ${file}.`,
      `Then give that folder with --data-dir or in SPIKEVINE_DATA, or copy the files to "${kept}".`,
      "Or train on the built-in digits, which need no files: --data digits.",
    ]);
    expect(readdirSync(kept)).toEqual([]);
    sent = archive;
    expect((await loadCifar10(given)).train.count).toBe(8);
    expect((await loadCifar10(given)).test.count).toBe(3);
    expect(requests).toBe(2);
    writeFileSync(join(kept, file), "hello");
    expect(await failure(loadCifar10(given))).toMatch(/is damaged: its SHA-256 is not the published one; delete it/);
    server.close();
  });

  it("takes the published archive", () => {
    expect(CIFAR10.archive).toEqual({
      file,
      bytes: 170052171,
      sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    });
  });
});

describe("real files", () => {
  const shared = new URL("../../../shared/data/cifar10-small/", import.meta.url).pathname;

  it.skipIf(!existsSync(shared))("are read as published", async () => {
    const { train, test } = await loadCifar10({ dataDir: shared });
    expect([train.count, test.count]).toEqual([10_000, 1000]);
    const bytes = gunzipSync(readFileSync(join(shared, "data_batch_1.bin.gz")));
    for (const sample of [0, 1, 4321, 9999]) {
      expect(train.labels[sample]).toBe(bytes[3073 * sample]);
      expect(Buffer.from(train.images.subarray(3072 * sample, 3072 * (sample + 1)) as Uint8Array)).toEqual(
        bytes.subarray(3073 * sample + 1, 3073 * (sample + 1)),
      );
    }
    expect([...train.labels.subarray(0, 5)].map((label) => train.classNames![label])).toEqual([
      ...["frog", "truck", "truck", "deer", "automobile"],
    ]);
  });
});

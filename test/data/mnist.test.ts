import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { CATALOGUE } from "#spikevine/src/data/catalogue";
import {
  type CatalogueEntry,
  type DownloadProgress,
  loadDataset,
  loadMnist,
  type MnistOptions,
  serializeIdx,
} from "#spikevine/src/data/index";
import { failure } from "./failure.js";

const root = mkdtempSync(join(tmpdir(), "mnist-"));
afterAll(() => rmSync(root, { recursive: true }));
let serial = 0;
const newFolder = (): string => {
  const path = join(root, `${serial++}`);
  mkdirSync(path);
  return path;
};

/** Small files under the official names: 30 training and 10 test images of 28 x 28. */
const files: Readonly<Record<string, Buffer>> = Object.fromEntries(
  (
    [
      ["train", 30],
      ["t10k", 10],
    ] as const
  ).flatMap(([split, count]) => [
    [
      `${split}-images-idx3-ubyte.gz`,
      gzipSync(
        serializeIdx({
          shape: [count, 28, 28],
          data: Uint8Array.from({ length: count * 784 }, (_, i) => (i * 31) % 256),
        }),
      ),
    ],
    [
      `${split}-labels-idx1-ubyte.gz`,
      gzipSync(serializeIdx({ shape: [count], data: Uint8Array.from({ length: count }, (_, i) => i % 10) })),
    ],
  ]),
);

const describeFile = (file: string) => ({
  file,
  bytes: files[file]!.length,
  sha256: createHash("sha256").update(files[file]!).digest("hex"),
});

function catalogue(...mirrors: string[]): CatalogueEntry {
  return {
    classes: 10,
    mirrors,
    files: {
      trainImages: describeFile("train-images-idx3-ubyte.gz"),
      trainLabels: describeFile("train-labels-idx1-ubyte.gz"),
      testImages: describeFile("t10k-images-idx3-ubyte.gz"),
      testLabels: describeFile("t10k-labels-idx1-ubyte.gz"),
    },
  };
}

function put(folder: string, unpack = false): string {
  for (const [name, bytes] of Object.entries(files)) {
    if (unpack) writeFileSync(join(folder, name.slice(0, -3)), gunzipSync(bytes));
    else writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function mirror(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const fileOf = (url: string | undefined): Buffer => files[(url ?? "").slice(1)]!;
const good: RequestListener = (request, response) => response.end(fileOf(request.url));
const notFound: RequestListener = (_, response) => {
  response.statusCode = 404;
  response.end("no");
};
const corrupt: RequestListener = (request, response) => {
  const bytes = Buffer.from(fileOf(request.url));
  bytes[20]! ^= 1;
  response.end(bytes);
};
const short: RequestListener = (request, response) => response.end(fileOf(request.url).subarray(0, 30));
const long: RequestListener = (request, response) => {
  response.write(fileOf(request.url));
  response.end(Buffer.alloc(1000));
};
const breaksOff: RequestListener = (request, response) => {
  response.setHeader("content-length", fileOf(request.url).length);
  response.write(fileOf(request.url).subarray(0, 30), () => response.destroy());
};
const hangs: RequestListener = () => {};
const stalls: RequestListener = (request, response) => {
  response.write(fileOf(request.url).subarray(0, 30));
};

/** Options with an empty environment and an empty cache. */
function options(given: Partial<MnistOptions> = {}): MnistOptions {
  return { name: "mnist", env: {}, cacheDir: newFolder(), timeoutMs: 2000, ...given };
}

describe("finding the files", () => {
  it("reads a given folder, gzipped or not, or its subfolder with the set's name", async () => {
    const inner = newFolder();
    mkdirSync(join(inner, "mnist"));
    put(join(inner, "mnist"));
    for (const dataDir of [put(newFolder()), put(newFolder(), true), inner]) {
      const { train, test } = await loadMnist(options({ dataDir }));
      expect(train).toMatchObject({ name: "mnist", count: 30, pixels: 784, classes: 10, shape: [28, 28] });
      expect(test.count).toBe(10);
      expect(train.labels[13]).toBe(3);
      expect(train.images[5]).toBe(155);
    }
  });

  it("reads unpacked files with a dot in their names", async () => {
    const folder = newFolder();
    for (const [name, bytes] of Object.entries(files)) {
      writeFileSync(join(folder, name.slice(0, -3).replace("-idx", ".idx")), gunzipSync(bytes));
    }
    expect((await loadMnist(options({ dataDir: folder }))).train.count).toBe(30);
  });

  it("searches no other place if a folder is given", async () => {
    const env = { SPIKEVINE_DATA: put(newFolder()) };
    const folder = newFolder();
    const message = await failure(loadMnist(options({ dataDir: folder, env })));
    expect(message).toContain(`mnist: "${folder}" has no train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, `);
    put(folder);
    rmSync(join(folder, "t10k-labels-idx1-ubyte.gz"));
    expect(await failure(loadMnist(options({ dataDir: folder, env })))).toBe(
      `mnist: "${folder}" has no t10k-labels-idx1-ubyte.gz; put the four files (gzipped or not) into it or into "${join(folder, "mnist")}".`,
    );
  });

  it("prefers SPIKEVINE_DATA to the cache, and uses the cache of XDG_CACHE_HOME", async () => {
    const env = { SPIKEVINE_DATA: put(newFolder()), XDG_CACHE_HOME: newFolder() };
    expect((await loadMnist({ name: "mnist", env })).train.count).toBe(30);
    const cache = join(env.XDG_CACHE_HOME, "spikevine", "mnist");
    mkdirSync(cache, { recursive: true });
    put(cache);
    const entry = catalogue();
    expect(
      (await loadMnist({ name: "mnist", env: { XDG_CACHE_HOME: env.XDG_CACHE_HOME }, catalogue: entry })).test.count,
    ).toBe(10);
  });

  it("checks the structure of a person's own files, not their checksums", async () => {
    const folder = put(newFolder());
    writeFileSync(join(folder, "t10k-labels-idx1-ubyte.gz"), files["train-labels-idx1-ubyte.gz"]!);
    expect(await failure(loadMnist(options({ dataDir: folder })))).toMatch(/has 10 images but ".*" has 30 labels/);
    writeFileSync(join(folder, "t10k-labels-idx1-ubyte.gz"), "hello");
    expect(await failure(loadMnist(options({ dataDir: folder })))).toMatch(/t10k-labels.*not an IDX file/);
  });

  it("refuses training and test images of different sizes", async () => {
    const folder = put(newFolder());
    writeFileSync(
      join(folder, "t10k-images-idx3-ubyte.gz"),
      serializeIdx({ shape: [10, 8, 8], data: new Uint8Array(640) }),
    );
    expect(await failure(loadMnist(options({ dataDir: folder })))).toMatch(/has 784 pixels per sample but ".*" has 64/);
  });

  it("notices the other set's files under the same names", async () => {
    const folder = put(newFolder());
    const fashion = Buffer.alloc(CATALOGUE["fashion-mnist"].files.trainImages.bytes);
    writeFileSync(join(folder, "train-images-idx3-ubyte.gz"), fashion);
    expect(await failure(loadMnist(options({ dataDir: folder })))).toMatch(/are those of fashion-mnist/);
  });

  it("refuses a damaged file in the cache and names the file to delete", async () => {
    const given = options({ catalogue: catalogue() });
    const folder = join(given.cacheDir!, "mnist");
    mkdirSync(folder);
    put(folder);
    writeFileSync(join(folder, "t10k-images-idx3-ubyte.gz"), files["train-images-idx3-ubyte.gz"]!);
    const message = await failure(loadMnist(given));
    expect(message).toBe(
      `data: "${join(folder, "t10k-images-idx3-ubyte.gz")}" is damaged: its SHA-256 is not the published one; delete it, and it will be downloaded again.`,
    );
  });
});

describe("downloading", () => {
  it("fills the cache, reports progress, and does not download again", async () => {
    let requests = 0;
    const url = await mirror((request, response) => {
      requests++;
      good(request, response);
    });
    const progress: DownloadProgress[] = [];
    const given = options({ catalogue: catalogue(url), onProgress: (step) => progress.push(step) });
    expect((await loadMnist(given)).train.count).toBe(30);
    expect(requests).toBe(4);
    expect(readdirSync(join(given.cacheDir!, "mnist")).sort()).toEqual(Object.keys(files).sort());
    const last = progress.filter((step) => step.file.startsWith("train-images")).at(-1)!;
    expect(last.receivedBytes).toBe(last.totalBytes);
    expect((await loadMnist(given)).train.count).toBe(30);
    expect(requests).toBe(4);
  });

  it.each([
    ["does not have the file", notFound, "answered HTTP 404"],
    ["sends other bytes", corrupt, "sent other bytes: the SHA-256 is wrong"],
    ["ends early", short, "sent only 30 of the"],
    ["never ends", long, "sent more than the"],
    ["breaks off", breaksOff, ": "],
    ["does not answer", hangs, "sent nothing for 0.2 s"],
    ["stops in the middle", stalls, "sent nothing for 0.2 s"],
  ] as const)("goes on to the next mirror when one %s", async (_, bad, reason) => {
    let badRequests = 0;
    const first = await mirror((request, response) => {
      badRequests++;
      bad(request, response);
    });
    const given = { catalogue: catalogue(first, await mirror(good)), timeoutMs: 200 };
    expect((await loadMnist(options(given))).train.count).toBe(30);
    expect(badRequests).toBe(1);
    const alone = options({ ...given, catalogue: catalogue(first) });
    const message = await failure(loadMnist(alone));
    expect(message).toContain(`${first}train-images-idx3-ubyte.gz: `);
    expect(message).toContain(reason);
    expect(readdirSync(alone.cacheDir!, { recursive: true }).filter((file) => file !== "mnist")).toEqual([]);
  });

  it("keeps complete files and downloads only the missing ones the next time", async () => {
    let broken = true;
    const asked: string[] = [];
    const url = await mirror((request, response) => {
      asked.push(request.url!);
      if (broken && request.url!.includes("t10k")) notFound(request, response);
      else good(request, response);
    });
    const given = options({ catalogue: catalogue(url) });
    await failure(loadMnist(given));
    broken = false;
    asked.length = 0;
    await loadMnist(given);
    expect(asked).toEqual(["/t10k-images-idx3-ubyte.gz", "/t10k-labels-idx1-ubyte.gz"]);
  });

  it("reports the attempts and the fix if there is no network", async () => {
    const closed = await mirror(good);
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    const given = options({ catalogue: catalogue(closed), env: { SPIKEVINE_DATA: "/nowhere" } });
    const message = await failure(loadMnist(given));
    expect(message.split("\n")).toEqual([
      "mnist: the data is not on this machine and could not be downloaded.",
      "  SPIKEVINE_DATA=/nowhere: does not hold the four files",
      `  ${join(given.cacheDir!, "mnist")}: does not hold the four files`,
      `  ${closed}train-images-idx3-ubyte.gz: it refused the connection`,
      "Without a network, put these four files (gzipped or not) into a folder: train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz.",
      `Then give that folder with --data-dir or in SPIKEVINE_DATA, or copy the files to "${join(given.cacheDir!, "mnist")}".`,
      "Or train on the built-in digits, which need no files: --data digits.",
    ]);
  });

  it("explains a name that cannot be looked up", async () => {
    const noNetwork = () =>
      Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ENOTFOUND" }) }));
    const given = options({ catalogue: catalogue("https://a.invalid/", "https://b.invalid/"), fetch: noNetwork });
    expect(await failure(loadMnist(given))).toMatch(
      /a\.invalid.*looked up \(no network\?\)\n.*b\.invalid.*looked up \(no network\?\)/,
    );
  });

  it("removes files of killed downloads, but none of a download that may be running", async () => {
    const given = options({ catalogue: catalogue(await mirror(good)) });
    const folder = join(given.cacheDir!, "mnist");
    mkdirSync(folder, { recursive: true });
    const host = hostname().replace(/[^A-Za-z0-9-]+/g, "_");
    const { pid: dead } = spawnSync(process.execPath, ["-e", ""]);
    const file = "train-images-idx3-ubyte.gz";
    const left = (owner: string, days = 0): string => {
      const name = `${file}.${owner}.tmp`;
      writeFileSync(join(folder, name), "half of it");
      const written = Date.now() / 1000 - days * 24 * 3600;
      utimesSync(join(folder, name), written, written);
      return name;
    };
    left(`${dead}-0@${host}`);
    left(`${dead}-1`);
    left("1-0@another-host", 2);
    const kept = [left(`${process.pid}-0@${host}`), left("1-1@another-host")];
    await loadMnist(given);
    expect(
      readdirSync(folder)
        .filter((name) => name.endsWith(".tmp"))
        .sort(),
    ).toEqual(kept.sort());
  });

  it("stops on abort and leaves no partial file", async () => {
    const control = new AbortController();
    const given = options({ catalogue: catalogue(await mirror(stalls)), signal: control.signal });
    const stopped = loadMnist(given);
    setTimeout(() => control.abort(new Error("stopped by the user")), 100);
    await expect(stopped).rejects.toThrow("stopped by the user");
    expect(readdirSync(join(given.cacheDir!, "mnist"))).toEqual([]);
  });

  it("refuses a cache that cannot be written before it downloads", async () => {
    const blocked = join(newFolder(), "file");
    writeFileSync(blocked, "");
    const given = options({ catalogue: catalogue(await mirror(good)), cacheDir: blocked });
    expect(await failure(loadMnist(given))).toMatch(/cannot write ".*train-images-idx3-ubyte.gz": .*; choose a folder/);
  });
});

describe("real files", () => {
  const shared = new URL("../../../shared/data/", import.meta.url).pathname;

  it.skipIf(!existsSync(join(shared, "mnist")))(
    "MNIST loads as published",
    async () => {
      const { train, test } = await loadMnist({ name: "mnist", dataDir: shared });
      expect([train.count, test.count, train.pixels]).toEqual([60_000, 10_000, 784]);
      expect([...train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
      let sum = 0;
      for (const value of train.images) sum += value;
      const mean = sum / 255 / train.images.length;
      expect(mean).toBeCloseTo(0.1307, 4);
    },
    30_000,
  );

  it.skipIf(!existsSync(join(shared, "fashion-mnist")))("the catalogue's checksums are those of the files", () => {
    for (const [name, entry] of Object.entries(CATALOGUE)) {
      for (const { file, bytes, sha256 } of Object.values(entry.files)) {
        const content = readFileSync(join(shared, name, file));
        expect(content.length).toBe(bytes);
        expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
      }
    }
  });
});

describe("data sets by name", () => {
  it("makes digits and cuts subsets", async () => {
    const { train, test } = await loadDataset("digits", { train: 30, test: 20, seed: 4 });
    expect([train.count, test.count]).toEqual([30, 20]);
    const read = await loadDataset("mnist", { dataDir: put(newFolder()), train: 7, test: 3 });
    expect([read.train.count, read.train.images.length, read.test.count]).toEqual([7, 7 * 784, 3]);
  });

  it("refuses an unknown name, too large a subset, and a folder for digits", async () => {
    expect(await failure(loadDataset("mnits"))).toBe('loadDataset: name is "mnits"; did you mean "mnist"?');
    expect(await failure(loadDataset("__proto__"))).toMatch(
      /name is "__proto__"; give "digits" or "mnist" or "fashion-mnist"/,
    );
    expect(await failure(loadDataset("mnist", { dataDir: put(newFolder()), train: 31 }))).toBe(
      'data: the number of samples of "mnist" is 31; give a whole number from 1 to 30.',
    );
    expect(await failure(loadDataset("digits", { dataDir: "x" }))).toMatch(/"digits" are synthetic, not read from "x"/);
  });
});
